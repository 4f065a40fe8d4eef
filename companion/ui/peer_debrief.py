"""Two taps for the peer after a talk: how it was, and whether they would like to talk about it. Nothing of the talk is asked."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.ui.desk import Desk, attempt


def draw_debrief(desk: Desk) -> None:
    """Draw the debrief above the queue until the peer has answered it."""
    words = desk.words
    with st.container(key="debrief", border=True):
        st.markdown(f"**{words('peer.debrief_title')}**")
        st.markdown(words("peer.debrief_intro"))
        st.checkbox(words("peer.debrief_talk"), key="debrief_talk")
        with st.container(horizontal=True, key="debrief_acts"):
            light, heavy = (partial(_note, desk, was_heavy=was_heavy) for was_heavy in (False, True))
            st.button(words("peer.debrief_light"), key="debrief_light", on_click=light)
            st.button(words("peer.debrief_heavy"), key="debrief_heavy", on_click=heavy)


def _note(desk: Desk, *, was_heavy: bool) -> None:
    wants_talk = bool(st.session_state.get("debrief_talk"))
    if attempt(desk, partial(desk.people.load.debrief, desk.caller, was_heavy=was_heavy, wants_talk=wants_talk)):
        desk.state.debriefs = False
