"""What peer groups that meet need from the outside world, as protocols. Every adapter passes tests/contracts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from companion.models import PeerGroup
from companion.models_meetings import Membership, Register


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
