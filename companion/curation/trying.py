"""Try a question: what the program sees in it, which passages come up and why, and the reply. Nothing typed is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companion.library.relevance import Relevance
from companion.models import Passage, Turn
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """Hold one passage that came up, and why. sentence: the article's sentence, or the way of asking for it, that was closest."""

    passage: Passage
    why: Relevance
    sentence: str


@dataclass(frozen=True, slots=True)
class Tried:
    """Hold what a question brings about. threshold: below it the library says that it does not cover the question."""

    turn: Turn
    found: tuple[FoundPassage, ...]
    threshold: float


@dataclass(frozen=True)
class TryDesk:
    """Try questions. ask: answers a question after earlier messages, for somebody in a country (ISO 3166-1 alpha-2 or None)."""

    ask: Callable[[str, tuple[str, ...], str | None], Tried]

    @requires(Permission.CURATE)
    def try_out(self, caller: Caller, text: str, history: tuple[str, ...] = (), country: str | None = None) -> Tried:  # noqa: ARG002
        """Return what a question brings about. Raises: InputRefused, RedactionFailed, IndexUnavailable."""
        return self.ask(text, history, country)
