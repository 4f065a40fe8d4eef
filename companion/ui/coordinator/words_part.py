"""Fixed words and prompts in the console: the list of files on the left, the open one on the right, edited as the library is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from companion.curation.wording import needs_clinician
from companion.errors import CompanionError
from companion.models_curation import LibraryRow, Standing
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState, words_state
from companion.ui.coordinator.editor import draw_document


def draw_words(console: Console) -> None:
    """Draw the part for this run."""
    # The editor works on whatever desk stands as the library.
    console = replace(console, curation=replace(console.curation, library=console.curation.wording))
    state, words = words_state(), console.words
    left, right = st.columns([2, 5], gap="large")
    with left:
        st.markdown(words("words.intro"))
        with st.container(key="words_form_list", border=False):
            for row in console.curation.library.rows(console.caller):
                _draw_row(console, state, row)
    with right:
        if state.opened is None:
            st.markdown(words("words.choose"))
            if state.problem:
                st.error(state.problem)
            return
        if needs_clinician(state.opened.path):
            st.warning(words("words.clinical"))
        draw_document(console, state, state.opened)


def _draw_row(console: Console, state: DocumentState, row: LibraryRow) -> None:
    is_open = state.opened is not None and state.opened.path == row.path
    name = row.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title = str(console.words.branch("words.titles").get(name, row.path))
    kind = "_errors" if row.standing is Standing.HAS_ERRORS else "_clinical" if needs_clinician(row.path) else ""
    st.button(
        console.words(f"words.row{kind}", title=title),
        key=f"words_open_{row.path}",
        type="secondary" if is_open else "tertiary",
        width="stretch",
        on_click=partial(_open, console, state, row.path),
    )


def _open(console: Console, state: DocumentState, path: str) -> None:
    opened, desk = state.opened, console.curation.library
    if opened is not None and opened.path == path:
        return
    try:
        if opened is not None and state.text.strip() != (opened.text or "").strip():
            desk.keep_draft(console.caller, opened, state.text)  # nothing typed is lost
        state.show(desk.open(console.caller, path))
        state.mode = "text"
    except CompanionError as exc:
        state.show(None)
        state.problem = str(exc)
