"""The facts about an article: read from front matter or a sidecar, and checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from companion.library.findings import Finding, error
from companion.library.quick_yaml import loader_for
from companion.models import Article, EvidenceGrade, Source


class _SourceFields(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=3)
    publisher: str = Field(min_length=2)
    year: int = Field(ge=1900, le=2100)
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")


class Facts(BaseModel):
    """Hold the facts about an article as they are written in a file."""

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


def read_facts(facts: str, name: str, *, line: int, topics: frozenset[str] | None = None) -> Facts | Finding:
    """Return the facts in a YAML text, or the finding that says why they cannot be used.

    line: where in the file the text begins, from 1. topics: the allowed slugs; None accepts any.
    """
    read = read_fields(facts, name, line)
    if isinstance(read, Finding):
        return read
    fields, lines = read
    try:
        found = Facts.model_validate(fields)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return error(name, lines.get(str(first["loc"][0]), line), f"{where}: {first['msg']}.", "Correct this field.")
    unknown = [slug for slug in found.topics if topics is not None and slug not in topics]
    if unknown:
        return error(name, lines.get("topics", line), f"topics: {unknown[0]!r} is not in topics.yaml.", "Use a slug of topics.yaml.")
    return found


def article_of(facts: Facts, body: str, path: str, body_line: int) -> Article:
    """Return the article of these facts and this text. body_line: line of the file where the text begins, from 1."""
    return Article(
        id=facts.id,
        title=facts.title,
        topics=tuple(facts.topics),
        language=facts.language,
        summary=facts.summary,
        body=body,
        evidence=facts.evidence,
        sources=tuple(Source(s.title, s.publisher, s.year, s.url) for s in facts.sources),
        licence=facts.licence,
        owner=facts.owner,
        reviewed_on=facts.reviewed_on,
        review_by=facts.review_by,
        path=path,
        openings=tuple(facts.openings),
        questions=tuple(facts.questions),
        asked_as=tuple(facts.asked_as),
        body_line=body_line,
    )


def read_fields(facts: str, name: str, line: int) -> tuple[Mapping[str, object], Mapping[str, int]] | Finding:
    """Return the fields of a YAML text with the line of each, or the finding that says why they cannot be read.

    line: where in the file the text begins, from 1.
    """
    loader = loader_for(facts)(facts)
    try:
        node = loader.get_single_node()
        fields = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        at = mark.line + line if mark else line
        return error(name, at, f"the YAML cannot be read: {getattr(exc, 'problem', None) or exc}.", "Put values with a colon in quotes.")
    except ValueError as exc:  # what PyYAML raises for a day such as 2026-13-01
        return error(name, line, f"the YAML holds a date that does not exist ({exc}).", "Write dates as year-month-day.")
    except (RecursionError, TypeError):  # nested without end, or a list as the name of a field
        return error(name, line, "the YAML is nested too deeply.", "See knowledge/README.md for the form.")
    finally:
        loader.dispose()
    if not isinstance(fields, dict):
        return error(name, line, "the facts at the top are not a list of `name: value`.", "See knowledge/README.md for the form.")
    lines = {str(key.value): key.start_mark.line + line for key, _ in node.value} if isinstance(node, yaml.MappingNode) else {}
    return fields, lines
