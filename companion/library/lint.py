"""Lint the words of articles: form, safe messaging, quotable sentences, unsourced numbers. Each rule is tested with planted faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from companion.library.chunks import plain, quotable
from companion.library.documents import Finding, Severity
from companion.models import Article

MIN_WORDS, MAX_WORDS = 300, 700
MAX_HEADING_WORDS = 6
MAX_SENTENCE_WORDS = 35
REVIEW_SOON = timedelta(days=30)
_HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?]?")
_FIGURE = re.compile(r"\d\s?%|\bper ?cent\b|\bstud(?:y|ies) (?:found|show)|\bresearch (?:found|shows)", re.IGNORECASE)
_YEAR_OF_SOURCE = re.compile(r"\((?:[^()]*\b(?:19|20)\d\d[a-z]?)\)|\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Pattern:
    name: str
    pattern: re.Pattern[str]
    severity: Severity
    problem: str
    remedy: str


def _rule(name: str, pattern: str, severity: Severity, problem: str, remedy: str) -> _Pattern:
    return _Pattern(name, re.compile(pattern, re.IGNORECASE), severity, problem, remedy)


_PATTERNS = (
    _rule(
        "suicide_wording",
        r"\bcommit(?:s|ted|ting)?\s+suicide\b|\b(?:un)?successful\s+suicide\b|\bfailed\s+suicide\b",
        Severity.ERROR,
        "wording about suicide that blames or measures success.",
        'Write "died by suicide" or "suicide attempt".',
    ),
    _rule(
        "suicide_method",
        r"\b(?:overdos(?:e|ed|ing) on|hang(?:ed|ing)? (?:him|her|them|your)sel(?:f|ves)|jump(?:ed|ing)? (?:off|from) (?:a|the) (?:bridge|roof)"
        r"|slit(?:ting)? (?:his|her|their|your) wrists?)\b",
        Severity.ERROR,
        "a method of suicide or self-harm is named.",
        "Leave methods and places out.",
    ),
    _rule(
        "phone_number",
        r"(?<![\w/.-])(?!(?:19|20)\d\d-(?:(?:19|20)\d\d|\d\d-\d\d)\b)\+?\d[\d ()-]{5,}\d(?![\w/])",
        Severity.ERROR,
        "a phone number stands in an article.",
        'Write "the crisis lines on this page"; numbers live in crisis_lines.yaml only.',
    ),
    _rule(
        "therapy_claim",
        r"\b(?:clinically proven|cures|(?<!no )guarantee|guaranteed|a cure for|will (?:cure|heal|fix) you|evidence proves)\b",
        Severity.ERROR,
        "a promise of healing or a certain result.",
        "Say what people have found useful, with its source.",
    ),
    _rule(
        "empty_comfort",
        r"\b(?:stay strong|others have it worse|could be worse|man up|don[’']t worry|i understand how you feel)\b",
        Severity.WARNING,
        "a phrase that shuts people up.",
        "Leave it out.",
    ),
    _rule(
        "planted_instruction",
        r"\b(?:ignore|disregard|forget) (?:all |any )?(?:previous|prior|above|earlier) (?:instructions?|rules|messages?)\b|<\|[a-z_]+\|>"
        r"|\bsystem prompt\b|\byou are now (?:an?|called|named|acting|playing|free|unrestricted)\b|<!--|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]",
        Severity.ERROR,
        "text that could be an instruction to a model, or hidden characters.",
        "Remove it; find out where the text came from.",
    ),
)


def lint_article(article: Article, today: date) -> tuple[Finding, ...]:
    """Return what is wrong with an article's words, in reading order of the rules."""
    rules: tuple[Callable[[Article, date], Iterator[Finding]], ...] = (
        _length,
        _headings,
        _patterns,
        _unsourced_figures,
        _long_sentences,
        _voice,
        _life,
    )
    return tuple(finding for rule in rules for finding in rule(article, today))


def has_errors(article: Article) -> bool:
    """Tell whether an article has a fault for which it must never be cited, such as a phone number or a planted instruction."""
    return any(finding.severity is Severity.ERROR for finding in lint_article(article, article.reviewed_on))


def _length(article: Article, _today: date) -> Iterator[Finding]:
    words = len(plain(article.body).split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        yield _warning(article, 1, f"the text has {words} words.", f"Between {MIN_WORDS} and {MAX_WORDS} reads well on a phone.")


def _headings(article: Article, _today: date) -> Iterator[Finding]:
    for match in _HEADING.finditer(article.body):
        if len(match[1].split()) > MAX_HEADING_WORDS:
            yield _warning(article, _line(article, match.start()), "a heading is long.", f"Use at most {MAX_HEADING_WORDS} words.")


def _patterns(article: Article, _today: date) -> Iterator[Finding]:
    for rule in _PATTERNS:
        for match in rule.pattern.finditer(article.body):
            yield Finding(article.path, _line(article, match.start()), rule.severity, rule.problem, rule.remedy)


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
