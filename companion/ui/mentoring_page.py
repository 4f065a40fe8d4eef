"""Mentoring: beginning to look, being offered somebody, the meetings, and their end; one page that follows where somebody stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.errors import CompanionError, FormRefused, InputRefused, NotFound
from companion.models_meetings import PseudonymLook
from companion.models_mentoring import MentoringPlace, Side, Step
from companion.network.keeping import bare_code
from companion.network.meetings import MAX_PSEUDONYM_CHARS
from companion.network.mentoring import MOST_GOALS, MentoringService
from companion.network.pairing import FEWEST_SESSIONS, MOST_SESSIONS
from companion.ui.chat_state import View
from companion.ui.mentoring_channel import draw_channel
from companion.ui.page import Page

_PROBLEM = "mentoring_problem"


def draw_mentoring_view(page: Page) -> None:
    """Draw where this page's person stands, or the beginning."""
    words = page.words
    with st.container(key="mentoring"):
        st.header(words("mentoring.title"), anchor=False)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem:
            st.error(words(problem))
        if page.meetings is None:
            st.markdown(words("meetings.list.unavailable"))
        elif page.chat.mentoring_code is None:
            _draw_beginning(page, page.meetings.mentoring)
        else:
            _draw_place(page, page.meetings.mentoring, page.chat.mentoring_code)
        st.button(words("mentoring.back"), key="mentoring_back", on_click=partial(page.chat.show, View.GROUPS))


# --- beginning ---------------------------------------------------------------------------------------------------------


def _draw_beginning(page: Page, service: MentoringService) -> None:
    words = page.words
    st.markdown(words("mentoring.intro"))
    _draw_points(page, "mentoring.seen")
    labels = _goals(page)
    with st.form("mentoring_form", border=False):
        st.radio(
            words("mentoring.side"),
            list(Side),
            format_func=lambda side: words(f"mentoring.sides.{side.value}"),
            index=None,
            key="mentoring_side",
        )
        st.pills(
            words("mentoring.goals"), list(labels), selection_mode="multi", format_func=lambda slug: labels[slug], key="mentoring_goals"
        )
        st.text_input(words("mentoring.name"), key="mentoring_name", max_chars=MAX_PSEUDONYM_CHARS, autocomplete="off")
        st.caption(words("mentoring.name_help"))
        st.form_submit_button(words("mentoring.join"), type="primary", on_click=partial(_join, page, service))
    with st.expander(words("mentoring.code_title")), st.form("mentoring_code_form", border=False, clear_on_submit=True):
        st.text_input(words("mentoring.code_label"), key="mentoring_code", max_chars=64, autocomplete="off")
        st.form_submit_button(words("mentoring.code_open"), on_click=partial(_open, page, service))


def _goals(page: Page) -> dict[str, str]:
    """Return the topics that groups meet on, as slug → label: what people here have to do with."""
    if page.app is None:
        return {}
    met = {slug for group in page.app.catalogue.groups for slug in group.topics}
    return {topic.slug: topic.label for topic in page.app.catalogue.topics if topic.slug in met}


def _join(page: Page, service: MentoringService) -> None:
    side, goals = st.session_state.get("mentoring_side"), st.session_state.get("mentoring_goals") or []
    name = str(st.session_state.get("mentoring_name", ""))
    if side is None or not 1 <= len(goals) <= MOST_GOALS:
        st.session_state[_PROBLEM] = "mentoring.must_choose"
        return
    try:
        if service.look(name) is PseudonymLook.NAME:
            st.session_state[_PROBLEM] = "meetings.join.maybe_name_plain"
            return
        code = service.join(name, Side(side), tuple(goals))
    except InputRefused as refused:
        known = {"empty": "meetings.join.empty_name", "too_long": "meetings.join.too_long"}
        st.session_state[_PROBLEM] = known.get(refused.reason, "meetings.join.identifier")
    except FormRefused:
        st.session_state[_PROBLEM] = "meetings.join.taken_name"
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"
    else:
        page.chat.mentoring_code, page.chat.fresh_mentoring_code = bare_code(code), code
        page.chat.show(View.MENTORING)


def _open(page: Page, service: MentoringService) -> None:
    code = bare_code(str(st.session_state.get("mentoring_code", "")))
    try:
        service.mine(code)
    except NotFound:
        st.session_state[_PROBLEM] = "mentoring.code_wrong"
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.code.failed"
    else:
        page.chat.mentoring_code = code


# --- where somebody stands ---------------------------------------------------------------------------------------------


def _draw_place(page: Page, service: MentoringService, code: str) -> None:
    words = page.words
    try:
        place = service.mine(code)
    except CompanionError:
        st.markdown(words("meetings.list.unavailable"))
        return
    if page.chat.fresh_mentoring_code is not None:
        _draw_code(page, page.chat.fresh_mentoring_code)
    with st.container(border=True, key="mentoring_place"):
        st.text(_standing(page, place))  # as text: pseudonyms are people's own words
        _draw_acts(page, service, code, place.step)
    if place.step in {Step.ASKED, Step.MEETING}:
        st.subheader(words("mentoring.agreement_title"), anchor=False)
        _draw_points(page, "mentoring.agreement")
    if place.step is Step.MEETING:
        st.markdown(words("mentoring.meet"))
    if page.meetings is not None:
        draw_channel(page, page.meetings.pair_channel, code, place)
    st.button(words("mentoring.leave"), key="mentoring_leave", type="tertiary", on_click=partial(_leave, page, service, code))


def _standing(page: Page, place: MentoringPlace) -> str:
    labels = {topic.slug: topic.label for topic in page.app.catalogue.topics} if page.app else {}
    return page.words(
        f"mentoring.steps.{place.step.value}",
        name=place.seeker.pseudonym,
        other=place.other,
        shared=", ".join(labels.get(goal, goal) for goal in place.shared),
        until=f"{place.until:%-d %B}" if place.until else "",
        held=place.held,
        planned=place.planned,
    )


def _draw_acts(page: Page, service: MentoringService, code: str, step: Step) -> None:
    acts: list[tuple[str, Callable[[], object]]] = []
    if step is Step.ASKED:
        counts = range(FEWEST_SESSIONS, MOST_SESSIONS + 1)
        acts = [(page.words("mentoring.yes", sessions=count), partial(service.answer, code, count)) for count in counts]
        acts.append((page.words("mentoring.no"), partial(service.answer, code, 0)))
    elif step is Step.MEETING:
        acts = [
            (page.words("mentoring.note"), partial(service.note_session, code)),
            (page.words("mentoring.part"), partial(service.part, code)),
        ]
    elif step is Step.HALF_TIME:
        acts = [(page.words("mentoring.go_on"), partial(service.go_on, code)), (page.words("mentoring.part"), partial(service.part, code))]
    elif step is Step.CHECKED:
        acts = [(page.words("mentoring.part"), partial(service.part, code))]
    elif step is Step.RESTING:
        acts = [(page.words("mentoring.again"), partial(service.look_again, code))]
    with st.container(horizontal=True, key="mentoring_acts"):
        for number, (label, act) in enumerate(acts):
            st.button(label, key=f"mentoring_act_{step.value}_{number}", on_click=partial(_carry_out, act))


def _draw_code(page: Page, code: str) -> None:
    words = page.words
    with st.container(border=True, key="mentoring_code_box"):
        st.markdown(f"**{words('mentoring.code_own')}**")
        with st.container(key="keep_code"):
            st.code(code, language=None, wrap_lines=True)
        st.markdown(words("mentoring.code_help"))
        st.button(words("mentoring.code_done"), key="mentoring_code_done", type="primary", on_click=partial(_forget_code, page))


def _forget_code(page: Page) -> None:
    page.chat.fresh_mentoring_code = None


def _draw_points(page: Page, key: str) -> None:
    st.markdown("\n".join(f"- {line}" for line in page.words.phrases(key)))


def _leave(page: Page, service: MentoringService, code: str) -> None:
    if _attempt(partial(service.leave, code)):
        page.chat.mentoring_code = page.chat.fresh_mentoring_code = None


def _carry_out(act: Callable[[], object]) -> None:
    _attempt(act)


def _attempt(act: Callable[[], object]) -> bool:
    """Carry out an act; say kind words and return False when it fails."""
    try:
        act()
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"
        return False
    return True
