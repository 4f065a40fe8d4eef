"""Passwords by Argon2id, with the second recommended parameters of RFC 9106 (64 MiB, 3 passes, 4 lanes)."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_AT_ONCE = 2
"""Chosen by us: 128 MiB at the most, however many people sign in at the same moment."""


class Argon2Passwords:
    """Hash and check passwords. memory_kib, passes: RFC 9106, section 4; smaller only in tests."""

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3) -> None:
        """Prepare the parameters; no work yet."""
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=4)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Return a salted hash with its parameters."""
        with self._slots:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password fits; with no hash, take as long and say no."""
        nobodys = self._nobodys_hash
        with self._slots:
            try:
                return self._hasher.verify(password_hash or nobodys, password) and password_hash is not None
            except (Argon2Error, InvalidHashError):
                return False

    @cached_property
    def _nobodys_hash(self) -> str:
        return self.hash(secrets.token_urlsafe(32))
