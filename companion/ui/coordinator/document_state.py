"""What is open in the library: the file as it was opened, the text as it stands now, and what has been said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from companion.curation.library_desk import ARTICLES, RETIRED
from companion.models_curation import ArticleFacts, FactValue, OpenDocument

_STATE = "library_state"
_WORDS_STATE = "words_state"
_FAR_FROM_THE_LIBRARY = 1_000_000
_MANY_LINES = frozenset({"openings", "questions", "asked_as"})
_SOURCE_FIELDS = ("title", "publisher", "year", "url")


@dataclass(slots=True)
class DocumentState:
    """Hold the open document. text: as it stands now. revision: rises when fields must be drawn anew. theirs: the file after a conflict."""

    opened: OpenDocument | None = None
    text: str = ""
    values: dict[str, object] = field(default_factory=dict)
    revision: int = 0
    mode: str = "form"
    view: str = "edit"
    done: str | None = None
    problem: str | None = None
    theirs: OpenDocument | None = None
    asks_to_retire: bool = False
    is_beginning: bool = False
    problem_values: dict[str, object] = field(default_factory=dict)

    def show(self, opened: OpenDocument | None, text: str | None = None, *, done: str | None = None) -> None:
        """Open a document, or none. text: what stands in the editor, by default the file's. done: words that say what has been done."""
        self.opened = opened
        self.text = text if text is not None else (opened.text if opened and opened.text else "")
        self.values = {}
        self.revision += 1
        self.done, self.problem, self.theirs = done, None, None
        self.asks_to_retire = self.is_beginning = False
        self.view = "edit" if done is None else self.view

    def set_text(self, text: str) -> None:
        """Put another text into the editor and draw its fields anew."""
        self.text, self.values = text, {}
        self.revision += 1


def document_state() -> DocumentState:
    """Return the state of the library on this page."""
    return _state(_STATE, DocumentState)


def words_state() -> DocumentState:
    """Return the state of fixed words and prompts on this page; its fields share no number with those of the library."""
    return _state(_WORDS_STATE, lambda: DocumentState(revision=_FAR_FROM_THE_LIBRARY, mode="text"))


def _state(key: str, make: Callable[[], DocumentState]) -> DocumentState:
    state = st.session_state.get(key)
    if not isinstance(state, DocumentState):
        state = st.session_state[key] = make()
    return state


def is_article(opened: OpenDocument | None) -> bool:
    """Tell whether a document is one of the library, which has facts, can be marked as read again, and can be retired."""
    return opened is not None and opened.path.startswith((f"{ARTICLES}/", f"{RETIRED}/"))


def shown_facts(facts: ArticleFacts) -> dict[str, object]:
    """Return facts as the form shows them: lists as lines, sources as lines with bars between their parts."""
    return {name: _shown(name, value) for name, value in facts.items()}


def facts_from(shown: dict[str, object]) -> ArticleFacts:
    """Return the facts that stand in a form."""
    return {name: _fact(name, value) for name, value in shown.items()}


def _shown(name: str, value: FactValue) -> object:
    if name == "sources" and isinstance(value, tuple):
        rows = [item for item in value if not isinstance(item, str)]
        return "\n".join(" | ".join(str(row.get(part, "")) for part in _SOURCE_FIELDS).rstrip(" |") for row in rows)
    if name in _MANY_LINES and isinstance(value, tuple):
        return "\n".join(str(item) for item in value)
    return value


def _fact(name: str, value: object) -> FactValue:
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    lines = [line.strip() for line in str(value).splitlines() if line.strip()]
    if name == "sources":
        return tuple(dict(zip(_SOURCE_FIELDS, (part.strip() for part in line.split("|")), strict=False)) for line in lines)
    return tuple(lines) if name in _MANY_LINES else str(value).strip()
