"""Passwords by Argon2id, with the second recommended parameters of RFC 9106 (64 MiB, 3 passes, 4 lanes)."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

_AT_ONCE = 2
"""Chosen by us: 128 MiB at the most, however many people sign in at the same moment."""
_NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Argon2Passwords:
    """Hash and check passwords."""

    def __init__(self) -> None:
        """Prepare the parameters; no work yet."""
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Return a salted hash with its parameters."""
        with self._slots:
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password fits; with no hash, take as long and say no."""
        with self._slots:
            try:
                return self._hasher.verify(password_hash or _NOBODYS_HASH, password) and password_hash is not None
            except (Argon2Error, InvalidHashError):
                return False
