"""The peer's own weekly shifts: the plan from which employees learn when somebody is there."""

from __future__ import annotations

from datetime import time
from functools import cache, partial
from zoneinfo import available_timezones

import streamlit as st

from companion.models_duty import WeeklyShift
from companion.ui.desk import Desk, act_on_click, attempt
from companion.ui.loading import app_loader

_MINUTES_AN_HOUR = 60
_LONGEST_HOURS = 12
_ANYWHERE = "UTC"
_CONTINENTS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
"""The places of the IANA list; its other names are older spellings of these."""


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
            zones = _zones()
            zone = st.selectbox(words("peer.shift_zone"), zones, format_func=lambda name: name.replace("_", " "), key="shift_zone")
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


def _zones() -> tuple[str, ...]:
    """Return the time zones to choose from: the deployment's own first, then the browser's, then all places by name."""
    known = _places()
    first = [zone for zone in (app_loader().settings.timezone, st.context.timezone) if zone in known]
    return tuple(dict.fromkeys([*first, *known])) or (_ANYWHERE,)


@cache
def _places() -> tuple[str, ...]:
    return (_ANYWHERE, *sorted(zone for zone in available_timezones() if zone.startswith(_CONTINENTS)))


def shift_words(desk: Desk, shift: WeeklyShift) -> str:
    """Return one weekly shift in words."""
    day, hours = desk.words.phrases("peer.days")[shift.weekday], shift.minutes // _MINUTES_AN_HOUR
    return desk.words("peer.shift_line", day=day, start=f"{shift.starts:%H:%M}", hours=hours, zone=shift.timezone)
