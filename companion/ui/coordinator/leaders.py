"""Leading in the console: who leads which group, which ones have gone quiet, and taps from ten answers on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.library.facilitating import load_facilitating
from companion.models_meetings import GroupStanding, Quiet
from companion.models_staff import StaffMember
from companion.ui.coordinator.console import Console
from companion.ui.loading import app_loader
from companion.ui.staff_sign_in import demand_signed_in

_PROBLEM = "leaders_problem"


def draw_leaders(console: Console) -> None:
    """Draw the part for this run."""
    words, facilitation = console.words, console.meetings.facilitation
    st.markdown(words("leaders.intro"))
    if st.session_state.pop(_PROBLEM, False):
        st.error(words("leaders.failed"))
    standings = facilitation.overview(console.caller)
    accounts = facilitation.facilitators(console.caller)
    lost = sorted(set(console.app.catalogue.roles.by_account) - {each.username for each in accounts})
    if lost:
        st.warning(words("leaders.lost_accounts", accounts=", ".join(lost)))
    if not standings:
        st.markdown(words("leaders.none"))
    if not accounts:
        st.markdown(words("leaders.no_accounts"))
    for standing in standings:
        _draw_group(console, standing, accounts)
    _draw_wishes(console)


def _draw_wishes(console: Console) -> None:
    words, wishes = console.words, console.meetings.recognition.wishes(console.caller)
    st.subheader(words("leaders.wished"), anchor=False)
    st.caption(words("leaders.wished_help"))
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics}
    for topic, at_least in wishes.items():
        st.markdown(words("leaders.wish_row", topic=labels.get(topic, words("leaders.wish_other")), at_least=at_least))
    if not wishes:
        st.markdown(words("leaders.wishes_none"))


def _draw_group(console: Console, standing: GroupStanding, accounts: tuple[StaffMember, ...]) -> None:
    words, facilitation, key = console.words, console.meetings.facilitation, standing.group_key
    marks = [words(f"leaders.marks.{standing.quiet.value}")] if standing.quiet else []
    title = " · ".join([standing.name, ", ".join(standing.facilitators) or words("leaders.nobody"), *marks])
    with st.expander(title, expanded=bool(standing.quiet)):
        if standing.quiet is not None:
            st.markdown(words(f"leaders.quiet_{standing.quiet.value}"))
            if standing.quiet is not Quiet.UNLED:
                _draw_plan()
        for taps in standing.taps:
            question = words(f"leaders.questions.{taps.question.value}")
            st.markdown(words("leaders.taps", quarter=taps.quarter, question=question, yes=taps.yes, all=taps.all))
        leading = facilitation.leaders(console.caller, key)
        for leader in leading:
            act = partial(facilitation.unassign, console.caller, key, leader.id)
            label = words("leaders.remove", name=leader.pseudonym)
            st.button(label, key=f"unlead_{key}_{leader.id[:8]}", on_click=partial(_attempt, console, act))
        names = {each.id: each.pseudonym for each in accounts if each not in leading}
        if names:
            chosen = st.selectbox(
                words("leaders.choose"), list(names), format_func=lambda staff_id: names[staff_id], index=None, key=f"lead_{key}"
            )
            assign = partial(facilitation.assign, console.caller, key, chosen or "")
            st.button(words("leaders.add"), key=f"lead_act_{key}", on_click=partial(_attempt, console, assign), disabled=chosen is None)


def _draw_plan() -> None:
    """Draw what may help a group that has gone quiet, as its facilitator reads it; without the file nothing."""
    try:
        plan = load_facilitating(app_loader().settings.catalogue_dir / "facilitating").quiet_group
    except CompanionError:
        return
    with st.container(border=True):
        st.markdown(f"**{plan.title}**\n\n{plan.body}")


def _attempt(console: Console, act: Callable[[], None]) -> None:
    try:
        demand_signed_in(console.people)
        act()
    except CompanionError:
        st.session_state[_PROBLEM] = True
