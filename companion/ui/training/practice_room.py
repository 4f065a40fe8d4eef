"""The practice room: choose a simulated colleague, write to them, read what worked. Nothing of it leaves this page's memory."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_lines import LineLabel
from companion.models_practice import LineFeedback, Persona
from companion.training.feedback import feedback_on
from companion.training.practice import PracticeTalk
from companion.ui.components import Plain, draw_facts, draw_talk
from companion.ui.loading import app_loader
from companion.ui.page import model_host
from companion.ui.staff_sign_in import demand_signed_in
from companion.ui.training.state import LearnerPage, LearnerState

_MAX_CHARS = 1000
"""Of one line; a longer one is no line of a talk. Chosen by us."""


def draw_practice(page: LearnerPage) -> None:
    """Draw the choice of colleagues, or the practice that goes on."""
    with st.container(key="simulated", border=True):
        host = model_host(app_loader().settings)
        st.markdown(page.words("training.practice.simulated_model", host=host) if host else page.words("training.practice.simulated"))
    if page.state.talk is None:
        _draw_choice(page)
    else:
        _draw_talk(page, page.state.talk)


# --- choose ------------------------------------------------------------------------------------------------------------


def _draw_choice(page: LearnerPage) -> None:
    words = page.words
    st.markdown(words("training.practice.intro"))
    st.markdown(words("training.practice.touched"))
    for persona in page.training.practice.personas():
        with st.container(key=f"persona_{persona.id.replace('-', '_')}", border=True):
            st.markdown(f"**{words('training.practice.name', name=persona.name)}**")
            st.markdown(f"{persona.who} {persona.about}")
            if persona.note:
                st.caption(persona.note)
            label = words("training.practice.start", name=persona.name)
            st.button(label, key=f"practise_{persona.id}", on_click=partial(_begin, page.state, persona))


def _begin(state: LearnerState, persona: Persona | None) -> None:
    state.talk = PracticeTalk(persona) if persona else None


# --- talk --------------------------------------------------------------------------------------------------------------


def _draw_talk(page: LearnerPage, talk: PracticeTalk) -> None:
    words, persona = page.words, talk.persona
    st.subheader(words("training.practice.name", name=persona.name), anchor=False)
    st.markdown(f"{persona.who} {persona.about}")
    if persona.note:
        st.caption(persona.note)
    if talk.is_over:
        _draw_over(page, talk)
        return
    _draw_turns(page, talk, range(len(talk.turns) + 1), "practice")
    if talk.turns:
        st.caption(words("training.practice.mood", name=persona.name, mood=words(f"training.moods.{talk.mood}")))
    _draw_input(page, talk)


def _draw_turns(page: LearnerPage, talk: PracticeTalk, places: range, key: str) -> None:
    """Draw what the colleague said at each place with the learner's line to it, and the feedback to that line between it and the answer."""
    for place in places:
        label = page.words("training.practice.label_turn", number=place + 1)
        draw_talk(f"{key}-{place}", {"label": label, "messages": _messages(page, talk, place), "typing": None})
        if place < len(talk.turns):
            _draw_feedback(page, talk.turns[place].feedback, f"{key}_{place}", is_last=place == len(talk.turns) - 1)


def _messages(page: LearnerPage, talk: PracticeTalk, place: int) -> list[Plain]:
    said = talk.first_words if place == 0 else talk.turns[place - 1].answer
    name = page.words("training.practice.name", name=talk.persona.name)
    messages: list[Plain] = [{"seq": 2 * place, "mine": False, "name": name, "time": "", "text": said, "tick": None}]
    if place < len(talk.turns):
        you, line = page.words("training.practice.you"), talk.turns[place].line
        messages.append({"seq": 2 * place + 1, "mine": True, "name": you, "time": "", "text": line, "tick": None})
    return messages


def _draw_over(page: LearnerPage, talk: PracticeTalk) -> None:
    """Draw the last line with its feedback and answer, how it went, and the whole practice to unfold."""
    last = len(talk.turns)
    _draw_turns(page, talk, range(max(0, last - 1), last + 1), "last")
    _draw_summary(page, talk)
    if last > 1:
        with st.expander(page.words("training.practice.whole")):
            _draw_turns(page, talk, range(last), "whole")


def _draw_input(page: LearnerPage, talk: PracticeTalk) -> None:
    words = page.words
    with st.bottom:
        typed = st.chat_input(words("training.practice.placeholder"), key=f"practice_typed_{talk.persona.id}", max_chars=_MAX_CHARS)
        with st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
            st.button(words("training.practice.end"), key="practice_end", type="tertiary", on_click=partial(_end, talk))
            st.button(words("training.practice.other"), key="practice_other", type="tertiary", on_click=partial(_begin, page.state, None))
    if typed and typed.strip():
        _take(page, talk, typed.strip())
        st.rerun()


def _take(page: LearnerPage, talk: PracticeTalk, line: str) -> None:
    practice = page.training.practice
    try:
        demand_signed_in(page.people)
        reading = talk.read(line, practice.scorer())
        talk.answer(line, reading, feedback_on(reading, talk.readings, talk.persona, practice.feedback_words()))
        rewording = practice.rewording()
        words = rewording.words(talk) if rewording else None
        if words is not None:
            talk.reword(words)
    except CompanionError:
        page.state.problem = "training.failed"


def _end(talk: PracticeTalk) -> None:
    talk.is_over = True


# --- feedback ----------------------------------------------------------------------------------------------------------


def _draw_feedback(page: LearnerPage, feedback: LineFeedback, key: str, *, is_last: bool) -> None:
    words = page.words
    if is_last:
        with st.container(key=f"line_feedback_{key}", border=True):
            st.markdown(f"**{words('training.practice.feedback')}**")
            _draw_advice(page, feedback, key)
    else:
        with st.expander(words("training.practice.feedback_earlier"), key=f"line_feedback_{key}"):
            _draw_advice(page, feedback, key)


def _draw_advice(page: LearnerPage, feedback: LineFeedback, key: str) -> None:
    words = page.words
    if feedback.worked:
        st.markdown(words("training.practice.worked", text=" ".join(feedback.worked)))
    if feedback.suggestion:
        st.markdown(words("training.practice.try", text=feedback.suggestion))
        if feedback.quote:
            st.text(words("training.practice.about", quote=feedback.quote))
    if not feedback.worked and not feedback.suggestion:
        st.markdown(words("training.practice.nothing_to_add"))
    module = page.training.course.course().module(feedback.module_id)
    if module is not None:
        label = words("training.practice.module", title=module.title)
        st.button(label, key=f"teach_{key}", type="tertiary", on_click=partial(page.state.open_module, module.id))


def _draw_summary(page: LearnerPage, talk: PracticeTalk) -> None:
    words, summary = page.words, talk.summary()
    with st.container(key="practice_summary", border=True):
        st.subheader(words("training.summary.title"), anchor=False)
        st.markdown(words("training.summary.ended"))
        rows = [(words("training.summary.lines"), str(summary.lines))]
        rows += [(words(f"training.labels.{label.value}"), str(summary.counts[label])) for label in LineLabel if summary.counts.get(label)]
        draw_facts("practice-facts", rows)
        for key, labels in (("practised", summary.practised), ("missed", summary.missed)):
            if labels:
                named = ", ".join(words(f"training.labels.{label.value}").lower() for label in labels)
                st.markdown(words(f"training.summary.{key}", labels=named))
        debrief = page.training.course.course().debrief
        if debrief:
            with st.expander(words("training.summary.debrief")):
                st.markdown(debrief)
    with st.container(horizontal=True, key="practice_ways"):
        st.button(
            words("training.practice.again"), key="practice_again", type="primary", on_click=partial(_begin, page.state, talk.persona)
        )
        st.button(words("training.practice.other"), key="practice_other", on_click=partial(_begin, page.state, None))
