"""The page of somebody who has a place in a group, or waits for one: the code once, how they stand, how to come in, leaving."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError, NotFound, OwnManager, WrongState
from companion.models_groups import PeerGroup
from companion.models_meetings import OwnPlace, Standing
from companion.ui.chat_state import View
from companion.ui.group_between import draw_between_meetings
from companion.ui.group_joining import is_led
from companion.ui.line_management import is_own_managers, look_again
from companion.ui.page import Page

_PROBLEM = "place_problem"
_ASKS = "place_asks_to_leave"


def draw_place(page: Page, key: str, group: PeerGroup | None) -> None:
    """Draw how this page's person stands in a group."""
    words, code = page.words, page.chat.places[key]
    own = _own(page, key, code)
    if own is None:
        return
    if group is not None and group.is_sample:
        st.warning(words("groups.sample_place"))
    if page.chat.fresh_place is not None and page.chat.fresh_place[0] == key:
        _draw_code(page, page.chat.fresh_place[1])
    look_again(page)
    with st.container(key="group_place", border=True):
        if is_own_managers(page, key):
            st.markdown(words("meetings.manager.member"))
        if group is None:
            st.markdown(words("meetings.place.unlisted"))
        _draw_standing(page, own, code)
        if own.membership.standing is Standing.MEMBER and group is not None:
            way_in = group.way_in or words("meetings.place.no_way_in" if is_led(page, group) else "meetings.place.unled")
            st.markdown(f"**{words('meetings.place.way_in')}.** {way_in}")
        st.caption(words("meetings.place.until", until=f"{own.membership.until:%-d %B %Y}"))
    if own.membership.standing is Standing.MEMBER:
        draw_between_meetings(page, key, code, group)
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(words(problem))
    _draw_leaving(page, key, code)


def _own(page: Page, key: str, code: str) -> OwnPlace | None:
    """Return the place, or None with words about why it is not there."""
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        return page.meetings.memberships.mine(code)
    except NotFound:
        page.chat.forget_place(key)
        st.markdown(page.words("meetings.place.lost"))
    except CompanionError:
        st.markdown(page.words("meetings.list.unavailable"))
    return None


def _draw_code(page: Page, code: str) -> None:
    words = page.words
    with st.container(key="group_code_box", border=True):
        st.markdown(f"**{words('meetings.place.code_label')}**")
        with st.container(key="keep_code"):
            st.code(code, language=None, wrap_lines=True)
        st.markdown(words("meetings.place.code_help"))
        st.button(words("meetings.place.code_done"), key="place_code_done", type="primary", on_click=partial(_forget_code, page))


def _forget_code(page: Page) -> None:
    page.chat.fresh_place = None


def _draw_standing(page: Page, own: OwnPlace, code: str) -> None:
    words, membership = page.words, own.membership
    # A pseudonym is somebody's own words: drawn as text, never read as Markdown.
    if membership.standing is Standing.OFFERED and membership.offered_until is not None:
        st.text(words("meetings.place.offered", name=membership.pseudonym, until=f"{membership.offered_until:%-d %B}"))
        st.button(words("meetings.place.take"), key="place_take", type="primary", on_click=partial(_take, page, code))
    elif membership.standing is Standing.WAITING:
        st.text(words("meetings.place.waiting", name=membership.pseudonym, in_line=own.in_line))
    else:
        st.text(words("meetings.place.member", name=membership.pseudonym))


def _take(page: Page, code: str) -> None:
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        page.meetings.memberships.accept(code, page.chat.session.works_in)
    except OwnManager:
        st.session_state[_PROBLEM] = "meetings.manager.member"
    except (WrongState, NotFound):
        st.session_state[_PROBLEM] = "meetings.place.gone"
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"


def _draw_leaving(page: Page, key: str, code: str) -> None:
    words = page.words
    if not st.session_state.get(_ASKS):
        st.button(words("meetings.place.leave"), key="place_leave", on_click=partial(_ask, True))
        return
    st.markdown(words("meetings.place.leave_sure"))
    with st.container(horizontal=True, key="place_leave_acts"):
        st.button(words("meetings.place.leave_yes"), key="place_leave_yes", type="primary", on_click=partial(_leave, page, key, code))
        st.button(words("meetings.place.leave_no"), key="place_leave_no", on_click=partial(_ask, False))


def _ask(asks: bool) -> None:
    st.session_state[_ASKS] = asks


def _leave(page: Page, key: str, code: str) -> None:
    st.session_state.pop(_ASKS, None)
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        page.meetings.memberships.leave(code)
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"
        return
    page.chat.forget_place(key)
    page.chat.has_left = True
    page.chat.show(View.GROUPS)
