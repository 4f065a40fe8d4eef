"""Which chats are in this server's memory, so that leaving a page erases one at once, even while its script is busy."""

from __future__ import annotations

import secrets
import threading
import weakref
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol


class ErasableChat(Protocol):
    """Be a chat that can be forgotten."""

    last_used_at: datetime

    def erase(self) -> None:
        """Forget every word at once."""
        ...


class OpenChats:
    """Keep weak references to open chats by a random token that only the employee's own page knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chats: weakref.WeakValueDictionary[str, ErasableChat] = weakref.WeakValueDictionary()

    def add(self, chat: ErasableChat) -> str:
        """Register a chat and return its token: 256 random bits, URL-safe."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._chats[token] = chat
        return token

    def erase(self, token: str) -> bool:
        """Erase the chat of a token; an unknown token is ignored. Tells whether there was one."""
        with self._lock:
            chat = self._chats.pop(token, None)
        if chat is None:
            return False
        chat.erase()
        return True

    def erase_idle(self, now: datetime, idle: timedelta) -> int:
        """Erase chats that nobody has used for `idle`; return how many."""
        with self._lock:
            stale = [token for token, chat in self._chats.items() if now - chat.last_used_at >= idle]
        return sum(self.erase(token) for token in stale)

    def __len__(self) -> int:
        with self._lock:
            return len(self._chats)


@cache
def open_chats() -> OpenChats:
    """Return the one register of this process, shared by the pages and the leave route."""
    return OpenChats()
