"""Where the server key comes from: the environment, a file, or, in development only, one that is made at first use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from companion.adapters.crypto_box import AesGcmBox, keys_from_setting
from companion.adapters.key_files import keep_first_key, key_from_file, keys_from_file, put_new_key_first
from companion.errors import SettingsError
from companion.settings import Settings

KEY_FILE = "secret.key"
DEVELOPMENT = "development"

_COOKIE_SECRET_CHARS, _COOKIE_SECRET_DIFFERENT = 32, 8


def open_box(settings: Settings) -> AesGcmBox:
    """Return the box with the configured keys; in development with a key made in the state folder.

    Raises: SettingsError outside development when no key is set, for any key that is not random, and for a key file that others may read.
    """
    if settings.secret_key is not None and settings.secret_key_file is not None:
        raise SettingsError("COMPANION_SECRET_KEY and COMPANION_SECRET_KEY_FILE: set one of the two.")
    if settings.secret_key_file is not None:
        return AesGcmBox(keys_from_file(settings.secret_key_file))
    if settings.secret_key is not None:
        return AesGcmBox(keys_from_setting(settings.secret_key.get_secret_value()))
    if settings.environment != DEVELOPMENT:
        raise SettingsError(
            "COMPANION_SECRET_KEY: needed outside development; make one with `openssl rand -base64 32`, "
            "or set COMPANION_SECRET_KEY_FILE and run `companion rotate-keys --new`."
        )
    return AesGcmBox((key_from_file(settings.state_dir / KEY_FILE),))


def require_key(settings: Settings) -> None:
    """Pass when a server with these settings may start; in development without a key of its own nothing is made yet.

    Raises: SettingsError as `open_box` does.
    """
    if settings.environment != DEVELOPMENT or settings.secret_key is not None or settings.secret_key_file is not None:
        open_box(settings)


def require_cookie_secret(auth: Mapping[str, object]) -> None:
    """Pass when the secret that seals Streamlit's sign-in cookie, which lasts 30 days, cannot be guessed, or when there is none.

    auth: the part `auth` of `.streamlit/secrets.toml`.

    Raises: SettingsError for one that is short or made of few letters.
    """
    secret = str(auth.get("cookie_secret", ""))
    if auth and (len(secret) < _COOKIE_SECRET_CHARS or len(set(secret)) < _COOKIE_SECRET_DIFFERENT):
        raise SettingsError(
            "cookie_secret in .streamlit/secrets.toml: too short or too plain; whoever guesses it can sign in as anybody. "
            "Make one with `openssl rand -hex 32`."
        )


def renew_key_file(settings: Settings) -> str:
    """Put a new key first into the key file, which is made when it is missing; return the name of the key. Raises: SettingsError."""
    return put_new_key_first(_key_file(settings))


def trim_key_file(settings: Settings) -> int:
    """Take all keys but the first out of the key file; return how many. Raises: SettingsError."""
    return keep_first_key(_key_file(settings))


def _key_file(settings: Settings) -> Path:
    if settings.secret_key_file is None:
        raise SettingsError("COMPANION_SECRET_KEY_FILE: not set; keys of COMPANION_SECRET_KEY are changed where you set it.")
    return settings.secret_key_file
