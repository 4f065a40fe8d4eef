"""The questions of a module: asked, judged on the server, each answered with its reason."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_training import QuizOutcome, TrainingModule
from companion.ui.staff_sign_in import demand_signed_in
from companion.ui.training.state import LearnerPage


def draw_quiz(page: LearnerPage, module: TrainingModule) -> None:
    """Draw the questions, or how they were answered."""
    words = page.words
    st.subheader(words("training.quiz.title"), anchor=False)
    if page.state.outcome is None:
        _ask(page, module)
    else:
        _tell(page, module, page.state.outcome)


def _ask(page: LearnerPage, module: TrainingModule) -> None:
    words, prefix = page.words, f"quiz_{page.state.tries}_{module.id}"
    st.markdown(words("training.quiz.help", needed=module.needed, all=len(module.quiz)))
    with st.form(f"{prefix}_form", border=False):
        for number, question in enumerate(module.quiz):
            st.radio(
                question.ask,
                range(len(question.choices)),
                format_func=question.choices.__getitem__,
                index=None,
                key=f"{prefix}_{number}",
            )
        st.form_submit_button(words("training.quiz.send"), type="primary", on_click=partial(_send, page, module, prefix))


def _send(page: LearnerPage, module: TrainingModule, prefix: str) -> None:
    answers = tuple(st.session_state.get(f"{prefix}_{number}") for number in range(len(module.quiz)))
    try:
        demand_signed_in(page.people)
        page.state.outcome = page.training.service.answer(page.caller, module.id, answers)
        page.state.answers = answers
    except (CompanionError, ValueError):  # the module may have been edited since it was drawn
        page.state.problem = "training.failed"


def _tell(page: LearnerPage, module: TrainingModule, outcome: QuizOutcome) -> None:
    words = page.words
    counts = {"right": sum(outcome.right), "all": len(outcome.right)}
    for question, is_right in zip(module.quiz, outcome.right, strict=False):
        with st.container(border=True):
            st.markdown(f"**{question.ask}**")
            better = words("training.quiz.wrong", choice=question.choices[question.right])
            st.markdown(words("training.quiz.right") if is_right else better)
            st.markdown(question.why)
    # at the end, where the reader is when the answers have been sent
    if outcome.passed:
        st.success(words("training.quiz.passed", **counts))
    else:
        st.info(words("training.quiz.not_passed", needed=outcome.needed, **counts))
    st.button(words("training.quiz.again"), key="quiz_again", on_click=page.state.ask_again)
