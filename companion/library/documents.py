"""Articles in Markdown with their facts at the top. One bad file never hides the others: it becomes a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from companion.library.facts import article_of, read_facts
from companion.library.findings import Finding, Severity, error
from companion.models import Article

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)

__all__ = ("Finding", "Library", "Severity", "has_facts", "parse_article")


@dataclass(frozen=True, slots=True)
class Library:
    """Hold the readable articles, in order of path, and what is wrong with the rest."""

    articles: tuple[Article, ...]
    findings: tuple[Finding, ...]

    def citable(self, today: date) -> tuple[Article, ...]:
        """Return the articles that may be cited today."""
        return tuple(article for article in self.articles if article.is_citable(today))


def has_facts(text: str) -> bool:
    """Tell whether a Markdown text begins with facts between two lines of ---."""
    return FRONT_MATTER.match(text) is not None


def parse_article(text: str, name: str, topics: frozenset[str] | None = None) -> Article | Finding:
    """Return the article in a text, or the finding that says why it cannot be used.

    name: path below the knowledge folder. topics: the allowed slugs; None accepts any.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = FRONT_MATTER.match(text)
    if match is None:
        return error(name, 1, "the facts between two lines of --- are missing at the top.", "See knowledge/README.md for the form.")
    facts = read_facts(match[1], name, line=2, topics=topics)
    if isinstance(facts, Finding):
        return facts
    body_start = match.end(2) - len(match[2].lstrip())
    return article_of(facts, match[2].strip(), name, text.count("\n", 0, body_start) + 1)
