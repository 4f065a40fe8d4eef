"""The values around curating the library: open documents, versions, drafts, and how a file stands. Times are timezone-aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

FactValue = str | tuple[str, ...] | tuple[Mapping[str, str], ...] | Mapping[str, str]
ArticleFacts = Mapping[str, FactValue]
"""Name of a fact → its value as text, e.g. "title", "topics", "sources" (each source a mapping)."""


class Act(StrEnum):
    """Say how a version of a knowledge file came about."""

    FOUND = "found"
    OUTSIDE = "outside"
    PUBLISHED = "published"
    RESTORED = "restored"
    RETIRED = "retired"
    BROUGHT_BACK = "brought_back"


class Standing(StrEnum):
    """Say how a file of the library stands; only the first two are ever cited."""

    CITED = "cited"
    REVIEW_SOON = "review_soon"
    REVIEW_OVERDUE = "review_overdue"
    UNLICENSED = "unlicensed"
    UNSOURCED = "unsourced"
    HAS_ERRORS = "has_errors"
    UNREADABLE = "unreadable"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KnowledgeVersion:
    """Hold one version of a file. number: rising over all files. by: pseudonym of the coordinator, or of nobody for an outside change."""

    path: str
    at: datetime
    by: str
    act: Act
    note: str
    text: str = field(repr=False)
    number: int = 0


@dataclass(frozen=True, slots=True)
class KnowledgeDraft:
    """Hold what a coordinator wrote and has not published. based_on: the text of the file when the draft was begun."""

    path: str
    staff_id: str
    at: datetime
    based_on: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """Hold a file as it was when it was opened. text: None for one that is not there yet.

    held_back: why the running program does not use the text that was just written; empty when it does.
    """

    path: str
    text: str | None = field(repr=False)
    held_back: str = ""


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """Hold how one file of the library stands. problems: what was found in it, in words, errors first."""

    path: str
    title: str
    topics: tuple[str, ...]
    standing: Standing
    owner: str = ""
    review_by: date | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_cited(self) -> bool:
        """Tell whether it may be cited today."""
        return self.standing in {Standing.CITED, Standing.REVIEW_SOON}
