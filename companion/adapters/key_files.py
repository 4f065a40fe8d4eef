"""Server keys in files: the one that development makes for itself, and the one that an operator names and rotates."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from companion.adapters.crypto_box import checked_key, key_id_of, keys_from_setting
from companion.errors import SettingsError

_KEY_BYTES = 32
_OTHERS = 0o077
"""Every right of anybody but the owner."""


def key_from_file(path: Path) -> bytes:
    """Return the development key, made at first use with mode 0600; two processes at once get the same one.

    Raises: SettingsError when the file cannot be made or is damaged.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with _draft_of(path, (new_key(),)) as draft, contextlib.suppress(FileExistsError):
                os.link(draft, path)
        path.chmod(0o600)
        return checked_key(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"the key file {path.name} in COMPANION_STATE_DIR cannot be made or read.") from exc


def keys_from_file(path: Path) -> tuple[bytes, ...]:
    """Return the server keys of a file, one a line, the current one first.

    Raises: SettingsError when it is missing, malformed, or anybody but its owner may read or write it.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise SettingsError(f"COMPANION_SECRET_KEY_FILE: others may read {path.name}; run `chmod 600` on it.")
        return keys_from_setting(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"COMPANION_SECRET_KEY_FILE: {path.name} cannot be read; `companion rotate-keys --new` makes one.") from exc


def put_new_key_first(path: Path) -> str:
    """Make a new key the current one and keep the others behind it; the file is replaced as a whole. Return the name of the new key.

    Raises: SettingsError.
    """
    known = keys_from_file(path) if path.exists() else ()
    key = new_key()
    _replace(path, (key, *known))
    return key_id_of(key)


def keep_first_key(path: Path) -> int:
    """Take every key but the current one out of the file; return how many. Raises: SettingsError."""
    keys = keys_from_file(path)
    _replace(path, keys[:1])
    return len(keys) - 1


def new_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(_KEY_BYTES)


def _replace(path: Path, keys: tuple[bytes, ...]) -> None:
    try:
        with _draft_of(path, keys) as draft:
            draft.replace(path)
    except OSError as exc:
        raise SettingsError(f"COMPANION_SECRET_KEY_FILE: {path.name} cannot be written; check the rights of its folder.") from exc


@contextmanager
def _draft_of(path: Path, keys: tuple[bytes, ...]) -> Iterator[Path]:
    """Write the whole file under another name first, so that nobody ever reads half a key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(base64.b64encode(key).decode() + "\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
