"""The values around joining a peer group: who is in it under which pseudonym, and who waits. Nothing here leads to a chat or a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from companion.models_staff import SealedKey


class Standing(StrEnum):
    """Say how somebody stands in a group. An offered place is kept free for one who waited, until they take it or it lapses."""

    MEMBER = "member"
    WAITING = "waiting"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Membership:
    """Hold one place in a group, or in its waiting list.

    token_hash: SHA-256 of the code that only the member holds. until: last day it is kept without the member coming back, always the end of
    a month, so that it does not tell on which day they came. place: order of waiting, lower is earlier; None for a member, so that the
    order in which people joined is forgotten. offered_until: last day on which an offered place can be taken.
    """

    id: str
    group_key: str
    token_hash: str = field(repr=False)
    pseudonym: str
    standing: Standing
    until: date
    place: int | None = None
    offered_until: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Hold all memberships of a group as read in one moment. version: goes up with every change; 0 before the first."""

    group_key: str
    version: int = 0
    memberships: tuple[Membership, ...] = ()

    @property
    def taken(self) -> int:
        """Return how many places are members' or kept for somebody who was offered one."""
        return sum(each.standing is not Standing.WAITING for each in self.memberships)

    @property
    def waiting(self) -> tuple[Membership, ...]:
        """Return those who wait, first in line first."""
        return tuple(sorted((each for each in self.memberships if each.standing is Standing.WAITING), key=lambda each: each.place or 0))


@dataclass(frozen=True, slots=True)
class Seats:
    """Say what a group has to give. total: places that Companion may fill. takes_people: whether anybody may join or be moved up now.

    has_list: whether people may wait for a place.
    """

    total: int
    takes_people: bool
    has_list: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Hold how full a group is. taken, capacity: people, those included who came without Companion. can_join: whether a place is free now."""

    taken: int
    capacity: int
    waiting: int
    can_join: bool
    can_wait: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """Hold a fresh code, for the member's eyes alone, and how they stand."""

    code: str = field(repr=False)
    membership: Membership


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Hold how a member stands. in_line: 1 for the first who waits; None for others."""

    membership: Membership
    in_line: int | None = None


class PseudonymLook(StrEnum):
    """Say what redaction thinks of a pseudonym. `name`: it may be somebody's real name. `detail`: it is a direct identifier."""

    FINE = "fine"
    NAME = "name"
    DETAIL = "detail"


# --- leading a group ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """Hold one meeting that took place: the day, and how many came; never who."""

    day: date
    attendance: int


class Quiet(StrEnum):
    """Say why a group is called quiet."""

    FEW = "few"
    SILENT = "silent"
    UNLED = "unled"  # people have a place in it, and nobody leads it here


class UseQuestion(StrEnum):
    """Name the two taps after a meeting."""

    OF_USE = "of_use"
    COME_AGAIN = "come_again"


@dataclass(frozen=True, slots=True)
class Taps:
    """Hold answers to one question in one quarter. yes of all; both are those of the last step, so that no single answer shows."""

    quarter: str
    question: UseQuestion
    yes: int
    all: int


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """Hold what a coordinator sees of a group: who leads it, whether it has gone quiet, and taps from ten answers on; no member, no count."""

    group_key: str
    name: str
    facilitators: tuple[str, ...]
    quiet: Quiet | None
    taps: tuple[Taps, ...]


@dataclass(frozen=True, slots=True)
class LedGroup:
    """Hold what a facilitator sees of a group. names: pseudonyms of members, in alphabetical order. meetings: newest first."""

    group_key: str
    names: tuple[str, ...]
    waiting: int
    meetings: tuple[HeldMeeting, ...]
    quiet: Quiet | None
    taps: tuple[Taps, ...]


# --- cards and counts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpCard:
    """Hold what helped a member, as stored until a coordinator has read it. id: random. month: "2026-11". The words are sealed."""

    id: str
    month: str
    topic: str
    sealed_key: SealedKey
    sealed_text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenCard:
    """Hold a card as a coordinator reads it, names hidden."""

    id: str
    month: str
    topic: str
    text: str = field(repr=False)


class Counted(StrEnum):
    """Name what is counted by month: thanks by group, wished-for groups by topic."""

    THANKS = "thanks"
    WISH = "wish"
