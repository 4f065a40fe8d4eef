"""The values that travel between the stages of a turn.

All are immutable. A message exists in two types: `RawMessage`, which only redaction and triage may take, and
`RedactedMessage`, which everything else takes; so the type checker rejects a leak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from companion.models_groups import GroupMatch
from companion.sent import SentLedger

Vector = NDArray[np.float32]
"""One embedding: float32, shape (dim,), L2-normalised, so that a dot product is the cosine similarity."""

Matrix = NDArray[np.float32]
"""Embeddings: float32, shape (n_texts, dim), rows L2-normalised."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """Hold what a person typed. Lives in memory for one call; its `repr` hides the text."""

    text: str

    def __repr__(self) -> str:
        return f"RawMessage({len(self.text)} characters)"

    __str__ = __repr__


class EntityType(StrEnum):
    """Name the kinds of personal detail that redaction hides."""

    PERSON = "PERSON"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    EMPLOYEE_ID = "EMPLOYEE_ID"
    HANDLE = "HANDLE"
    TICKET = "TICKET"
    MEDICAL_RECORD = "MEDICAL_RECORD"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    ORGANISATION = "ORGANISATION"
    PROJECT = "PROJECT"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    NATIONAL_ID = "NATIONAL_ID"
    CARD = "CARD"
    IBAN = "IBAN"
    IP_ADDRESS = "IP_ADDRESS"
    MAC_ADDRESS = "MAC_ADDRESS"
    URL = "URL"
    PLATE = "PLATE"
    SECRET = "SECRET"  # noqa: S105 - a kind of detail, not a password
    HIDDEN = "HIDDEN"  # hidden by the person's own hand


@dataclass(frozen=True, slots=True)
class Entity:
    """Mark one personal detail in a raw text.

    start, end: 0-based, end exclusive, in characters of the raw text.
    placeholder: what stands in its place, e.g. "[Person A]"; the same detail keeps it for the whole session.
    """

    start: int
    end: int
    type: EntityType
    placeholder: str


@dataclass(frozen=True, slots=True)
class RedactedMessage:
    """Hold a message with placeholders for personal details. entities: by `start`, never overlapping; offsets are those of the raw text."""

    text: str
    entities: tuple[Entity, ...] = ()


class TriageLevel(StrEnum):
    """Say how urgently a human is needed. `severity` orders the levels."""

    NONE = "none"
    CONCERN = "concern"  # unsure between none and risk: one plain caring question, no siren
    RISK = "risk"
    IMMINENT = "imminent"
    HARM_BY_OTHER = "harm_by_other"
    HARM_TO_OTHER = "harm_to_other"

    @property
    def severity(self) -> int:
        """Rank for "the higher wins": none 0, concern 1, risk 2, harm by or to another 3, imminent 4."""
        return _SEVERITY[self]

    @property
    def is_at_risk(self) -> bool:
        """Tell whether the turn ends with fixed words and no model may be called."""
        return self.severity >= _SEVERITY[TriageLevel.RISK]


_SEVERITY: Mapping[TriageLevel, int] = {
    TriageLevel.NONE: 0,
    TriageLevel.CONCERN: 1,
    TriageLevel.RISK: 2,
    TriageLevel.HARM_BY_OTHER: 3,
    TriageLevel.HARM_TO_OTHER: 3,
    TriageLevel.IMMINENT: 4,
}


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """Hold the level, how sure triage is (score 0 to 1), and reasons in plain words that quote nothing typed.

    about_other: whether the worry is about somebody else than the writer. is_guess: whether the classifier alone concluded it, with no
    rule agreeing; a plain question or greeting then gets its plain answer.
    """

    level: TriageLevel
    score: float
    reasons: tuple[str, ...] = ()
    about_other: bool = False
    is_guess: bool = False


class EvidenceGrade(StrEnum):
    """Say what an article's advice rests on, strongest first."""

    GUIDELINE = "guideline"
    REVIEW = "review"
    STUDY = "study"
    PRACTICE = "practice"
    EXPERIENCE = "experience"


@dataclass(frozen=True, slots=True)
class Source:
    """Name where an article's facts come from."""

    title: str
    publisher: str
    year: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """Hold one curated document.

    body: Markdown without front matter. asked_as: messages as people type them that this article answers; they help it to be found and are
    never quoted. body_line: line of the file, from 1, on which the body begins. path: below knowledge/.
    """

    id: str
    title: str
    topics: tuple[str, ...]
    language: str
    summary: str
    body: str
    evidence: EvidenceGrade
    sources: tuple[Source, ...]
    licence: str
    owner: str
    reviewed_on: date
    review_by: date
    path: str
    openings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    asked_as: tuple[str, ...] = ()
    body_line: int = 1

    def is_citable(self, today: date) -> bool:
        """Tell whether it may be cited: in date, licensed and sourced."""
        return bool(self.licence and self.sources) and today <= self.review_by


@dataclass(frozen=True, slots=True)
class Passage:
    """Hold one chunk of an article, the unit that is searched and cited.

    text: plain Markdown of the chunk, verbatim from the article. section: the heading it stands under.
    score: the retriever's relevance for the current query, 0 to 1, higher is better; 0.0 before any query.
    is_advice: whether the section says what to do (rather than what it is like, or words to use). quotes: its sentences and list
    items that make sense alone, verbatim without Markdown marks.
    """

    id: str
    doc: str
    title: str
    section: str
    text: str
    topics: tuple[str, ...] = ()
    score: float = 0.0
    is_advice: bool = False
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """Hold one crisis line of one country.

    dial: exactly as dialled in that country. tel_uri: "tel:…" for tap-to-call. confidence: "A" or "B".
    confirmed_on: set only when this deployment's coordinator confirmed the line.
    """

    name: str
    dial: str
    tel_uri: str
    hours: str
    languages: tuple[str, ...]
    audience: str
    source: str
    confidence: str
    timezone: str | None = None
    text: str | None = None
    url: str | None = None
    confirmed_on: date | None = None
    confirmed_by: str | None = None

    @property
    def is_confirmed(self) -> bool:
        """Tell whether this deployment's coordinator confirmed the line."""
        return self.confirmed_on is not None


@dataclass(frozen=True, slots=True)
class CountryLines:
    """Hold a country's emergency number and crisis lines. `code`: ISO 3166-1 alpha-2."""

    code: str
    country: str
    emergency: str
    lines: tuple[CrisisLine, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """Hold somebody else who can help: what they can do, keep secret, and must report."""

    id: str
    name: str
    can_do: str
    keeps_secret: str
    must_report: str
    how: str
    topics: tuple[str, ...] = ()


class WriterName(StrEnum):
    """Say who wrote a reply."""

    CURATED = "curated"
    MODEL = "model"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Citation:
    """Tie the mark [number] in a reply to the passage that supports it. number: from 1, in order of appearance."""

    number: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class ReplySentence:
    """Hold one finished sentence of a reply.

    text: as shown, without citation marks. passage_ids: passages that support it; empty for a reflection, an offer or a question.
    starts_paragraph: whether a blank line stands before it.
    """

    text: str
    passage_ids: tuple[str, ...] = ()
    starts_paragraph: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold a whole reply.

    text: all sentences with marks like [1]. notice: a line about how it came about ("the model did not answer …"), or None.
    covered: whether the library covers the message.
    """

    text: str
    sentences: tuple[ReplySentence, ...]
    citations: tuple[Citation, ...]
    writer: WriterName
    notice: str | None = None
    covered: bool = True


class HumanOffer(StrEnum):
    """Say how a human peer stands in this turn."""

    NONE = "none"
    OFFERED = "offered"
    REQUESTED = "requested"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Timings:
    """Hold durations of the stages in milliseconds."""

    redact: float = 0.0
    triage: float = 0.0
    retrieve: float = 0.0
    reply: float = 0.0
    suggest: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold everything that one message brought about.

    groups: those that can be joined. full_groups: where none of them fits, the full one that does, with its waiting list. asks_for_groups:
    whether the message asked for groups, so that the way to all of them belongs beside it. can_go_on: whether the person may now choose to
    have the library back. lacks_group: whether it asked for a group about something, and none fits.
    """

    message: RedactedMessage
    triage: TriageDecision
    reply: Reply
    topics: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    groups: tuple[GroupMatch, ...] = ()
    human: HumanOffer = HumanOffer.NONE
    crisis_lines: CountryLines | None = None
    timings: Timings = field(default_factory=Timings)
    can_go_on: bool = False
    full_groups: tuple[GroupMatch, ...] = ()
    asks_for_groups: bool = False
    lacks_group: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold one earlier turn as a writer may see it: the redacted message and the reply shown."""

    message: RedactedMessage
    reply: str


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """Hold all that a reply writer may know.

    passages: best first; empty when not covered. history: oldest first. embedding: None when the model is down. turn_number: from 1.
    offer_human: whether to mention a human. article: the best document, for its openings. ledger: notes what leaves this server.
    """

    message: RedactedMessage
    history: tuple[Exchange, ...]
    passages: tuple[Passage, ...]
    triage: TriageDecision
    topics: tuple[str, ...]
    turn_number: int
    offer_human: bool
    embedding: Vector | None = None
    article: Article | None = None
    ledger: SentLedger = field(default_factory=SentLedger, compare=False, repr=False)
