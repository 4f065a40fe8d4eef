"""Groups that meet, in memory: for tests. They pass the same contracts as the database."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

from companion.models_meetings import Membership, Register


class MemoryMembershipStore:
    """Keep who is in which group in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._registers: dict[str, Register] = {}
        self._lock = threading.Lock()

    def register(self, group_key: str) -> Register:
        """Return all memberships of a group."""
        return self._registers.get(group_key, Register(group_key))

    def replace(self, before: Register, after: Register) -> bool:
        """Store all differences, or none when it has been changed."""
        with self._lock:
            if self.register(before.group_key).version != before.version:
                return False
            self._registers[before.group_key] = replace(after, version=before.version + 1)
            return True

    def find(self, token_hash: str) -> Membership | None:
        """Return the membership of a code, or None."""
        everybody = (each for register in self._registers.values() for each in register.memberships)
        return next((each for each in everybody if each.token_hash == token_hash), None)

    def forget_before(self, day: date) -> int:
        """Delete memberships that were kept until before a day; return how many."""
        gone = 0
        with self._lock:
            for key, register in self._registers.items():
                kept = tuple(each for each in register.memberships if each.until >= day)
                gone += len(register.memberships) - len(kept)
                self._registers[key] = replace(register, memberships=kept)
        return gone
