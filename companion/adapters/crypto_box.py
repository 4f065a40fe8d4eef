"""Authenticated encryption at rest: AES-256-GCM, one random data key per hand-over, sealed with the server key.

Sealed bytes are: version (1 byte) · nonce (12 bytes, random) · ciphertext with tag. Data keys live for one hand-over, so a random nonce
never comes near its bound of 2^32 uses (NIST SP 800-38D, 8.3). Resealing the small data keys rotates the server key without touching words.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from companion.errors import SettingsError, StoreUnavailable
from companion.models_staff import SealedKey

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_PLACE = b"data key"
_MIN_DISTINCT_BYTES = 16
"""32 random bytes hold about 30 distinct ones; below 16 somebody typed a pattern."""


class AesGcmBox:
    """Seal and open words. keys: server keys of 32 bytes; the first seals, all open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the server keys. Raises: SettingsError when there is none or one is not 32 bytes long."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise SettingsError("COMPANION_SECRET_KEY: base64 of 32 random bytes is needed.")
        self._ciphers = {key_id_of(key): AESGCM(key) for key in keys}
        self._key_id = key_id_of(keys[0])

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of all server keys at hand, the current one first."""
        return tuple(self._ciphers)

    @property
    def key_id(self) -> str:
        """Name of the server key that seals new data keys."""
        return self._key_id

    def new_key(self) -> SealedKey:
        """Return a fresh random data key, sealed."""
        return self._sealed_key(secrets.token_bytes(_KEY_BYTES))

    def reseal(self, key: SealedKey) -> SealedKey:
        """Return the same data key, sealed with the current server key. Raises: SettingsError, StoreUnavailable."""
        return self._sealed_key(self._data_key(key))

    def seal(self, key: SealedKey, text: str, context: str) -> bytes:
        """Return text sealed and bound to its place. Raises: SettingsError, StoreUnavailable."""
        return _sealed(AESGCM(self._data_key(key)), text.encode(), context.encode())

    def open(self, key: SealedKey, sealed: bytes, context: str) -> str:
        """Return the text. Raises: SettingsError for an unknown server key; StoreUnavailable when the bytes were altered."""
        return _opened(AESGCM(self._data_key(key)), sealed, context.encode()).decode()

    def _sealed_key(self, data_key: bytes) -> SealedKey:
        return SealedKey(self._key_id, _sealed(self._ciphers[self._key_id], data_key, _KEY_PLACE))

    def _data_key(self, key: SealedKey) -> bytes:
        cipher = self._ciphers.get(key.key_id)
        if cipher is None:
            raise SettingsError(f"COMPANION_SECRET_KEY: server key {key.key_id} is missing; add it behind the current one.")
        return _opened(cipher, key.sealed, _KEY_PLACE)


def key_id_of(key: bytes) -> str:
    """Return the public name of a server key: 16 hexadecimal digits that tell nothing about it."""
    return hashlib.sha256(b"companion server key name\x00" + key).hexdigest()[:16]


def keys_from_setting(setting: str) -> tuple[bytes, ...]:
    """Return the server keys of the setting: base64 of 32 bytes each, parted by commas or line ends, the current one first.

    Raises: SettingsError for a key that is malformed, or looks typed or patterned instead of random.
    """
    return tuple(checked_key(part.strip()) for part in re.split(r"[,\n]", setting.strip()))


def checked_key(encoded: str) -> bytes:
    """Return the 32 bytes of an encoded key. Raises: SettingsError when it is malformed, or looks typed or patterned instead of random."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise SettingsError("COMPANION_SECRET_KEY: not base64; make one with `openssl rand -base64 32`.") from exc
    is_typed = all(32 <= byte < 127 for byte in key)
    if len(key) != _KEY_BYTES or is_typed or len(set(key)) < _MIN_DISTINCT_BYTES:
        raise SettingsError("COMPANION_SECRET_KEY: not 32 random bytes; make them with `openssl rand -base64 32`.")
    return key


def _sealed(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, plain, _VERSION + place)


def _opened(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    nonce = sealed[1 : 1 + _NONCE_BYTES]
    try:
        return cipher.decrypt(nonce, sealed[1 + _NONCE_BYTES :], sealed[:1] + place)
    except (InvalidTag, ValueError) as exc:
        raise StoreUnavailable("a sealed text in the database was altered or belongs to another key.") from exc


def seal_with(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Return bytes sealed with a key of 32 bytes and bound to their place."""
    return _sealed(AESGCM(key), plain, place)


def open_with(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Return the bytes. Raises: StoreUnavailable when they were altered or sealed with another key."""
    return _opened(AESGCM(key), sealed, place)
