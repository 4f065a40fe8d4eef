"""What every page shares: the words, the settings, the loader, and the state of this open page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from companion.library.meeting_times import OwnTime
from companion.prompts import fixed_text
from companion.settings import Settings
from companion.ui.chat_state import ChatState
from companion.ui.loading import app_loader
from companion.ui.local_time import own_zone
from companion.ui.open_chats import open_chats
from companion.ui.text import WORD_FILES, Words, load_console_words, load_words

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.bootstrap_meetings import Meetings
    from companion.bootstrap_people import People

_CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Page:
    """Hold what a page needs while it is drawn. app, people, meetings: None while being built; the last two also when they cannot be opened."""

    words: Words
    settings: Settings
    chat: ChatState
    app: App | None
    people: People | None
    meetings: Meetings | None = None

    @property
    def now(self) -> datetime:
        """Return the current time, UTC."""
        return datetime.now(UTC)

    @property
    def own_time(self) -> OwnTime | None:
        """Return the clock of this page's person, or None when their browser does not tell it."""
        zone = own_zone()
        return OwnTime(zone, self.now) if zone else None

    @property
    def notice_every(self) -> timedelta:
        """Return after how long the notice is shown again."""
        return timedelta(hours=self.settings.notice_hours)


@st.cache_resource(show_spinner=False)
def _read_words(prompts_dir: Path, _changed_at_ns: tuple[int, ...]) -> Words:
    return load_words(prompts_dir)


def open_page() -> Page:
    """Return the page for this script run.

    Raises: SettingsError, KnowledgeError.
    """
    loader = app_loader()
    served = loader.ready()
    words, chat, zone = open_words(), _chat(loader.settings), own_zone()
    chat.session.timezone = zone.key if zone else None
    if served is None:
        return Page(words, loader.settings, chat, None, None)
    return Page(words, loader.settings, chat, served.app, served.people, served.meetings)


def open_words() -> Words:
    """Return the words of the pages. Raises: SettingsError, KnowledgeError."""
    prompts = app_loader().settings.prompts_dir
    return _read_words(prompts, tuple(_changed_at(prompts / "fixed" / f"{name}.yaml") for name in ("ui", *WORD_FILES)))


@st.cache_resource(show_spinner=False)
def _read_console_words(prompts_dir: Path, _changed_at_ns: tuple[int, ...]) -> Words:
    return load_console_words(prompts_dir)


def open_console_words() -> Words:
    """Return the words of the coordinator's console. Raises: SettingsError, KnowledgeError."""
    prompts = app_loader().settings.prompts_dir
    files = [prompts / "fixed" / "ui.yaml", *sorted((prompts / "fixed").glob("console_*.yaml"))]
    return _read_console_words(prompts, tuple(_changed_at(file) for file in files))


def open_notice() -> str:
    """Return the words that stand before the first input. Raises: SettingsError, KnowledgeError."""
    return fixed_text(app_loader().settings.prompts_dir, "notice")


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def model_host(settings: Settings) -> str | None:
    """Return the host of the language model, or None without one."""
    return (urlsplit(settings.openai_base_url or "").hostname or "api.openai.com") if settings.has_model else None


def start_anew() -> None:
    """Begin a new chat with the notice. A request to a person that is still open, and ended talks that are still stored, stay with this page."""
    old = st.session_state.pop(_CHAT, None)
    if isinstance(old, ChatState):
        new = _new_chat(old.session.country)
        new.request, new.ended_tokens, new.kept = old.request, old.ended_tokens, old.kept


def _chat(settings: Settings) -> ChatState:
    chat = st.session_state.get(_CHAT)
    if not isinstance(chat, ChatState):
        chat = _new_chat(settings.country)
    return chat


def _new_chat(country: str | None) -> ChatState:
    chat = ChatState()
    chat.session.country = country
    chat.token = open_chats().add(chat)
    st.session_state[_CHAT] = chat
    return chat
