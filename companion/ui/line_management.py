"""Where the employee works, if they want to say it, so that no group of their own manager is shown to them."""

from __future__ import annotations

import streamlit as st

from companion.errors import CompanionError
from companion.ui.page import Page

_FIELD = "works_in"


def draw_where(page: Page) -> None:
    """Draw the choice of departments; nothing without a directory of roles. Draw it once in a run."""
    departments = _departments(page)
    if not departments:
        return
    look_again(page)
    words, chosen = page.words, page.chat.session.works_in
    options = [None, *departments]
    with st.expander(words("meetings.manager.title"), expanded=chosen is not None):
        st.markdown(words("meetings.manager.help"))
        st.selectbox(
            words("meetings.manager.label"),
            options,
            index=options.index(chosen) if chosen in options else 0,
            format_func=lambda department: department or words("meetings.manager.not_said"),
            key=_FIELD,
            on_change=_choose,
            args=(page,),
        )
        count = len(page.chat.session.led_by_own_manager)
        if chosen is not None:
            st.caption(words("meetings.manager.left_out", count=count) if count else words("meetings.manager.left_out_none"))


def look_again(page: Page) -> None:
    """Look up anew which groups the person's own manager leads; when that cannot be read, none is shown until it can."""
    session = page.chat.session
    if session.works_in is None:
        session.led_by_own_manager = frozenset()
        return
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        session.led_by_own_manager = page.meetings.own_manager.led_by_manager_of(session.works_in)
    except CompanionError:
        session.led_by_own_manager = frozenset(group.key for group in page.app.catalogue.groups) if page.app else frozenset()


def is_own_managers(page: Page, group_key: str) -> bool:
    """Tell whether a group is led by the manager of the department that the person named."""
    return group_key in page.chat.session.led_by_own_manager


def _choose(page: Page) -> None:
    page.chat.session.works_in = st.session_state.get(_FIELD)
    look_again(page)


def _departments(page: Page) -> tuple[str, ...]:
    return page.meetings.own_manager.departments() if page.meetings else ()
