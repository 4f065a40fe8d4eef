"""Joining a group: who sees what, what everybody agrees to, and the name to go by."""

from __future__ import annotations

import secrets
from functools import partial

import streamlit as st

from companion.errors import CompanionError, FormRefused, InputRefused, OwnManager, WrongState
from companion.models_groups import PeerGroup
from companion.models_meetings import Places, PseudonymLook
from companion.network.keeping import bare_code
from companion.network.meetings import FEW_MEMBERS, MAX_PSEUDONYM_CHARS
from companion.ui.chat_state import View
from companion.ui.line_management import draw_where, is_own_managers
from companion.ui.page import Page

_PROBLEM = "joining_problem"
_SUGGESTED = "joining_suggested"


def draw_joining(page: Page, group: PeerGroup, places: Places) -> None:
    """Draw what somebody should know before they join, and the form."""
    words = page.words
    if group.is_sample:
        st.warning(words("groups.sample_join"))
    if not places.can_wait:
        st.markdown(words("meetings.join.shut"))
        return
    draw_where(page)
    if is_own_managers(page, group.key):
        st.markdown(words("meetings.manager.barred"))
        return
    if not places.can_join:
        st.markdown(words("meetings.join.full"))
    st.subheader(words("meetings.join.title"), anchor=False)
    if not is_led(page, group):
        with st.container(key="group_unled", border=True):
            st.markdown(words("meetings.join.unled"))
    _draw_points(page, "meetings.join.seen")
    if places.taken < FEW_MEMBERS:
        with st.container(key="group_few", border=True):
            st.markdown(words("meetings.join.few", taken=places.taken) if places.taken else words("meetings.join.empty"))
    st.subheader(words("meetings.join.rules_title"), anchor=False)
    _draw_points(page, "meetings.join.rules")
    _draw_form(page, group, places)


def is_led(page: Page, group: PeerGroup) -> bool:
    """Tell whether members learn how to come in: somebody leads the group here, or the list says how; also when that cannot be read now."""
    try:
        return bool(group.way_in) or page.meetings is None or page.meetings.facilitation.is_led(group.key)
    except CompanionError:
        return True


def _draw_points(page: Page, key: str) -> None:
    st.markdown("\n".join(f"- {line}" for line in page.words.phrases(key)))


def _draw_form(page: Page, group: PeerGroup, places: Places) -> None:
    words = page.words
    st.session_state.setdefault("joining_name", _suggestion(page))
    with st.form("joining_form", border=False):
        st.checkbox(words("meetings.join.agree"), key="joining_agrees")
        st.text_input(
            words("meetings.join.pseudonym"),
            key="joining_name",
            max_chars=MAX_PSEUDONYM_CHARS,
            autocomplete="off",
        )
        st.caption(words("meetings.join.pseudonym_help"))
        label = words("meetings.join.act") if places.can_join else words("meetings.join.wait_act")
        st.form_submit_button(label, type="primary", on_click=partial(_join, page, group))
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(words(problem))
    asked = page.chat.asked_name
    if asked and asked == _typed():
        with st.container(key="group_name_warning", border=True):
            st.markdown(words("meetings.join.maybe_name"))
            st.button(words("meetings.join.use_it"), key="joining_use_it", on_click=partial(_take_place, page, group, asked))


def _suggestion(page: Page) -> str:
    """Return a made-up name to start from, the same one while this page is open."""
    names = page.words.phrases("meetings.join.suggestions")
    return str(st.session_state.setdefault(_SUGGESTED, secrets.choice(names)))


def _typed() -> str:
    return str(st.session_state.get("joining_name", "")).strip()


def _join(page: Page, group: PeerGroup) -> None:
    """Join, unless the rules were not agreed to or the name looks like a real one."""
    name = _typed()
    if not st.session_state.get("joining_agrees"):
        st.session_state[_PROBLEM] = "meetings.join.must_agree"
        return
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        is_suggested = name == st.session_state.get(_SUGGESTED)
        if not is_suggested and page.meetings.memberships.look_at(name) is PseudonymLook.NAME:
            page.chat.asked_name = name
            return
    except InputRefused as refused:
        st.session_state[_PROBLEM] = _refusal(refused)
        return
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"
        return
    _take_place(page, group, name)


def _take_place(page: Page, group: PeerGroup, name: str) -> None:
    page.chat.asked_name = None
    try:
        if page.meetings is None:
            raise CompanionError("the program is not ready")
        joined = page.meetings.memberships.join(group.key, name, page.chat.session.works_in)
    except InputRefused as refused:
        st.session_state[_PROBLEM] = _refusal(refused)
    except FormRefused:
        st.session_state[_PROBLEM] = "meetings.join.taken_name"
    except OwnManager:
        st.session_state[_PROBLEM] = "meetings.manager.barred"
    except WrongState:
        st.session_state[_PROBLEM] = "meetings.join.shut"
    except CompanionError:
        st.session_state[_PROBLEM] = "meetings.join.failed"
    else:
        page.chat.places[group.key] = bare_code(joined.code)
        page.chat.fresh_place = (group.key, joined.code)
        page.chat.joined_here.add(group.key)
        page.chat.last_used_at = page.now
        page.chat.show(View.GROUP)
        for key in ("joining_name", "joining_agrees", _SUGGESTED):
            st.session_state.pop(key, None)


def _refusal(refused: InputRefused) -> str:
    return {"empty": "meetings.join.empty_name", "too_long": "meetings.join.too_long"}.get(refused.reason, "meetings.join.identifier")
