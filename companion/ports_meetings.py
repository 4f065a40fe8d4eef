"""What peer groups that meet need from the outside world, as protocols. Every adapter passes tests/contracts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from companion.models_groups import PeerGroup
from companion.models_meetings import Counted, HeldMeeting, HelpCard, Membership, Register, Taps, UseQuestion


class MembershipStore(Protocol):
    """Keep who is in which group. All methods raise StoreUnavailable when the database cannot be reached."""

    def register(self, group_key: str) -> Register:
        """Return all memberships of a group; an empty register when nobody ever joined."""
        ...

    def replace(self, before: Register, after: Register) -> bool:
        """Store all differences between two states of a register, or none when it has been changed since `before` was read; False then."""
        ...

    def find(self, token_hash: str) -> Membership | None:
        """Return the membership of a code, or None."""
        ...

    def forget_before(self, day: date) -> int:
        """Delete memberships that were kept until before a day and overwrite their space where the database allows; return how many."""
        ...


class MeetingCalendar(Protocol):
    """Write calendar files that do not tell what a meeting is about."""

    def file(self, group: PeerGroup, now: datetime, *, title: str, reminder: str | None) -> bytes:
        """Return an iCalendar file of a group's meetings from today on.

        title: the only words in it. reminder: words of a reminder a quarter of an hour before, or None for none.
        Raises: NotFound when no dates follow from the group's rhythm.
        """
        ...


class FacilitationStore(Protocol):
    """Keep who leads which group, what meetings took place, and counts of taps. All methods raise StoreUnavailable."""

    def assign(self, group_key: str, staff_id: str, day: date) -> bool:
        """Let somebody lead a group from a day on; False when they do already."""
        ...

    def unassign(self, group_key: str, staff_id: str) -> bool:
        """Let somebody lead a group no more; False when they did not."""
        ...

    def leaders(self, group_key: str) -> Mapping[str, date]:
        """Return who leads a group, as staff id → since when."""
        ...

    def led_by(self, staff_id: str) -> tuple[str, ...]:
        """Return the keys of the groups that somebody leads, in alphabetical order."""
        ...

    def note_meeting(self, group_key: str, meeting: HeldMeeting) -> None:
        """Store how many came on a day, in place of an earlier note of that day."""
        ...

    def drop_meeting(self, group_key: str, day: date) -> None:
        """Forget the note of a day."""
        ...

    def meetings(self, group_key: str, limit: int) -> tuple[HeldMeeting, ...]:
        """Return at most `limit` meetings, newest first."""
        ...

    def tap(self, group_key: str, quarter: str, question: UseQuestion, *, is_yes: bool) -> None:
        """Count one answer; each step of five and of ten keeps the counts as they are then."""
        ...

    def taps(self, group_key: str, step: int) -> tuple[Taps, ...]:
        """Return the counts as of the last full step of five or ten answers, newest quarter first; none below one step."""
        ...


class CardStore(Protocol):
    """Keep cards that wait for a coordinator. All methods raise StoreUnavailable."""

    def add(self, card: HelpCard) -> None:
        """Store a new one."""
        ...

    def all(self) -> tuple[HelpCard, ...]:
        """Return all, oldest month first, within a month by random id."""
        ...

    def remove(self, card_id: str) -> bool:
        """Delete one and overwrite its space where the database allows; False when it was gone."""
        ...

    def forget_before(self, month: str) -> int:
        """Delete those of months before one, as `remove` does; return how many. month: "2026-11"."""
        ...


class GroupCounts(Protocol):
    """Count by month. All methods raise StoreUnavailable."""

    def add(self, kind: Counted, ref: str, month: str) -> None:
        """Count one."""
        ...

    def total(self, kind: Counted, ref: str) -> int:
        """Return how many there are of all months."""
        ...

    def totals(self, kind: Counted) -> Mapping[str, int]:
        """Return ref → how many there are of all months."""
        ...
