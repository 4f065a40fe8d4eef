"""The course: the list of modules with what is passed, and one module to read with its questions."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from companion.models_training import TrainingModule
from companion.ui.training.quiz import draw_quiz
from companion.ui.training.state import LearnerPage


def draw_course(page: LearnerPage) -> None:
    """Draw the open module, or the list of all."""
    module = next((each for each in page.mine.modules if each.id == page.state.module_id), None)
    if module is None:
        _draw_list(page)
    else:
        _draw_module(page, module)


def _draw_list(page: LearnerPage) -> None:
    words, modules, passed = page.words, page.mine.modules, page.mine.passed_on
    if not modules:
        st.markdown(words("training.course.none"))
        return
    st.markdown(words("training.course.intro"))
    is_done = len(passed) == len(modules)
    progress = words("training.course.progress", passed=len(passed), all=len(modules))
    st.markdown(f"**{words('training.course.all_passed') if is_done else progress}**")
    for module in modules:
        with st.container(key=f"module_{module.id.replace('-', '_')}", border=True):
            st.markdown(f"**{module.order} · {module.title}**")
            st.markdown(module.summary)
            st.caption(_meta(page, module))
            act = partial(page.state.open_module, module.id)
            st.button(words("training.course.open", title=module.title), key=f"read_{module.id}", on_click=act)


def _meta(page: LearnerPage, module: TrainingModule) -> str:
    day = page.mine.passed_on.get(module.id)
    if day is None:
        return page.words("training.course.meta", minutes=module.minutes)
    return page.words("training.course.meta_passed", minutes=module.minutes, day=_day(day))


def _draw_module(page: LearnerPage, module: TrainingModule) -> None:
    words = page.words
    st.button(words("training.course.back"), key="module_back", type="tertiary", on_click=partial(page.state.open_module, None))
    with st.container(key="training_text"):
        st.header(module.title, anchor=False)
        st.caption(words("training.course.minutes", minutes=module.minutes))
        st.markdown(module.body)
        with st.expander(words("training.course.sources")):
            for source in module.sources:
                named = f"{source.title}. {source.publisher}, {source.year}"
                st.markdown(f"- [{named}]({source.url})" if source.url else f"- {named}")
            st.caption(words("training.course.reviewed", day=_day(module.reviewed_on), until=_day(module.review_by)))
        if not module.reviewed_by_clinician:
            st.caption(words("training.course.no_clinician"))
    draw_quiz(page, module)
    _draw_way_on(page, module)


def _draw_way_on(page: LearnerPage, module: TrainingModule) -> None:
    after = next((each for each in page.mine.modules if each.order > module.order), None)
    with st.container(horizontal=True, key="module_ways"):
        if after is not None:
            label = page.words("training.course.next", title=after.title)
            st.button(label, key="module_next", on_click=partial(page.state.open_module, after.id))
        st.button(page.words("training.course.back"), key="module_list", on_click=partial(page.state.open_module, None))


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
