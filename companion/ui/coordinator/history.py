"""The history of the open document: every version with who, when and why; what each changed; and going back to one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.curation.history import NOBODY
from companion.errors import CompanionError, EditConflict
from companion.models_curation import KnowledgeVersion, OpenDocument
from companion.ui.components import draw_diff
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState
from companion.ui.local_time import day_and_time


def draw_history(console: Console, state: DocumentState, opened: OpenDocument) -> None:
    """Draw the versions of a document, newest first."""
    words = console.words
    versions = console.curation.library.versions(console.caller, opened.path)
    if not versions:
        st.markdown(words("library.history_empty"))
    for place, version in enumerate(versions):
        before = versions[place + 1].text if place + 1 < len(versions) else ""
        with st.expander(_line(console, version), expanded=place == 0):
            st.caption(words("library.compare"))
            draw_diff(f"history_{version.number}", console.curation.library.compared(console.caller, before, version.text))
            if version.text != opened.text:
                st.button(
                    words("library.restore"), key=f"restore_{version.number}", on_click=partial(_restore, console, state, opened, version)
                )


def _line(console: Console, version: KnowledgeVersion) -> str:
    words = console.words
    who = words("library.nobody") if version.by == NOBODY else version.by
    act = str(words.branch("library.acts").get(version.act.value, version.act.value))
    note = f"({version.note})" if version.note else ""
    return words("library.version", when=day_and_time(version.at), who=who, act=act, note=note).strip()


def _restore(console: Console, state: DocumentState, opened: OpenDocument, version: KnowledgeVersion) -> None:
    try:
        state.show(console.curation.library.restore(console.caller, opened, version), done="restored")
    except EditConflict:
        state.problem = console.words("library.conflict")
    except CompanionError as exc:
        state.problem = console.words("library.failed", problem=exc)
