"""What a member finds between two meetings: the question of the week, and two taps about the last meeting."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.library.meeting_dates import meetings_from
from companion.library.questions import load_questions, question_of
from companion.models import PeerGroup
from companion.models_meetings import UseQuestion
from companion.ui.page import Page

_ASKED_FOR = timedelta(days=7)
"""Chosen by us: after a week people remember the mood, not the meeting."""


def draw_between_meetings(page: Page, key: str, code: str, group: PeerGroup | None) -> None:
    """Draw both for a member."""
    _draw_question(page)
    if group is not None and _was_lately(page, group):
        _draw_taps(page, key, code)


def _draw_question(page: Page) -> None:
    words = page.words
    try:
        question = question_of(load_questions(page.settings.catalogue_dir / "questions.yaml"), page.now.date())
    except CompanionError:
        return  # `companion check` names the mistake; a member misses a question, no more
    with st.container(key="group_question", border=True):
        st.markdown(f"**{words('meetings.between.question')}**")
        st.markdown(question)
        st.caption(words("meetings.between.question_help"))


def _was_lately(page: Page, group: PeerGroup) -> bool:
    """Tell whether a meeting has ended within the last week."""
    for begins in meetings_from(group.rhythm, (page.now - _ASKED_FOR).date()):
        ended = begins + timedelta(minutes=group.rhythm.minutes)
        if ended > page.now:
            return False
        if page.now - ended <= _ASKED_FOR:
            return True
    return False


def _draw_taps(page: Page, key: str, code: str) -> None:
    words = page.words
    with st.container(key="group_taps", border=True):
        st.markdown(f"**{words('meetings.between.taps')}**")
        if key in page.chat.tapped:
            st.markdown(words("meetings.between.thanks"))
            return
        st.caption(words("meetings.between.taps_help"))
        options = words.phrases("meetings.between.options")
        for question in UseQuestion:
            st.segmented_control(words(f"meetings.between.{question.value}"), options, key=f"tap_{question.value}")
        is_whole = all(st.session_state.get(f"tap_{question.value}") for question in UseQuestion)
        st.button(words("meetings.between.send"), key="tap_send", on_click=partial(_send, page, key, code), disabled=not is_whole)


def _send(page: Page, key: str, code: str) -> None:
    yes = page.words.phrases("meetings.between.options")[0]
    answers = {question: st.session_state.get(f"tap_{question.value}") == yes for question in UseQuestion}
    try:
        if page.meetings is not None:
            page.meetings.facilitation.tap(code, answers)
            page.chat.tapped.add(key)
    except CompanionError:
        return  # the taps stay on the page and can be sent again
