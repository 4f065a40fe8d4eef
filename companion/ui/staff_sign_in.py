"""Sign-in of staff with a local account. The session token lives in this page's memory only; the server keeps its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError, NotAllowed
from companion.models_staff import Caller
from companion.ui.text import Words

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_SIGNED_IN = "staff"


def signed_in_caller(people: People, words: Words, *, title: str = "peer.title", intro: str = "peer.sign_in_intro") -> Caller | None:
    """Return who is signed in on this page, checked anew on every run; draws the sign-in and returns None when nobody is.

    title, intro: keys of the words above the sign-in.
    """
    token = st.session_state.get(_SIGNED_IN)
    if token:
        try:
            return people.staff.resume(token)
        except NotAllowed:
            st.session_state.pop(_SIGNED_IN, None)
    _draw_sign_in(people, words, title, intro)
    return None


def demand_signed_in(people: People) -> None:
    """Pass while this page's session still holds; call it before every act, since a hidden button is no protection.

    Raises: NotAllowed.
    """
    people.staff.resume(str(st.session_state.get(_SIGNED_IN, "")))


def sign_out(people: People) -> None:
    """End the session on the server and in this page."""
    token = st.session_state.pop(_SIGNED_IN, None)
    if token:
        try:
            people.staff.sign_out(token)
        except CompanionError:
            return


def _draw_sign_in(people: People, words: Words, title: str, intro: str) -> None:
    with st.container(key="sign_in"):
        st.header(words(title), anchor=False)
        st.markdown(words(intro))
        with st.form("staff-sign-in"):
            name = st.text_input(words("peer.name"), autocomplete="username", max_chars=100)
            password = st.text_input(words("peer.password"), type="password", autocomplete="current-password", max_chars=200)
            pressed = st.form_submit_button(words("peer.sign_in"), type="primary")
        if pressed:
            _try(people, words, name, password)


def _try(people: People, words: Words, name: str, password: str) -> None:
    try:
        st.session_state[_SIGNED_IN] = people.staff.sign_in(name, password).token
    except NotAllowed:
        st.error(words("peer.wrong"))
        return
    except CompanionError:
        st.error(words("peer.unavailable"))
        return
    st.rerun()
