"""Keys from return codes by Argon2id, with the second recommended parameters of RFC 9106 (64 MiB, 3 passes, 4 lanes).

OWASP's Password Storage Cheat Sheet asks for 19 MiB and 2 passes at least. Both derivations use the code alone and not the server key, so
that a rotation of that key leaves no kept chat behind, and so that no key of the server opens one.
"""

from __future__ import annotations

import threading

from argon2.low_level import Type, hash_secret_raw

from companion.adapters.crypto_box import open_with, seal_with
from companion.errors import StoreUnavailable

_KEY_BYTES = 32
_PLACE_SALT = b"companion: place"
"""The same for all codes, since a code must be found without knowing its record; 100 random bits need no salt against tables."""
_AT_ONCE = 2
"""Chosen by us: 128 MiB at the most, however many codes are tried at the same moment."""


class Argon2CodeBox:
    """Derive places and keys from return codes. memory_kib, passes: smaller only in tests."""

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3) -> None:
        """Note the parameters; no work yet."""
        self._memory_kib = memory_kib
        self._passes = passes
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def place(self, code: str) -> str:
        """Return where the words of a code are stored."""
        return self._derived(code, _PLACE_SALT).hex()

    def key(self, code: str, salt: bytes) -> bytes:
        """Return the 32 bytes that seal the words of a code."""
        return self._derived(code, salt)

    def seal(self, key: bytes, text: str, place: str) -> bytes:
        """Return text sealed with AES-256-GCM and bound to its place."""
        return seal_with(key, text.encode(), _context(place))

    def open(self, key: bytes, sealed: bytes, place: str) -> str | None:
        """Return the text; None when the key does not fit or the bytes were altered."""
        try:
            return open_with(key, sealed, _context(place)).decode()
        except StoreUnavailable:
            return None

    def _derived(self, code: str, salt: bytes) -> bytes:
        with self._slots:
            return hash_secret_raw(code.encode(), salt, self._passes, self._memory_kib, 4, _KEY_BYTES, Type.ID)


def _context(place: str) -> bytes:
    return f"kept chat:{place}".encode()
