"""Keep a chat under a return code that only the employee holds: keep, open again, renew, erase.

The code is made here, shown once and forgotten. The database gets sealed bytes, a salt and two days; without the code nobody can read or
even find them, the operator included. A wrong code, an unknown one, an expired one and an altered record get the same answer for the same
work.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from companion.errors import NotFound, TooSoon
from companion.models_keeping import CodeTries, Kept, KeptChat, KeptCopy, KeptPage
from companion.network.permissions import Permission, for_anyone
from companion.ports import Clock
from companion.ports_keeping import CodeBox, KeptChatStore

LONGEST_KEPT_DAYS = 30
"""DESIGN 5."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: 5 bits a character, without I, L, O and U, which are misread."""
CODE_GROUPS, GROUP_CHARS = 5, 4
"""20 characters are 100 random bits, so that guessing is hopeless even for who has stolen the database."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_MOST_CODE_CHARS = 64
WAITS = tuple(timedelta(seconds=s) for s in (0, 0, 5, 10, 20, 40, 60))
"""The wait of one open page after 1, 2, 3 … wrong codes in a row. Chosen by us: two slips of the pen cost nothing."""
WRONG_CODES_A_MINUTE = 30
"""Of all pages together; beyond it every code waits. Chosen by us: far above what typing errors make, and 64 MiB each at the most."""
_MINUTE = timedelta(minutes=1)
_SALT_BYTES = 16
_BLOCK_CHARS = 4096
"""Kept pages are filled up to a multiple of it, so that the size of a record hardly tells how long a chat was."""


@dataclass
class WrongCodes:
    """Count wrong codes of all pages within the last minute, in memory; no address and no page is remembered."""

    _tried_at: deque[datetime] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, now: datetime) -> timedelta:
        """Count a try as wrong beforehand and return zero; or count nothing and return how long all must wait."""
        with self._lock:
            while self._tried_at and now - self._tried_at[0] >= _MINUTE:
                self._tried_at.popleft()
            if len(self._tried_at) >= WRONG_CODES_A_MINUTE:
                return self._tried_at[0] + _MINUTE - now
            self._tried_at.append(now)
            return timedelta()

    def give_back(self) -> None:
        """Take the last count back: the code was right."""
        with self._lock:
            if self._tried_at:
                self._tried_at.pop()


@dataclass(frozen=True)
class KeepingService:
    """Serve the employee who keeps a chat. days: how long a copy lasts. All methods may raise StoreUnavailable: then nothing was changed."""

    store: KeptChatStore
    codes: CodeBox
    clock: Clock
    days: int = LONGEST_KEPT_DAYS
    wrong_codes: WrongCodes = field(default_factory=WrongCodes)

    @for_anyone(Permission.KEEP_CHAT)
    def keep(self, page: KeptPage) -> Kept:
        """Store a page under a fresh code."""
        code = new_code()
        bare, salt = bare_code(code), secrets.token_bytes(_SALT_BYTES)
        place, key = self.codes.place(bare), self.codes.key(bare, salt)
        kept = self._sealed(KeptCopy(place, self._expiry(), salt, key), key, page)
        self.store.add(kept)
        return Kept(code, KeptCopy(place, kept.expires_on, salt, key))

    @for_anyone(Permission.KEEP_CHAT)
    def open(self, code: str, tries: CodeTries) -> tuple[KeptPage, KeptCopy]:
        """Return what is kept under a code, as people type it.

        Raises: NotFound for every code that opens nothing; TooSoon after too many wrong ones, without looking at this one.
        """
        now = self.clock.now()
        wait = tries.wait(now, WAITS) or self.wrong_codes.take(now)
        if wait > timedelta():
            raise TooSoon(wait.total_seconds())
        tries.count, tries.last_at = tries.count + 1, now
        page, copy = self._opened(bare_code(code))
        tries.count = 0
        self.wrong_codes.give_back()
        return page, copy

    @for_anyone(Permission.KEEP_CHAT)
    def renew(self, copy: KeptCopy, page: KeptPage) -> KeptCopy:
        """Store the page as it is now under the same code, for the whole time again. Raises: NotFound when the copy is gone."""
        if copy.key is None:
            raise NotFound("the kept copy cannot be renewed after the chat was ended.")
        kept = self._sealed(KeptCopy(copy.place, self._expiry(), copy.salt, copy.key), copy.key, page)
        if not self.store.replace(kept):
            raise NotFound("the kept copy is no longer there.")
        return KeptCopy(copy.place, kept.expires_on, copy.salt, copy.key)

    @for_anyone(Permission.KEEP_CHAT)
    def erase(self, copy: KeptCopy) -> None:
        """Delete a copy at once; one that is gone already is well."""
        self.store.erase(copy.place)

    def _opened(self, bare: str) -> tuple[KeptPage, KeptCopy]:
        """Do the same work for every code: one place, one key, one attempt to open."""
        place = self.codes.place(bare)
        found = self.store.find(place)
        kept = found or KeptChat(place, secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_BLOCK_CHARS), *[self.clock.now().date()] * 2)
        key = self.codes.key(bare, kept.salt)
        text = self.codes.open(key, kept.sealed, place)
        if found is None or text is None or found.expires_on < self.clock.now().date():
            raise NotFound("no kept chat belongs to this code.")
        try:
            page: KeptPage = _pages().validate_json(text)
        except ValidationError:
            raise NotFound("no kept chat belongs to this code.") from None
        return page, KeptCopy(place, found.expires_on, found.salt, key)

    def _sealed(self, copy: KeptCopy, key: bytes, page: KeptPage) -> KeptChat:
        text = _pages().dump_json(page).decode()
        filled = text + " " * (-len(text.encode()) % _BLOCK_CHARS)
        return KeptChat(copy.place, copy.salt, self.codes.seal(key, filled, copy.place), self.clock.now().date(), copy.expires_on)

    def _expiry(self) -> date:
        return self.clock.now().date() + timedelta(days=min(self.days, LONGEST_KEPT_DAYS))


def new_code() -> str:
    """Return a random code in groups that a person can write down, e.g. "7KQ2-M4TX-09AB-C3DE-FGH5"."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARS)) for _ in range(CODE_GROUPS))
    return "-".join(groups)


def bare_code(typed: str) -> str:
    """Return a code as it was made, whatever case, blanks and look-alike letters it was typed with."""
    letters = "".join(character for character in typed[:_MOST_CODE_CHARS].upper() if character.isalnum())
    return letters.translate(_READ_AS)


@cache
def _pages() -> TypeAdapter[KeptPage]:
    return TypeAdapter(KeptPage)
