"""The safety alert in the console: what was reported, what to do, the numbers of the deployment's country, and who sees to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models import CountryLines
from companion.models_duty import SafetyAlert
from companion.ui.components import Plain, draw_lines, last_act
from companion.ui.coordinator.console import Console
from companion.ui.local_time import clock_time
from companion.ui.staff_sign_in import demand_signed_in
from companion.ui.web_pages import country_for_browser, read_lines

_TICK_S = 5.0
_PROBLEM, _COUNTRY = "alert_problem", "alert_country"


def draw_alerts(console: Console) -> None:
    """Draw the open alerts above whatever part is chosen, and look for new ones every few seconds."""

    @st.fragment(run_every=_TICK_S)
    def tick() -> None:
        for alert in console.people.alerts.open(console.caller):
            _draw_alert(console, alert)

    tick()


def _draw_alert(console: Console, alert: SafetyAlert) -> None:
    words, name, key = console.words, alert.pseudonym, alert.staff_id[:8]
    country = _country(console)
    emergency = country.emergency if country else words("alerts.emergency_unknown")
    with st.container(border=True, key=f"safety_alert_{key}"):
        st.subheader(words("alerts.title", name=name, time=clock_time(alert.at)), anchor=False)
        st.markdown(words("alerts.reported", name=name))
        steps = (step.format(name=name, emergency=emergency) for step in words.phrases("alerts.steps"))
        st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)))
        if problem := st.session_state.pop(_PROBLEM, None):
            st.error(words(problem))
        _draw_standing(console, alert, key)
        with st.expander(words("alerts.lines"), expanded=alert.taken_at is None, key=f"alert_lines_{key}"):
            _draw_lines(console, country, f"alert-lines-{key}")


def _draw_standing(console: Console, alert: SafetyAlert, key: str) -> None:
    words, alerts = console.words, console.people.alerts
    with st.container(horizontal=True, vertical_alignment="center", key=f"alert_acts_{key}"):
        if alert.taken_at is None:
            take = partial(_do, console, partial(alerts.take, console.caller, alert.staff_id))
            st.button(words("alerts.take", name=alert.pseudonym), key=f"alert_take_{key}", type="primary", on_click=take)
        else:
            time = clock_time(alert.taken_at)
            known = words("alerts.taken", by=alert.taken_by, time=time) if alert.taken_by else words("alerts.taken_unknown", time=time)
            st.markdown(known)
            close = partial(_do, console, partial(alerts.close, console.caller, alert.staff_id))
            st.button(words("alerts.done", name=alert.pseudonym), key=f"alert_done_{key}", type="primary", on_click=close)
    st.caption(words("alerts.logged"))


def _country(console: Console) -> CountryLines | None:
    lines = read_lines(console.app.settings.knowledge_dir)
    return lines.for_country(st.session_state.get(_COUNTRY, console.app.settings.country)) if lines else None


def _draw_lines(console: Console, country: CountryLines | None, key: str) -> None:
    shown: Plain = {
        "words": {name: text for name, text in console.words.branch("crisis").items() if isinstance(text, str)},
        "country": country_for_browser(country, console.words) if country else None,
    }
    draw_lines(key, shown, partial(_choose_country, key))


def _choose_country(key: str) -> None:
    what, value = last_act(key)
    if what == "country":
        st.session_state[_COUNTRY] = value or None


def _do(console: Console, act: Callable[[], object]) -> None:
    try:
        demand_signed_in(console.people)
        act()
    except CompanionError:
        st.session_state[_PROBLEM] = "alerts.failed"
