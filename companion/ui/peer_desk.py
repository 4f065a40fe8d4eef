"""The peer desk: sign-in, being on duty, what waits, and my talks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_duty import Hindrance
from companion.models_people import QueueEntry
from companion.models_staff import DutyStatus
from companion.network.permissions import Permission, may
from companion.ui.desk import Desk, DeskState, attempt
from companion.ui.loading import app_loader
from companion.ui.local_time import clock_time
from companion.ui.page import open_words
from companion.ui.peer_debrief import draw_debrief
from companion.ui.peer_shifts import draw_shifts
from companion.ui.peer_talk import draw_peer_talk
from companion.ui.staff_pages import draw_elsewhere, open_served
from companion.ui.staff_sign_in import draw_password_change, sign_out, signed_in_caller
from companion.ui.ways import go_to

_QUEUE_TICK_S = 2.0


def draw_peer_page() -> None:
    """Draw the peer's page for this run."""
    words = open_words()
    try:
        served = open_served(words("page.starting"))
        people = served.people
        if people is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(people, words)
        if caller is None:
            return
        if not may(caller, Permission.SEE_QUEUE):
            draw_elsewhere(people, words, caller, not_allowed=words("peer.not_for_you"))
            return
        desk = Desk(
            served.app,
            people,
            app_loader().settings.handover_retention_days,
            words,
            caller,
            st.session_state.setdefault("desk", DeskState()),
        )
        _draw_top(desk)
        if desk.state.open_id is None:
            _draw_lists(desk)
            draw_shifts(desk)
            draw_password_change(people, words)
        else:
            draw_peer_talk(desk, desk.state.open_id)
    except CompanionError:
        st.error(words("peer.unavailable"))


def _draw_top(desk: Desk) -> None:
    words = desk.words
    with st.container(key="desk_top", horizontal=True, vertical_alignment="center"):
        st.markdown(words("peer.signed_in", name=desk.caller.pseudonym))
        if may(desk.caller, Permission.LEARN) and st.button(words("peer.training"), key="to_training", type="tertiary"):
            go_to("training")
        st.button(words("peer.sign_out"), key="sign_out", type="tertiary", on_click=partial(_sign_out, desk))
    if may(desk.caller, Permission.SET_OWN_DUTY):
        _draw_duty(desk)
    if desk.state.problem:
        say = st.info if desk.state.problem == "peer.gone" else st.error  # a talk that was passed on as agreed is no failure
        say(words(desk.state.problem))
        desk.state.problem = None
    _look_for_missed_debrief(desk)
    if desk.state.debriefs and desk.state.open_id is None:
        draw_debrief(desk)


def _look_for_missed_debrief(desk: Desk) -> None:
    """Ask again for the debrief of a talk that ended while the peer was away; once after each sign-in."""
    state, who = desk.state, desk.caller.staff_id
    if state.debrief_asked_for != who and may(desk.caller, Permission.TALK):
        state.debrief_asked_for = who
        state.debriefs = desk.people.load.awaits_debrief(desk.caller)


def _sign_out(desk: Desk) -> None:
    desk.state.open(None)
    desk.state.debriefs, desk.state.debrief_asked_for = False, None
    sign_out(desk.people)


def _draw_duty(desk: Desk) -> None:
    """Draw the own status, the own load, and why no request can be taken just now."""
    words, status = desk.words, desk.people.duty.status(desk.caller)
    st.session_state["duty"] = status.value
    with st.container(key="desk_duty", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            words("peer.duty_label"),
            [known.value for known in DutyStatus],
            format_func=lambda value: words(f"peer.duty.{value}"),
            required=True,
            key="duty",
            on_change=partial(_set_duty, desk),
            label_visibility="collapsed",
        )
        st.caption(_load_words(desk))
    if desk.state.asks_not_today:
        st.markdown(words("peer.not_today_sure"))
        with st.container(horizontal=True, key="not_today_acts"):
            st.button(words("peer.not_today_yes"), key="not_today_yes", on_click=partial(_stand, desk, DutyStatus.NOT_TODAY))
            st.button(words("peer.not_today_no"), key="not_today_no", on_click=partial(_ask_not_today, desk, asks=False))
    hindrance = desk.people.handovers.hindrance(desk.caller)
    if hindrance is not None:
        st.info(words(f"peer.hindrances.{hindrance.value}"))
    renew_by = desk.people.load.renew_by(desk.caller)
    if renew_by is not None and hindrance is not Hindrance.SIGN_OFF_EXPIRED:
        st.info(words("peer.sign_off_ends", day=f"{renew_by:%-d %B %Y}"))


def _load_words(desk: Desk) -> str:
    load, rules = desk.people.load.mine(desk.caller), desk.people.load.turns.rules
    said = desk.words("peer.load", today=load.taken_day, most=rules.max_per_day, held=load.held, week=load.taken_recent)
    if load.rests_until is None:
        return said
    return f"{said} {desk.words('peer.rests', time=clock_time(load.rests_until))}"


def _set_duty(desk: Desk) -> None:
    chosen = DutyStatus(st.session_state.get("duty") or DutyStatus.AWAY)
    if chosen is DutyStatus.NOT_TODAY and desk.people.handovers.held(desk.caller):
        _ask_not_today(desk, asks=True)
    else:
        _stand(desk, chosen)


def _stand(desk: Desk, status: DutyStatus) -> None:
    desk.state.asks_not_today = False
    if attempt(desk, partial(desk.people.duty.set_status, desk.caller, status)) and status is DutyStatus.NOT_TODAY:
        desk.state.open(None)


def _ask_not_today(desk: Desk, *, asks: bool) -> None:
    desk.state.asks_not_today = asks


# --- queue -------------------------------------------------------------------------------------------------------------


def _draw_lists(desk: Desk) -> None:
    @st.fragment(run_every=_QUEUE_TICK_S)
    def lists() -> None:
        people, words = desk.people, desk.words
        try:
            people.duty.look(desk.caller)
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
        st.markdown(_said_of(desk, entry, is_mine=is_mine))
        with st.container(horizontal=True, key=f"acts_{short}", width="content"):
            if st.button(words("peer.open" if is_mine else "peer.claim"), key=f"take_{short}", type="primary"):
                if is_mine or attempt(desk, partial(desk.people.handovers.claim, desk.caller, entry.handover_id)):
                    desk.state.open(entry.handover_id)
                st.rerun()
            if entry.offered_until is not None and not is_mine and st.button(words("peer.decline"), key=f"decline_{short}"):
                attempt(desk, partial(desk.people.handovers.decline, desk.caller, entry.handover_id))
                st.rerun()


def _said_of(desk: Desk, entry: QueueEntry, *, is_mine: bool) -> str:
    """Return what a peer may know of a request before they take it, in one line."""
    words = desk.words
    minutes = int((datetime.now(UTC) - entry.asked_at).total_seconds() // 60)
    marks = [f"**{words('peer.urgent')}**"] if entry.urgent else []
    if entry.offered_until is not None and not is_mine:
        marks.append(f"**{words('peer.offered', time=clock_time(entry.offered_until))}**")
    marks += [words("peer.minutes", minutes=minutes), words(f"peer.wishes.{entry.wish.value}")]
    marks += [mark for mark in (entry.country, entry.language) if mark]
    return " · ".join(marks)
