"""Hints under the peer's box while they write, where the deployer switched them on and the employee was told. Nothing of a draft is kept."""

from __future__ import annotations

import streamlit as st

from companion.errors import CompanionError
from companion.models_people import Author
from companion.models_practice import LineFeedback
from companion.training.hints import hint_on
from companion.ui.components import draft_in_box, watch_draft
from companion.ui.desk import Desk
from companion.ui.loading import app_loader

_COMPONENT = "desk_draft_keys"


def draw_hints(desk: Desk) -> None:
    """Draw the hint to what stands in the box now; nothing unless hints are on."""
    if not app_loader().settings.peer_hints:
        return

    @st.fragment
    def hints() -> None:
        # The draft lives in this one run: the browser's trigger is gone in the next, and so is the hint.
        watch_draft(_COMPONENT)
        _draw(desk, _hint(desk, draft_in_box(_COMPONENT)))

    hints()


def _hint(desk: Desk, draft: str) -> LineFeedback | None:
    """Return the hint to a draft; None also when the scorers cannot be had, since a talk never waits for them."""
    served = app_loader().ready()
    if not draft.strip() or served is None or served.training is None:
        return None
    before = next((message.text for message in reversed(desk.state.messages) if message.author is Author.EMPLOYEE), desk.state.letter or "")
    practice = served.training.practice
    try:
        return hint_on(draft, before, practice.scorer(), practice.feedback_words())
    except CompanionError:
        return None


def _draw(desk: Desk, hint: LineFeedback | None) -> None:
    words = desk.words
    with st.container(key="desk_hint"):
        if hint is None:
            st.caption(words("peer.hints_on"))
            return
        if hint.quote:
            st.text(words("peer.hint_about", quote=hint.quote))
        st.markdown(words("peer.hint", text=hint.suggestion))
        st.caption(words("peer.hint_only"))
