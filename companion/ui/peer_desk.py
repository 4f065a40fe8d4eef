"""The peer desk: sign-in, being on duty, what waits, and my talks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_people import QueueEntry
from companion.models_staff import DutyStatus
from companion.ui.desk import Desk, DeskState, attempt
from companion.ui.loading import app_loader
from companion.ui.page import open_words
from companion.ui.peer_talk import draw_peer_talk
from companion.ui.staff_sign_in import sign_out, signed_in_caller

_QUEUE_TICK_S = 2.0
_BUILD_PATIENCE_S = 60.0


def draw_peer_page() -> None:
    """Draw the peer's page for this run."""
    words = open_words()
    try:
        people = app_loader().wait(_BUILD_PATIENCE_S).people
        if people is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(people, words)
        if caller is None:
            return
        desk = Desk(people, app_loader().settings.handover_retention_days, words, caller, st.session_state.setdefault("desk", DeskState()))
        _draw_top(desk)
        if desk.state.open_id is None:
            _draw_lists(desk)
        else:
            draw_peer_talk(desk, desk.state.open_id)
    except CompanionError:
        st.error(words("peer.unavailable"))


def _draw_top(desk: Desk) -> None:
    words = desk.words
    with st.container(key="desk_top", horizontal=True, vertical_alignment="center"):
        st.markdown(words("peer.signed_in", name=desk.caller.pseudonym))
        status = desk.people.duty.status(desk.caller)
        st.toggle(words("peer.duty_on"), value=status is DutyStatus.ON_DUTY, key="on_duty", on_change=partial(_set_duty, desk))
        st.button(words("peer.sign_out"), key="sign_out", type="tertiary", on_click=partial(_sign_out, desk))
    if desk.state.problem:
        st.error(words(desk.state.problem))
        desk.state.problem = None


def _sign_out(desk: Desk) -> None:
    desk.state.open(None)
    sign_out(desk.people)


def _set_duty(desk: Desk) -> None:
    status = DutyStatus.ON_DUTY if st.session_state.get("on_duty") else DutyStatus.AWAY
    attempt(desk, partial(desk.people.duty.set_status, desk.caller, status))


# --- queue -------------------------------------------------------------------------------------------------------------


def _draw_lists(desk: Desk) -> None:
    @st.fragment(run_every=_QUEUE_TICK_S)
    def lists() -> None:
        people, words = desk.people, desk.words
        try:
            held, waiting = people.handovers.held(desk.caller), people.handovers.queue(desk.caller)
        except CompanionError:
            st.error(words("peer.unavailable"))
            return
        if held:
            st.subheader(words("peer.mine"), anchor=False)
            for entry in held:
                _draw_entry(desk, entry, is_mine=True)
        st.subheader(words("peer.queue"), anchor=False)
        for entry in waiting:
            _draw_entry(desk, entry, is_mine=False)
        if not waiting:
            st.markdown(words("peer.queue_empty"))
        st.caption(words("peer.reminder"))

    lists()


def _draw_entry(desk: Desk, entry: QueueEntry, *, is_mine: bool) -> None:
    words, short = desk.words, entry.handover_id[:8]
    with st.container(key=f"entry_{short}{'_urgent' if entry.urgent else ''}", border=True, horizontal=True, vertical_alignment="center"):
        minutes = int((datetime.now(UTC) - entry.asked_at).total_seconds() // 60)
        marks = [words("peer.urgent")] if entry.urgent else []
        marks += [words("peer.minutes", minutes=minutes), *([entry.country] if entry.country else [])]
        st.markdown(" · ".join(f"**{mark}**" if mark == words("peer.urgent") else mark for mark in marks))
        if st.button(words("peer.open" if is_mine else "peer.claim"), key=f"take_{short}", type="primary"):
            if is_mine or attempt(desk, partial(desk.people.handovers.claim, desk.caller, entry.handover_id)):
                desk.state.open(entry.handover_id)
            st.rerun()
