"""The peer's own weekly shifts: the plan from which employees learn when somebody is there."""

from __future__ import annotations

from datetime import time
from functools import partial

import streamlit as st

from companion.models_duty import WeeklyShift
from companion.ui.desk import Desk, act_on_click, attempt

_MINUTES_AN_HOUR = 60
_LONGEST_HOURS = 12


def draw_shifts(desk: Desk) -> None:
    """Draw the plan of the signed-in peer, and the form for one more shift."""
    words = desk.words
    with st.expander(words("peer.shifts")):
        st.markdown(words("peer.shifts_help"))
        for shift in desk.people.roster.mine(desk.caller):
            with st.container(horizontal=True, vertical_alignment="center", key=f"shift_{shift.id[:8]}"):
                st.markdown(shift_words(desk, shift))
                cancel = partial(act_on_click, desk, partial(desk.people.roster.cancel, desk.caller, shift.id))
                st.button(words("peer.shift_remove"), key=f"remove_{shift.id[:8]}", type="tertiary", on_click=cancel)
        days = words.phrases("peer.days")
        with st.form("shift", border=False), st.container(horizontal=True, vertical_alignment="bottom", key="shift_fields"):
            day = st.selectbox(words("peer.shift_day"), days, key="shift_day")
            starts = st.time_input(words("peer.shift_from"), value=time(9), key="shift_from")
            hours = st.number_input(words("peer.shift_hours"), min_value=1, max_value=_LONGEST_HOURS, value=4, key="shift_hours")
            zone = st.text_input(words("peer.shift_zone"), value=st.context.timezone or "UTC", key="shift_zone")
            if st.form_submit_button(words("peer.shift_add")):
                plan = partial(
                    desk.people.roster.plan,
                    desk.caller,
                    weekday=days.index(day),
                    starts=starts,
                    minutes=int(hours) * _MINUTES_AN_HOUR,
                    timezone=zone,
                )
                attempt(desk, plan)
                st.rerun()


def shift_words(desk: Desk, shift: WeeklyShift) -> str:
    """Return one weekly shift in words."""
    day, hours = desk.words.phrases("peer.days")[shift.weekday], shift.minutes // _MINUTES_AN_HOUR
    return desk.words("peer.shift_line", day=day, start=f"{shift.starts:%H:%M}", hours=hours, zone=shift.timezone)
