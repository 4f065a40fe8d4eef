"""What peer groups that meet need from the outside world, as protocols. Every adapter passes tests/contracts."""

from __future__ import annotations

from datetime import date
from typing import Protocol

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
