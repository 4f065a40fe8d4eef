"""All groups at a glance, and coming back to a place in one with a code."""

from __future__ import annotations

from functools import partial
from math import ceil

import streamlit as st

from companion.errors import CompanionError, NotFound, TooSoon
from companion.models_groups import PeerGroup
from companion.models_keeping import CodeTries
from companion.network.keeping import bare_code
from companion.ui.chat_state import ChatState, View
from companion.ui.group_card import has_no_place, meets_when
from companion.ui.group_page import places_now
from companion.ui.line_management import draw_where, is_own_managers
from companion.ui.page import Page

_TRIES = "group_code_tries"
_PROBLEM = "group_code_problem"
_ORDER = ("open", "full", "paused", "closed")


def draw_groups_view(page: Page) -> None:
    """Draw the groups of this page's person, the field for a code, and all groups."""
    words, groups = page.words, _listed(page)
    with st.container(key="groups_view"):
        st.header(words("meetings.list.title"), anchor=False)
        st.markdown(words("meetings.list.intro"))
        if page.chat.has_left:
            page.chat.has_left = False
            st.success(words("meetings.place.left"))
        if page.chat.places:
            st.subheader(words("meetings.list.mine"), anchor=False)
            for key in page.chat.places:
                _draw_own(page, key, next((group for group in groups if group.key == key), None))
        st.button(words("meetings.card.intake"), key="open_intake", on_click=partial(page.chat.show, View.INTAKE))
        st.button(words("mentoring.open"), key="open_mentoring", on_click=partial(page.chat.show, View.MENTORING))
        draw_where(page)
        with st.expander(words("meetings.code.title"), expanded=_PROBLEM in st.session_state):
            _draw_code_field(page)
        st.subheader(words("meetings.list.others"), anchor=False)
        if not groups:
            st.markdown(words("meetings.list.none"))
        for group in groups:
            _draw_line(page, group)
        st.button(words("meetings.list.back"), key="groups_back", on_click=partial(page.chat.show, View.CHAT))


def _draw_own(page: Page, key: str, group: PeerGroup | None) -> None:
    st.button(group.name if group else key, key=f"my_group_{key}", type="primary", on_click=partial(open_group, page.chat, key))
    if group is not None and group.is_sample:
        st.caption(page.words("groups.sample"))


def open_group(chat: ChatState, key: str) -> None:
    """Open the page of one group."""
    chat.group_key = key
    chat.show(View.GROUP)


def _listed(page: Page) -> list[PeerGroup]:
    groups = page.app.catalogue.groups if page.app else ()
    return sorted(groups, key=lambda group: (_ORDER.index(group.status), group.name.casefold()))


def _draw_line(page: Page, group: PeerGroup) -> None:
    words = page.words
    with st.container(key=f"group_line_{group.key}", border=True):
        st.markdown(f"**{group.name}**")
        if group.is_sample:
            st.markdown(words("groups.sample"))
        st.markdown(group.description)
        status = "full" if group.status == "open" and has_no_place(group, places_now(page, group.key)) else group.status
        state = str(words.branch("meetings.list.statuses").get(status, ""))
        state = words("meetings.manager.state") if is_own_managers(page, group.key) else state
        when = meets_when(group, words, page.own_time)
        st.caption(" ".join([f"{when[:1].upper()}{when[1:]}.", *([state] if state else [])]))
        st.button(words("meetings.list.open", name=group.name), key=f"see_{group.key}", on_click=partial(open_group, page.chat, group.key))


def _draw_code_field(page: Page) -> None:
    words = page.words
    st.markdown(words("meetings.code.help"))
    with st.form("group_code_form", border=False, clear_on_submit=True):
        st.text_input(words("meetings.code.label"), key="group_code", max_chars=64, autocomplete="off")
        st.form_submit_button(words("meetings.code.open"), type="primary", on_click=partial(_open_code, page))
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        key, seconds = problem
        st.error(words(key, seconds=seconds))


def _open_code(page: Page) -> None:
    code = str(st.session_state.get("group_code", ""))
    tries = st.session_state.setdefault(_TRIES, CodeTries())
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        own = page.meetings.memberships.open(code, tries)
    except TooSoon as wait:
        st.session_state[_PROBLEM] = ("meetings.code.too_soon", ceil(wait.wait_s))
    except NotFound:
        st.session_state[_PROBLEM] = ("meetings.code.wrong", 0)
    except CompanionError:
        st.session_state[_PROBLEM] = ("meetings.code.failed", 0)
    else:
        page.chat.places[own.membership.group_key] = bare_code(code)
        open_group(page.chat, own.membership.group_key)
