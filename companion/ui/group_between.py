"""What a member finds between two meetings: the question of the week, two taps about the last meeting, a card to write, thanks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from companion.curation.cards import MAX_CARD_CHARS
from companion.errors import CompanionError, InputRefused
from companion.library.meeting_dates import meetings_from
from companion.library.questions import load_questions, question_of
from companion.models_groups import PeerGroup
from companion.models_meetings import UseQuestion
from companion.session import ChatSession
from companion.stages.redaction import clean_input, redact
from companion.ui.loading import app_loader
from companion.ui.page import Page

_CARD_OUTCOME = "card_outcome"
_ASKED_FOR = timedelta(days=7)
"""Chosen by us: after a week people remember the mood, not the meeting."""


def draw_between_meetings(page: Page, key: str, code: str, group: PeerGroup | None) -> None:
    """Draw all of it for a member; no question of the week to somebody who wrote of danger, waits for a person or talks with one, and nothing
    about the last meeting to somebody who joined a moment ago.
    """
    if not page.chat.is_heavy:
        _draw_question(page)
    if group is not None and key not in page.chat.joined_here and _was_lately(page, group):
        _draw_taps(page, key, code)
    if group is not None:
        _draw_card(page, code, group)
    _draw_thanks(page, key, code)


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


def _draw_card(page: Page, code: str, group: PeerGroup) -> None:
    words = page.words
    outcome = st.session_state.pop(_CARD_OUTCOME, None)
    with st.expander(words("meetings.between.card"), expanded=outcome is not None):
        st.markdown(words("meetings.between.card_help"))
        if outcome:
            (st.success if outcome == "meetings.between.card_kept" else st.error)(words(outcome))
        labels = {topic.slug: topic.label for topic in page.app.catalogue.topics} if page.app else {}
        st.selectbox(words("meetings.between.card_topic"), group.topics, format_func=lambda slug: labels.get(slug, slug), key="card_topic")
        st.text_area(words("meetings.between.card_label"), key="card_text", max_chars=MAX_CARD_CHARS)
        st.button(words("meetings.between.card_send"), key="card_send", on_click=partial(_hand_in, page, code))


def _hand_in(page: Page, code: str) -> None:
    """Hide names, then store; what was typed goes from the page only when it is stored."""
    typed, topic = str(st.session_state.get("card_text", "")), str(st.session_state.get("card_topic", ""))
    served = app_loader().ready()
    try:
        if page.app is None or served is None or served.curation is None:
            raise CompanionError("the program is not ready")
        card = redact(clean_input(typed, MAX_CARD_CHARS), ChatSession(), page.app.parts.redactor())
        served.curation.cards.write(code, topic, card)
    except InputRefused:
        st.session_state[_CARD_OUTCOME] = "meetings.between.card_refused"
    except CompanionError:
        st.session_state[_CARD_OUTCOME] = "meetings.between.card_failed"
    else:
        st.session_state["card_text"] = ""
        st.session_state[_CARD_OUTCOME] = "meetings.between.card_kept"


def _draw_thanks(page: Page, key: str, code: str) -> None:
    words, given = page.words, _thanks_given(page, key)
    with st.container(key="group_thanks", border=True):
        if given:
            st.markdown(words("meetings.between.thanks_given", count=given))
        if key in page.chat.thanked:
            st.markdown(words("meetings.between.thanked"))
            return
        st.button(words("meetings.between.thank"), key="group_thank", on_click=partial(_thank, page, key, code))
        st.caption(words("meetings.between.thank_help"))


def _thanks_given(page: Page, key: str) -> int:
    try:
        return page.meetings.recognition.thanks(key) if page.meetings else 0
    except CompanionError:
        return 0


def _thank(page: Page, key: str, code: str) -> None:
    try:
        if page.meetings is not None:
            page.meetings.recognition.thank(code)
            page.chat.thanked.add(key)
    except CompanionError:
        return  # the button stays


def _send(page: Page, key: str, code: str) -> None:
    yes = page.words.phrases("meetings.between.options")[0]
    answers = {question: st.session_state.get(f"tap_{question.value}") == yes for question in UseQuestion}
    try:
        if page.meetings is not None:
            page.meetings.facilitation.tap(code, answers)
            page.chat.tapped.add(key)
    except CompanionError:
        return  # the taps stay on the page and can be sent again
