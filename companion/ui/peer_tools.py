"""What a peer has at hand beside a talk: the page of boundaries, the library, passing on, and what to do when a life is in danger."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

import streamlit as st

from companion.bootstrap_words import on_duty_page
from companion.errors import CompanionError
from companion.library.chunks import split_sentences
from companion.models import Passage
from companion.models_people import HandoverStatus, PassTo, PeerSeat
from companion.ui.desk import Desk, act_on_click
from companion.ui.loading import app_loader
from companion.ui.unsent import words_of
from companion.ui.web_pages import read_lines

_FOUND = 3
_MOST_SENTENCES = 2
"""Chosen by us: what one reads in a talk at night without losing the thread."""
_LIBRARY, _SAFETY = "desk_library", "desk_safety"


def draw_tools(desk: Desk, seat: PeerSeat, status: HandoverStatus, country: str | None) -> None:
    """Draw the row of tools of one open talk."""
    words = desk.words
    with st.container(horizontal=True, key="desk_tools"):
        with st.popover(words("peer.at_hand")):
            _draw_at_hand(desk)
        with st.popover(words("peer.library"), key=_LIBRARY, on_change="rerun"):
            _draw_library(desk)
        with st.popover(words("peer.pass_on")):  # always there: if it went, the next one would take its place, opened
            if status.pass_asked is None:
                _draw_pass_on(desk, seat)
            else:
                st.markdown(words("peer.passed"))
        with st.popover(words("peer.safety"), key=_SAFETY, on_change="rerun"):
            _draw_safety(desk, seat, country)
    if status.pass_asked is not None:
        st.info(words("peer.passed"))


def _draw_at_hand(desk: Desk) -> None:
    """Draw the page that is kept at hand while talking; without its file the reminder that always stands."""
    st.markdown(on_duty_page(app_loader().settings.catalogue_dir) or desk.words("peer.reminder"))


# --- library -----------------------------------------------------------------------------------------------------------


def _draw_library(desk: Desk) -> None:
    words = desk.words
    st.markdown(words("peer.library_help"))
    query = st.text_input(words("peer.library_query"), key="desk_query")
    if not query.strip():
        return
    try:
        found = desk.app.search(query, _FOUND)
    except CompanionError:
        found = ()
    if not found:
        st.markdown(words("peer.library_none"))
    for number, passage in enumerate(found):
        label = words("peer.library_found", title=_title(desk, passage), section=passage.section)
        with st.expander(label, expanded=number == 0, key=f"found_{passage.id}"):
            _draw_sentences(desk, passage)


def _draw_sentences(desk: Desk, passage: Passage) -> None:
    """Draw what may be taken from a passage, sentence by sentence: a whole paragraph answers nobody."""
    words = desk.words
    sentences = [sentence for said in passage.quotes or (passage.text,) for sentence in split_sentences(said)]
    keys = [f"pick_{passage.id}_{number}" for number in range(len(sentences))]
    picked = [key for key in keys if st.session_state.get(key)]
    for key, sentence in zip(keys, sentences, strict=True):
        st.checkbox(sentence, key=key, disabled=len(picked) >= _MOST_SENTENCES and key not in picked)
    label = words("peer.library_use") if picked else words("peer.library_pick", most=_MOST_SENTENCES)
    said = [sentence for key, sentence in zip(keys, sentences, strict=True) if key in picked]
    st.button(label, key=f"use_{passage.id}", on_click=partial(_use, desk, passage, said, picked), disabled=not picked)


def _use(desk: Desk, passage: Passage, sentences: Sequence[str], picked: Sequence[str]) -> None:
    said = desk.words("peer.library_from", title=_title(desk, passage), text=" ".join(sentences))
    _put_into_box(desk, said, _LIBRARY, said)
    for key in picked:
        st.session_state[key] = False


def _title(desk: Desk, passage: Passage) -> str:
    try:
        return desk.app.article(passage.doc).title
    except CompanionError:
        return passage.doc


def _put_into_box(desk: Desk, said: str, tool: str, *known: str) -> None:
    """Put words into the box below the talk, to read over before they are sent, and close the tool that covers it.

    known: names and numbers in them that are nobody's, so that the message is not held for their sake.
    """
    desk.state.sending.settled |= words_of(*known)
    desk.state.chosen = (secrets.token_hex(8), said)
    st.session_state[tool] = False


# --- passing on, danger ------------------------------------------------------------------------------------------------


def _draw_pass_on(desk: Desk, seat: PeerSeat) -> None:
    words, handovers = desk.words, desk.people.handovers
    st.markdown(words("peer.pass_help"))
    targets = [PassTo.PEER, *([PassTo.COORDINATOR] if handovers.can_pass_to_coordinator(desk.caller) else [])]
    for to in targets:
        ask = partial(act_on_click, desk, partial(handovers.ask_to_pass, desk.caller, seat.handover_id, to))
        st.button(words(f"peer.pass_{to.value}"), key=f"pass_{to.value}", on_click=ask)


def _draw_safety(desk: Desk, seat: PeerSeat, country: str | None) -> None:
    words = desk.words
    st.markdown(f"**{words('peer.safety_title')}**")
    if _is_raised(desk):
        st.markdown(words("peer.safety_urgent"))
    else:  # also where the request came as urgent: coordinators know nothing of it until this is pressed
        raise_danger = partial(act_on_click, desk, partial(desk.people.handovers.raise_danger, desk.caller, seat.handover_id))
        st.button(words("peer.safety_raise"), key="raise_danger", type="primary", on_click=raise_danger)
    st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(words.phrases("peer.safety_steps"), start=1)))
    lines = read_lines(app_loader().settings.catalogue_dir)
    local = lines.for_country(country) if lines and country else None
    if local is None:
        st.markdown(words("peer.safety_no_country"))
    else:
        for number, line in enumerate(local.lines[:_FOUND]):
            said = words("peer.safety_line", name=line.name, dial=line.dial)
            st.markdown(f"**{said}**")
            st.button(
                words("peer.safety_send"), key=f"line_{number}", on_click=partial(_put_into_box, desk, said, _SAFETY, line.name, line.dial)
            )


def _is_raised(desk: Desk) -> bool:
    try:
        return desk.people.alerts.is_raised(desk.caller)
    except CompanionError:
        return False  # better pressed twice than not at all
