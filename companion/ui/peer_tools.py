"""What a peer has at hand beside a talk: the page of boundaries, the library, passing on, and what to do when a life is in danger."""

from __future__ import annotations

import secrets
from functools import partial

import streamlit as st

from companion.bootstrap_words import on_duty_page
from companion.errors import CompanionError
from companion.models import Passage
from companion.models_people import HandoverStatus, PassTo, PeerSeat
from companion.ui.desk import Desk, act_on_click
from companion.ui.loading import app_loader
from companion.ui.unsent import words_of
from companion.ui.web_pages import read_lines

_FOUND = 3
_QUOTED_CHARS = 400
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
            _draw_safety(desk, seat, status, country)
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
        st.markdown(f"**{_title(desk, passage)}**")
        st.caption(_quoted(passage))
        st.button(words("peer.library_use"), key=f"use_{number}", on_click=partial(_use, desk, passage))


def _use(desk: Desk, passage: Passage) -> None:
    said = desk.words("peer.library_from", title=_title(desk, passage), text=_quoted(passage))
    _put_into_box(desk, said, _LIBRARY, said)


def _quoted(passage: Passage) -> str:
    """Return the passage's own words, whole sentences only, without list marks."""
    text = " ".join(line.strip().removeprefix("- ") for line in passage.text.splitlines() if line.strip())
    if len(text) <= _QUOTED_CHARS:
        return text
    end = max(text.rfind(mark, 0, _QUOTED_CHARS) for mark in (". ", "? ", "! "))
    return text[: end + 1] if end > 0 else text[:_QUOTED_CHARS]


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


def _draw_safety(desk: Desk, seat: PeerSeat, status: HandoverStatus, country: str | None) -> None:
    words = desk.words
    st.markdown(f"**{words('peer.safety_title')}**")
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
    if status.urgent:
        st.markdown(words("peer.safety_urgent"))
    else:
        raise_danger = partial(act_on_click, desk, partial(desk.people.handovers.raise_danger, desk.caller, seat.handover_id))
        st.button(words("peer.safety"), key="raise_danger", type="primary", on_click=raise_danger)
