"""One group as the person who leads it sees it: names that members chose, counts, and help when it has gone quiet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError
from companion.models_groups import PeerGroup
from companion.models_meetings import LedGroup
from companion.ui.staff_sign_in import demand_signed_in

if TYPE_CHECKING:
    from companion.ui.facilitator import LeaderPage

_OUTCOME = "facilitator_outcome"


def draw_led_group(page: LeaderPage, group: PeerGroup) -> None:
    """Draw a group of the caller's."""
    words, led = page.words, page.meetings.facilitation.open(page.caller, group.key)
    st.subheader(group.name, anchor=False)
    outcome = st.session_state.pop(_OUTCOME, None)
    if outcome:
        (st.error if outcome == "facilitator.failed" else st.success)(words(outcome))
    if led.quiet is not None:
        with st.container(key="quiet_group", border=True):
            st.markdown(f"**{words('facilitator.group.quiet')}.** {words(f'facilitator.group.quiet_{led.quiet.value}')}")
            with st.expander(page.texts.quiet_group.title):
                st.markdown(page.texts.quiet_group.body)
    if group.way_in is None:
        st.info(words("facilitator.group.no_way_in"))
    _draw_meetings(page, led)
    _draw_members(page, led)
    _draw_taps(page, led)


def _draw_meetings(page: LeaderPage, led: LedGroup) -> None:
    words, key = page.words, led.group_key
    st.subheader(words("facilitator.group.meetings"), anchor=False)
    with st.form(f"meeting_{key}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(words("facilitator.group.day"), value="today", max_value="today", key=f"meeting_day_{key}")
        st.number_input(words("facilitator.group.attendance"), min_value=0, max_value=500, value=0, step=1, key=f"meeting_count_{key}")
        st.form_submit_button(words("facilitator.group.note"), type="primary", on_click=partial(_note, page, key))
    if not led.meetings:
        st.markdown(words("facilitator.group.no_meetings"))
    for meeting in led.meetings:
        with st.container(horizontal=True, vertical_alignment="center", key=f"meeting_row_{meeting.day}"):
            day = f"{meeting.day:%-d %B %Y}"
            st.markdown(words("facilitator.group.row", day=day, attendance=meeting.attendance))
            drop = partial(page.meetings.facilitation.drop_meeting, page.caller, key, meeting.day)
            label = words("facilitator.group.drop", day=day)
            st.button(label, key=f"drop_{meeting.day}", type="tertiary", on_click=partial(_attempt, page, drop))


def _draw_members(page: LeaderPage, led: LedGroup) -> None:
    words = page.words
    st.subheader(words("facilitator.group.members"), anchor=False)
    st.caption(words("facilitator.group.members_help"))
    if led.names:
        st.text(", ".join(led.names))  # as text: a pseudonym is somebody's own words
    else:
        st.markdown(words("facilitator.group.nobody"))
    if led.waiting:
        st.markdown(words("facilitator.group.waiting", waiting=led.waiting))
    if led.names:
        with st.expander(words("facilitator.group.free")):
            name = st.selectbox(words("facilitator.group.free_label"), led.names, index=None, key=f"free_{led.group_key}")
            free = partial(page.meetings.facilitation.free_place, page.caller, led.group_key, name or "")
            act = partial(_attempt, page, free, "facilitator.group.freed")
            st.button(words("facilitator.group.free_act"), key="free_place", on_click=act, disabled=name is None)


def _draw_taps(page: LeaderPage, led: LedGroup) -> None:
    words = page.words
    st.subheader(words("facilitator.group.taps"), anchor=False)
    if not led.taps:
        st.markdown(words("facilitator.group.taps_none"))
    for taps in led.taps:
        question = words(f"facilitator.group.questions.{taps.question.value}")
        st.markdown(words("facilitator.group.tap_row", quarter=taps.quarter, question=question, yes=taps.yes, all=taps.all))


def _note(page: LeaderPage, key: str) -> None:
    day, count = st.session_state.get(f"meeting_day_{key}"), st.session_state.get(f"meeting_count_{key}")
    if day is not None and count is not None:
        _attempt(page, partial(page.meetings.facilitation.note_meeting, page.caller, key, day, int(count)), "facilitator.group.noted")


def _attempt(page: LeaderPage, act: Callable[[], None], done: str | None = None) -> None:
    """Carry out an act while the session holds, and note how it went."""
    try:
        demand_signed_in(page.people)
        act()
    except CompanionError:
        st.session_state[_OUTCOME] = "facilitator.failed"
        return
    if done:
        st.session_state[_OUTCOME] = done
