"""The training page of peers and facilitators: the course, the practice room, and the pages at hand."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.network.permissions import Permission, may
from companion.ui.components import begin_at_top
from companion.ui.page import open_words
from companion.ui.staff_pages import draw_elsewhere, open_served
from companion.ui.staff_sign_in import sign_out, signed_in_caller
from companion.ui.training.course import draw_course
from companion.ui.training.practice_room import draw_practice
from companion.ui.training.state import LearnerPage, LearnerState
from companion.ui.ways import go_to

_STATE = "learner"
_PARTS = ("course", "practice", "at_hand")


def draw_training_page() -> None:
    """Draw the training page for this run."""
    words = open_words()
    try:
        served = open_served(words("page.starting"))
        if served.people is None or served.training is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(served.people, words, title="training.title", intro="training.sign_in_intro")
        if caller is None:
            st.session_state.pop(_STATE, None)  # a practice must not outlive the session of who wrote it
            return
        if not may(caller, Permission.LEARN):
            draw_elsewhere(served.people, words, caller, not_allowed=words("training.not_allowed"))
            return
        state = st.session_state.setdefault(_STATE, LearnerState())
        page = LearnerPage(served.people, served.training, words, caller, state, served.training.service.mine(caller))
        _draw_top(page)
        _draw_part(page)
    except CompanionError:
        st.error(words("training.unavailable"))


def _draw_top(page: LearnerPage) -> None:
    words = page.words
    with st.container(key="training_top", horizontal=True, vertical_alignment="center"):
        st.header(words("training.title"), anchor=False)
        st.markdown(words("training.signed_in", name=page.caller.pseudonym))
        if may(page.caller, Permission.SEE_QUEUE) and st.button(words("training.to_desk"), key="to_desk", type="tertiary"):
            go_to("peer")
        st.button(words("training.sign_out"), key="sign_out", type="tertiary", on_click=partial(_sign_out, page))
    if page.state.problem:
        st.error(words(page.state.problem))
        page.state.problem = None


def _sign_out(page: LearnerPage) -> None:
    st.session_state.pop(_STATE, None)
    sign_out(page.people)


def _draw_part(page: LearnerPage) -> None:
    words, state = page.words, page.state
    st.session_state["training_part"] = state.part
    chosen = st.segmented_control(
        words("training.parts_label"),
        _PARTS,
        format_func=lambda part: words(f"training.parts.{part}"),
        required=True,
        key="training_part",
        on_change=partial(_choose, state),
        label_visibility="collapsed",
    )
    begin_at_top(f"{state.part} {state.module_id} {state.talk.persona.id if state.talk else ''} {bool(state.talk and state.talk.is_over)}")
    {"course": draw_course, "practice": draw_practice, "at_hand": _draw_at_hand}[chosen or "course"](page)


def _choose(state: LearnerState) -> None:
    state.part = str(st.session_state.get("training_part") or "course")


def _draw_at_hand(page: LearnerPage) -> None:
    words, course = page.words, page.training.course.course()
    with st.container(key="training_text"):
        if not course.on_duty and not course.debrief:
            st.markdown(words("training.at_hand.none"))
        st.markdown(course.on_duty)
        if course.debrief:
            st.subheader(words("training.at_hand.debrief"), anchor=False)
            st.markdown(course.debrief)
