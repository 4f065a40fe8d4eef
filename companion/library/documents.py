"""Read and validate the articles of a knowledge folder. One bad file never hides the others: it becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from companion.models import Article, EvidenceGrade, Source

MAX_FILE_BYTES = 2_000_000
"""A guard against a wrong file dropped in the folder; an article of 700 words has about 5,000."""
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)


class Severity(StrEnum):
    """Say whether a finding keeps the file from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Tell one thing wrong in a knowledge file. line: from 1. remedy: what to do about it, in plain words."""

    file: str
    line: int
    severity: Severity
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.problem} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Library:
    """Hold the readable articles, in order of path, and what is wrong with the rest."""

    articles: tuple[Article, ...]
    findings: tuple[Finding, ...]

    def citable(self, today: date) -> tuple[Article, ...]:
        """Return the articles that may be cited today."""
        return tuple(article for article in self.articles if article.is_citable(today))


ReadArticle = Callable[[Path, str, frozenset[str] | None], Article | Finding]
"""Reads one file: path, name below the knowledge folder, allowed topics."""


class _SourceFields(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=3)
    publisher: str = Field(min_length=2)
    year: int = Field(ge=1900, le=2100)
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=3, max_length=70)
    topics: list[str] = Field(min_length=1, max_length=4)
    language: str = Field(pattern=r"^[a-z]{2}$")
    summary: str = Field(min_length=10, max_length=200)
    evidence: EvidenceGrade
    sources: list[_SourceFields] = Field(default_factory=list)
    licence: str = ""
    owner: str = ""
    reviewed_on: date
    review_by: date
    openings: list[str] = Field(default_factory=list)
    questions: list[str] = Field(default_factory=list)
    asked_as: list[str] = Field(default_factory=list, max_length=40)

    @field_validator("openings", "questions")
    @classmethod
    def _are_sentences(cls, lines: list[str]) -> list[str]:
        for line in lines:
            if not line.rstrip().endswith((".", "?", "…")):
                raise ValueError("each line ends like a sentence")
        return lines


def read_library(folder: Path, *, topics: frozenset[str] | None = None, read: ReadArticle | None = None) -> Library:
    """Read every article below `folder`/articles.

    topics: the allowed slugs; None accepts any. read: how one file is read, for a caller who remembers files; None is `read_article`.
    """
    read = read or read_article
    articles: dict[str, Article] = {}
    findings: list[Finding] = []
    for path in _article_files(folder / "articles"):
        name = path.relative_to(folder).as_posix()
        found = read(path, name, topics)
        if isinstance(found, Finding):
            findings.append(found)
        elif found.id in articles:
            problem = f"the id {found.id!r} is already used by {articles[found.id].path}."
            findings.append(Finding(name, 2, Severity.ERROR, problem, "Give this article another id and file name."))
        else:
            articles[found.id] = found
    return Library(tuple(articles.values()), tuple(findings))


def read_article(path: Path, name: str, topics: frozenset[str] | None = None) -> Article | Finding:
    """Return the article in a file, or the finding that says why it cannot be used."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return _error(name, 1, f"the file is larger than {MAX_FILE_BYTES // 1_000_000} MB.", "Split it into articles.")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return _error(name, 1, "the file is not UTF-8 text.", 'Save it again with the encoding "UTF-8".')
    except OSError as exc:
        return _error(name, 1, f"the file cannot be read ({type(exc).__name__}).", "Check that it exists and may be read.")
    return parse_article(text, name, topics)


def parse_article(text: str, name: str, topics: frozenset[str] | None = None) -> Article | Finding:
    """Return the article in a text, or the finding that says why it cannot be used."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _FRONT_MATTER.match(text)
    if match is None:
        return _error(name, 1, "the facts between two lines of --- are missing at the top.", "See knowledge/README.md for the form.")
    read = _read_facts(match[1], name)
    if isinstance(read, Finding):
        return read
    fields, lines = read
    try:
        front = _FrontMatter.model_validate(fields)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return _error(name, lines.get(str(first["loc"][0]), 2), f"{where}: {first['msg']}.", "Correct this field.")
    unknown = [slug for slug in front.topics if topics is not None and slug not in topics]
    if unknown:
        return _error(name, lines.get("topics", 2), f"topics: {unknown[0]!r} is not in topics.yaml.", "Use a slug of topics.yaml.")
    body_start = match.end(2) - len(match[2].lstrip())
    return _article(front, match[2].strip(), name, text.count("\n", 0, body_start) + 1)


def _read_facts(facts: str, name: str) -> tuple[dict[str, object], dict[str, int]] | Finding:
    """Return the facts at the top of a file with the line of each, or the finding that says why they cannot be read."""
    try:
        fields = yaml.safe_load(facts)
        node = yaml.compose(facts, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        return _error(name, line, f"the YAML cannot be read: {getattr(exc, 'problem', None) or exc}.", "Put values with a colon in quotes.")
    except ValueError as exc:  # what PyYAML raises for a day such as 2026-13-01
        return _error(name, 2, f"the YAML holds a date that does not exist ({exc}).", "Write dates as year-month-day.")
    except RecursionError:
        return _error(name, 2, "the YAML is nested too deeply.", "See knowledge/README.md for the form.")
    if not isinstance(fields, dict):
        return _error(name, 2, "the facts at the top are not a list of `name: value`.", "See knowledge/README.md for the form.")
    lines = {key.value: key.start_mark.line + 2 for key, _ in node.value} if isinstance(node, yaml.MappingNode) else {}
    return fields, lines


def _article(front: _FrontMatter, body: str, name: str, body_line: int) -> Article:
    return Article(
        id=front.id,
        title=front.title,
        topics=tuple(front.topics),
        language=front.language,
        summary=front.summary,
        body=body,
        evidence=front.evidence,
        sources=tuple(Source(s.title, s.publisher, s.year, s.url) for s in front.sources),
        licence=front.licence,
        owner=front.owner,
        reviewed_on=front.reviewed_on,
        review_by=front.review_by,
        path=name,
        openings=tuple(front.openings),
        questions=tuple(front.questions),
        asked_as=tuple(front.asked_as),
        body_line=body_line,
    )


def _article_files(folder: Path) -> Iterator[Path]:
    # Path.walk-like search that does not follow links, so that a loop of links cannot trap it.
    yield from sorted(path for path in folder.rglob("*.md") if path.is_file() and path.name != "README.md")


def _error(name: str, line: int, problem: str, remedy: str) -> Finding:
    return Finding(name, line, Severity.ERROR, problem, remedy)
