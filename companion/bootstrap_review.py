"""Look at one article as the program would: read it, lint it, and try its openings on the output guard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from companion.guard_rules import GuardRules
from companion.library.documents import Finding, Severity, parse_article
from companion.library.lint import lint_article
from companion.models import Article, ReplySentence
from companion.stages.grounding import SentenceGuard


def findings_of(article: Article, rules: GuardRules, today: date) -> tuple[Finding, ...]:
    """Return everything that is wrong with an article that can be read."""
    return (*lint_article(article, today), *_voice_findings(article, rules))


def review_text(name: str, text: str, topics: frozenset[str], rules: GuardRules, today: date) -> tuple[Article | None, tuple[Finding, ...]]:
    """Return the article in a text, None when it cannot be read, and what is wrong with it.

    name: path below the knowledge folder. topics: the allowed slugs.
    """
    read = parse_article(text, name, topics)
    if isinstance(read, Finding):
        return None, (read,)
    return read, findings_of(read, rules, today)


def _voice_findings(article: Article, rules: GuardRules) -> Iterator[Finding]:
    """Yield openings and questions that the output guard would never show."""
    for line in (*article.openings, *article.questions):
        guard = SentenceGuard((), rules, is_reviewed=True)
        if guard.check(ReplySentence(line)) is None:
            problem = f"an opening or question would be held back by the rule {guard.rejected[0]}."
            yield Finding(article.path, 1, Severity.ERROR, problem, "Reword it; openings reflect, they neither advise nor promise.")
