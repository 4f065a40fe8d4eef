"""The values around mentoring: two people under pseudonyms, offered to each other, who meet four to six times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Side(StrEnum):
    """Name the two sides of a pair."""

    MENTOR = "mentor"
    MENTEE = "mentee"


class PairState(StrEnum):
    """Say how a pair stands. parted: it came to no meeting, or ended; nobody is told which of the two said so."""

    OFFERED = "offered"
    MEETING = "meeting"
    PARTED = "parted"


@dataclass(frozen=True, slots=True)
class Seeker:
    """Hold somebody who would like to mentor or be mentored.

    token_hash: SHA-256 of the code that only they hold. goals: one to three topic slugs. is_looking: whether they may be offered to somebody.
    until: last day they are kept without coming back, the end of a month.
    """

    id: str
    token_hash: str = field(repr=False)
    side: Side
    pseudonym: str
    goals: tuple[str, ...]
    is_looking: bool
    until: date


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold two people offered to each other.

    mentor_sessions, mentee_sessions: the sessions each wishes, 4 to 6; 0 for a no; None before an answer. held: sessions so far. is_checked:
    whether both have said at half-time that they go on. checked_by: the side that has, while the other has not.
    """

    id: str
    mentor_id: str
    mentee_id: str
    state: PairState
    offered_until: date
    mentor_sessions: int | None = None
    mentee_sessions: int | None = None
    held: int = 0
    last_held: date | None = None
    is_checked: bool = False
    checked_by: Side | None = None

    @property
    def planned(self) -> int:
        """Return how many sessions they agreed on: the smaller of the two wishes; 0 before both said yes."""
        return min(self.mentor_sessions or 0, self.mentee_sessions or 0)

    def has(self, seeker_id: str) -> bool:
        """Tell whether somebody is one of the two."""
        return seeker_id in (self.mentor_id, self.mentee_id)


@dataclass(frozen=True, slots=True)
class MentoringBook:
    """Hold everybody and every pair as read in one moment. version: goes up with every change."""

    version: int = 0
    seekers: tuple[Seeker, ...] = ()
    pairs: tuple[Pair, ...] = ()


class Step(StrEnum):
    """Say what somebody may do now.

    waiting: they said yes, and the other side has until a day to answer; a no looks the same. checked: they said at half-time that it goes
    on, and the other has not yet.
    """

    LOOKING = "looking"
    ASKED = "asked"
    WAITING = "waiting"
    MEETING = "meeting"
    HALF_TIME = "half_time"
    CHECKED = "checked"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class MentoringPlace:
    """Hold how somebody stands. other, shared: pseudonym of the other and the goals they share, while there is one. until: of an offer."""

    seeker: Seeker
    step: Step
    other: str | None = None
    shared: tuple[str, ...] = ()
    until: date | None = None
    held: int = 0
    planned: int = 0
