"""The library in the console: the table of files on the left, the open document on the right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

import streamlit as st

from companion.errors import CompanionError
from companion.models_curation import FactValue, LibraryRow, OpenDocument, Standing
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState, document_state
from companion.ui.coordinator.editor import draw_document
from companion.ui.coordinator.upload import draw_upload

_FILTERS = ("all", "due", "not_cited", "drafts", "retired")
_DUE = frozenset({Standing.REVIEW_SOON, Standing.REVIEW_OVERDUE})
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_LISTED = 250
_IS_READ = "library_is_read"


def draw_library(console: Console) -> None:
    """Draw the library for this run."""
    state = document_state()
    if _IS_READ not in st.session_state:
        _read_first(console)
    rows = console.curation.library.rows(console.caller)
    left, right = st.columns([2, 5], gap="large")
    with left:
        _draw_table(console, state, rows)
    with right:
        if state.is_beginning:
            _draw_beginning(console, state)
        elif state.opened is None:
            st.markdown(console.words("library.choose"))
            _draw_said(console, state)
        else:
            draw_document(console, state, state.opened)


def _read_first(console: Console) -> NoReturn:
    """Say what is happening while every article is looked at for the first time, then draw the page anew."""
    with st.container(key="library_reading"):
        st.markdown(console.words("library.reading"))
    console.curation.library.rows(console.caller)
    st.session_state[_IS_READ] = True
    st.rerun()


def _draw_table(console: Console, state: DocumentState, rows: tuple[LibraryRow, ...]) -> None:
    words = console.words
    st.button(words("library.new"), key="library_new", on_click=partial(_begin, state))
    drafts = {draft.path for draft in console.curation.library.drafts(console.caller)}
    counts = {
        "due": sum(row.standing in _DUE for row in rows),
        "not_cited": sum(not row.is_cited and row.standing is not Standing.RETIRED for row in rows),
        "drafts": len(drafts),
    }
    typed = st.text_input(words("library.search"), key="library_search", persist_state="session")
    chosen = st.selectbox(
        words("library.standing"),
        _FILTERS,
        format_func=lambda name: words(f"library.filters.{name}", count=counts.get(name, 0)),
        key="library_filter",
        persist_state="session",
    )
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics}
    topic = st.selectbox(
        words("library.topic"),
        ["", *labels],
        format_func=lambda slug: labels.get(slug, words("library.any_topic")),
        key="library_topic",
        persist_state="session",
    )
    shown = [row for row in rows if _is_chosen(row, chosen, drafts) and _matches(row, typed or "", topic)]
    st.caption(words("library.count", shown=len(shown), all=len(rows)))
    if not shown:
        is_narrowed = bool((typed or "").strip() or topic or chosen == "all")
        st.markdown(words("library.none" if is_narrowed else f"library.none_of.{chosen}"))
    _draw_rows(console, state, shown[:_MOST_LISTED])


def _draw_rows(console: Console, state: DocumentState, rows: Sequence[LibraryRow]) -> None:
    words = console.words
    with st.container(key="library_form_list", height=640, border=False):
        for row in rows:
            is_open = state.opened is not None and state.opened.path == row.path
            line = words("library.row", title=row.title, standing=words(f"library.standings.{row.standing}"))
            st.button(
                line,
                key=f"library_open_{row.path}",
                type="secondary" if is_open else "tertiary",
                width="stretch",
                on_click=partial(_open, console, state, row.path),
            )


def _is_chosen(row: LibraryRow, chosen: str, drafts: set[str]) -> bool:
    match chosen:
        case "due":
            return row.standing in _DUE
        case "not_cited":
            return not row.is_cited and row.standing is not Standing.RETIRED
        case "drafts":
            return row.path in drafts
        case "retired":
            return row.standing is Standing.RETIRED
        case _:
            return row.standing is not Standing.RETIRED


def _matches(row: LibraryRow, typed: str, topic: str) -> bool:
    found_in = f"{row.title} {row.path} {row.owner}".casefold()
    return typed.strip().casefold() in found_in and (not topic or topic in row.topics)


def _open(console: Console, state: DocumentState, path: str) -> None:
    if state.opened is not None and state.opened.path == path:
        return
    _keep_what_was_typed(console, state)
    try:
        state.show(console.curation.library.open(console.caller, path))
    except CompanionError as exc:
        state.show(None)
        state.problem = str(exc)


def _keep_what_was_typed(console: Console, state: DocumentState) -> None:
    """Keep an edit as a draft before another document is opened, so that nothing typed is lost."""
    opened = state.opened
    if opened is not None and state.text.strip() and state.text.strip() != (opened.text or "").strip():
        try:
            console.curation.library.keep_draft(console.caller, opened, state.text)
        except CompanionError as exc:
            state.problem = str(exc)


def _begin(state: DocumentState) -> None:
    state.show(None)
    state.is_beginning = True


def _draw_said(console: Console, state: DocumentState) -> None:
    if state.done:
        st.success(console.words(f"library.{state.done}"))
    if state.problem:
        st.error(state.problem)


def _draw_beginning(console: Console, state: DocumentState) -> None:
    words = console.words
    st.subheader(words("library.new_title"), anchor=False)
    body = draw_upload(console)
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics}
    topic = st.selectbox(words("library.new_topic"), list(labels), format_func=lambda slug: labels[slug], key="new_topic")
    name = (st.text_input(words("library.new_id"), key="new_id", help=words("library.new_id_help")) or "").strip()
    if state.problem:
        st.error(state.problem)
    if st.button(words("library.new_begin"), key="new_begin", type="primary"):
        _start(console, state, name, topic, body)
        st.rerun()


def _start(console: Console, state: DocumentState, name: str, topic: str, body: str | None) -> None:
    words, library = console.words, console.curation.library
    path = f"articles/{topic}/{name}.md"
    if not _ID.fullmatch(name):
        state.problem = words("library.new_bad_id")
        return
    taken = {row.path.rsplit("/", 1)[-1] for row in library.rows(console.caller)}
    if f"{name}.md" in taken:
        state.problem = words("library.new_taken")
        return
    today = console.app.clock.now().date()
    facts: dict[str, FactValue] = {
        "id": name,
        "title": "",
        "topics": (topic,),
        "language": "en",
        "summary": "",
        "evidence": "practice",
        "licence": "",
        "owner": console.caller.pseudonym,
        "reviewed_on": today.isoformat(),
        "review_by": today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat(),
    }
    text = library.texts.joined("", facts, body if body is not None else words("library.template"))
    state.show(OpenDocument(path, None), text)
