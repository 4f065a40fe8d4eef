"""Lint the words of articles: form, safe messaging, quotable sentences, unsourced numbers. Each rule is tested with planted faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from companion.library.chunks import plain, quotable
from companion.library.findings import Finding, Severity
from companion.library.lint_patterns import PLANTED, WORDINGS, disguised
from companion.library.reading_age import grade
from companion.models import Article

MIN_WORDS, MAX_WORDS = 300, 700
MAX_HEADING_WORDS = 6
MAX_SENTENCE_WORDS = 35
REVIEW_SOON = timedelta(days=30)
_HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?]?")
_FIGURE = re.compile(
    r"\d\s?%|\bper ?cent\b|\b(?:stud(?:y|ies)|research|trials?|surveys?) (?:found|finds?|shows?|showed|suggests?|proves?|proved)\b"
    r"|\b(?:one|two|three|four|six|seven|eight|nine|\d+) (?:in|out of) (?:three|four|five|six|ten|\d+)\b(?! (?:minutes|hours|days|weeks))"
    r"|\b(?:twice|(?:two|three|four|five|\d+) times) (?:as|more) (?:likely|often|common)\b|\b(?:half|a third|a quarter|two thirds) of all\b",
    re.IGNORECASE,
)
_CITED_YEAR = re.compile(r"\(([^()]*?)\b((?:19|20)\d\d)[a-z]?\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_BARE_URL = re.compile(r"https?://[^\s)>\]]+")
MAX_SECTION_WORDS = 220
"""Chosen by us: a section of more is two screens of a phone without a stop."""
MAX_ITEM_WORDS = 65
MAX_GRADE = 12.0
"""Flesch-Kincaid grade of a section from which a tired reader stumbles. A reading age of 12 is grade 7; in the first fifty articles, which people
wrote for that age, sections have 8.2 in the middle, since the formula counts "occupational health" as hard, and 94 in 100 stay below 12."""
_YEAR_OF_SOURCE = re.compile(r"\((?:[^()]*\b(?:19|20)\d\d[a-z]?)\)|\b(?:19|20)\d\d\b")


def lint_article(article: Article, today: date) -> tuple[Finding, ...]:
    """Return what is wrong with an article's words, in reading order of the rules."""
    rules: tuple[Callable[[Article, date], Iterator[Finding]], ...] = (
        _length,
        _headings,
        _wordings,
        _facts,
        _unsourced_figures,
        _unknown_sources,
        _addresses,
        _long_parts,
        _reading_age,
        _long_sentences,
        _voice,
        _life,
    )
    return tuple(finding for rule in rules for finding in rule(article, today))


def has_errors(article: Article) -> bool:
    """Tell whether an article has a fault for which it must never be cited, such as a phone number or a planted instruction.

    Only three of the rules find errors; the others take half a second of every start for style.
    """
    today = article.reviewed_on
    return any(finding.severity is Severity.ERROR for rule in (_wordings, _facts, _addresses) for finding in rule(article, today))


def _length(article: Article, _today: date) -> Iterator[Finding]:
    words = len(plain(article.body).split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        yield _warning(article, 1, f"the text has {words} words.", f"Between {MIN_WORDS} and {MAX_WORDS} reads well on a phone.")


def _headings(article: Article, _today: date) -> Iterator[Finding]:
    for match in _HEADING.finditer(article.body):
        if len(match[1].split()) > MAX_HEADING_WORDS:
            yield _warning(article, _line(article, match.start()), "a heading is long.", f"Use at most {MAX_HEADING_WORDS} words.")


def _wordings(article: Article, _today: date) -> Iterator[Finding]:
    for place, line in enumerate(article.body.split("\n")):
        for rule in disguised(line):
            yield Finding(article.path, article.body_line + place, rule.severity, f"in disguise: {rule.problem}", rule.remedy, rule.name)
    for rule in WORDINGS:
        for match in rule.pattern.finditer(article.body):
            yield Finding(article.path, _line(article, match.start()), rule.severity, rule.problem, rule.remedy, rule.name)


def _facts(article: Article, _today: date) -> Iterator[Finding]:
    """Hold what is shown beside the words to the same rules; of who made them, whatever an outsider could have planted."""
    spoken = (article.title, article.summary, *article.openings, *article.questions)
    named = (article.licence, article.owner, *(line for source in article.sources for line in (source.title, source.publisher)))
    broken = [(rule, "") for line in spoken for rule in WORDINGS if rule.pattern.search(line)]
    broken += [(rule, "") for line in named for rule in PLANTED if rule.pattern.search(line)]
    broken += [(rule, "in disguise, ") for line in (*spoken, *named) for rule in disguised(line)]
    for rule, how in broken:
        yield Finding(article.path, 1, rule.severity, f"{how}in the facts at the top: {rule.problem}", rule.remedy, rule.name)


def _unknown_sources(article: Article, _today: date) -> Iterator[Finding]:
    years = {source.year for source in article.sources}
    for match in _CITED_YEAR.finditer(article.body):
        if years and int(match[2]) not in years:
            remedy = "Add the source to `sources`, or correct the year."
            yield _warning(article, _line(article, match.start()), f"({match[1]}{match[2]}) names no source of this article.", remedy)


def _addresses(article: Article, _today: date) -> Iterator[Finding]:
    known = {source.url for source in article.sources if source.url}
    for match in _BARE_URL.finditer(article.body):
        if match[0].rstrip(".,;") not in known:
            problem, remedy = "a web address that is none of the sources.", "Add it as a source, or put it into doors.yaml."
            yield Finding(article.path, _line(article, match.start()), Severity.ERROR, problem, remedy, "address")


def _long_parts(article: Article, _today: date) -> Iterator[Finding]:
    for start, section in _sections(article.body):
        if len(section.split()) > MAX_SECTION_WORDS:
            yield _warning(
                article, _line(article, start), "a long section.", f"Cut it below {MAX_SECTION_WORDS} words, or give it two headings."
            )
    offset = 0
    for line in article.body.split("\n"):
        if line.lstrip().startswith(("- ", "* ")) and len(line.split()) > MAX_ITEM_WORDS:
            yield _warning(article, _line(article, offset), "a long list item.", f"Cut it below {MAX_ITEM_WORDS} words.")
        offset += len(line) + 1


def _reading_age(article: Article, _today: date) -> Iterator[Finding]:
    if article.language != "en":
        return  # the formula was made for English
    for start, section in _sections(article.body):
        found = grade(section)
        if found is not None and found.grade > MAX_GRADE:
            problem = f"a section that is hard to read (school year {found.grade:.0f})."
            yield _warning(
                article, _line(article, start), problem, f'Use shorter words and sentences; the hardest begins "{found.hardest[:60]}".'
            )


def lint_links(articles: Iterable[Article]) -> tuple[Finding, ...]:
    """Return the links between articles that lead nowhere: to no article by id or path, or to no heading of it."""
    known = tuple(articles)
    targets = {name: article for article in known for name in (article.id, article.path, article.path.rsplit("/", 1)[-1])}
    return tuple(finding for article in known for finding in _dead_links(article, targets))


def _dead_links(article: Article, targets: dict[str, Article]) -> Iterator[Finding]:
    for match in _LINK.finditer(article.body):
        place, _, heading = match[2].partition("#")
        if "://" in place or place.startswith(("tel:", "mailto:")):
            continue
        target = targets.get(place.removeprefix("./").rsplit("/", 1)[-1]) if place else article
        if target is None or (heading and heading not in {_anchor(found[1]) for found in _HEADING.finditer(target.body)}):
            remedy = "Correct the name of the article or heading, or remove the link."
            yield _warning(article, _line(article, match.start()), f"the link to {match[2]!r} leads nowhere.", remedy)


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _sections(body: str) -> Iterator[tuple[int, str]]:
    """Yield where each section begins, and its words."""
    starts = [match.start() for match in _HEADING.finditer(body)] or [0]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        yield start, _HEADING.sub("", body[start:end])


def _unsourced_figures(article: Article, _today: date) -> Iterator[Finding]:
    for match in _SENTENCE.finditer(article.body):
        if _FIGURE.search(match[0]) and not _YEAR_OF_SOURCE.search(match[0]):
            remedy = "Name the source with its year in the same sentence, or leave the figure out."
            yield _warning(article, _line(article, match.start()), "a figure or finding without a source.", remedy)


def _long_sentences(article: Article, _today: date) -> Iterator[Finding]:
    for match in _SENTENCE.finditer(article.body):
        if len(match[0].split()) > MAX_SENTENCE_WORDS:
            yield _warning(article, _line(article, match.start()), "a long sentence.", f"Cut it below {MAX_SENTENCE_WORDS} words.")


def _voice(article: Article, _today: date) -> Iterator[Finding]:
    if not article.openings or not article.questions:
        remedy = "Add `openings` and `questions`; replies then sound less general."
        yield _warning(article, 1, "there is no reviewed opening or question.", remedy)
    if not list(quotable(article.body)):
        yield _warning(article, 1, "no sentence can be quoted alone.", "Write short sentences that do not begin with This or It.")


def _life(article: Article, today: date) -> Iterator[Finding]:
    if not article.owner:
        yield _warning(article, 1, "nobody looks after this article.", "Add `owner`, a role or team.")
    if article.reviewed_on > today:
        yield _warning(article, 1, f"it was reviewed on {article.reviewed_on}, which is still to come.", "Correct `reviewed_on`.")
    if article.review_by < article.reviewed_on:
        yield _warning(article, 1, "`review_by` lies before `reviewed_on`.", "Correct the two dates.")
    if not article.licence:
        yield _warning(article, 1, "there is no licence, so it is never cited.", "Add `licence`.")
    if not article.sources:
        yield _warning(article, 1, "there are no sources, so it is never cited.", "Add `sources`.")
    if today > article.review_by:
        yield _warning(article, 1, f"the review was due on {article.review_by}; it is not cited until then.", "Read it and set new dates.")
    elif today + REVIEW_SOON > article.review_by:
        yield _warning(article, 1, f"the review is due on {article.review_by}.", "Plan to read it again.")


def _line(article: Article, offset: int) -> int:
    """Return the line in the article's text (from 1), counted from the end of the facts at the top."""
    return article.body.count("\n", 0, offset) + article.body_line


def _warning(article: Article, line: int, problem: str, remedy: str) -> Finding:
    return Finding(article.path, line, Severity.WARNING, problem, remedy)
