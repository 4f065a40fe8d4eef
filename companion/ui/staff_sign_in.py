"""Sign-in of staff: a local account, or the sign-in of the organisation (OpenID Connect by `st.login`).

The session token lives in this page's memory only; the server keeps its hash. Streamlit's own cookie lasts 30 days and cannot be revoked, so it
only says who somebody is: whether that counts is decided anew on every run, by the account and its session.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError, IdentityUnknown, InputRefused, NotAllowed, PasswordMustChange
from companion.models_staff import Caller, Identity
from companion.ui.text import Words

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_SIGNED_IN = "staff"
_UNLINKED = "staff_identity_unlinked"
_ONE_TIME = "staff_one_time"
"""Name and one-time password, between the sign-in and the choice of an own one; in this page's memory only."""


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
    identity = _outside_identity(people)
    if identity is not None and _sign_in_with(people, identity):
        st.rerun()
    if _ONE_TIME in st.session_state:
        _draw_first_choice(people, words)
        return None
    _draw_sign_in(people, words, title, intro)
    if people.staff.issuer is not None:
        _draw_outside(words, identity)
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
        with suppress(CompanionError):
            people.staff.sign_out(token)
    if people.staff.issuer is not None and st.user.is_logged_in:
        st.logout()


def _outside_identity(people: People) -> Identity | None:
    """Return who the organisation's sign-in says that this is, or None."""
    if people.staff.issuer is None or not st.user.is_logged_in:
        return None
    issuer, subject, issued = (st.user.get(claim) for claim in ("iss", "sub", "iat"))
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(issued, int | float):
        return None
    return Identity(issuer, subject, datetime.fromtimestamp(issued, UTC))


def _sign_in_with(people: People, identity: Identity) -> bool:
    st.session_state.pop(_UNLINKED, None)
    try:
        st.session_state[_SIGNED_IN] = people.staff.sign_in_with_identity(identity).token
    except IdentityUnknown:
        st.session_state[_UNLINKED] = True
        return False
    except CompanionError:
        return False
    return True


def _draw_outside(words: Words, identity: Identity | None) -> None:
    with st.container(key="sign_in_outside"):
        if identity is not None and st.session_state.get(_UNLINKED):
            code = identity.code
            st.markdown(words("peer.outside_unknown"))
            st.code(" ".join(code[at : at + 4] for at in range(0, len(code), 4)), language=None)
            st.button(words("peer.outside_again"), key="outside_again")
        else:
            st.button(words("peer.outside"), key="outside", on_click=st.login)


def _draw_sign_in(people: People, words: Words, title: str, intro: str) -> None:
    with st.container(key="sign_in"):
        st.header(words(title), anchor=False)
        st.markdown(words(intro))
        with st.form("staff-sign-in"):
            name = st.text_input(words("peer.name"), autocomplete="username", max_chars=100)
            password = st.text_input(words("peer.password"), type="password", autocomplete="current-password", max_chars=200)
            pressed = st.form_submit_button(words("peer.sign_in"), type="primary")
        if pressed:
            said = st.empty()
            said.markdown(words("peer.signing_in"))  # a password is looked at slowly, on purpose
            _try(people, words, name, password)
            said.empty()


def _try(people: People, words: Words, name: str, password: str) -> None:
    try:
        st.session_state[_SIGNED_IN] = people.staff.sign_in(name, password).token
    except PasswordMustChange:
        st.session_state[_ONE_TIME] = (name, password)
    except NotAllowed:
        st.error(words("peer.wrong"))
        return
    except CompanionError:
        st.error(words("peer.unavailable"))
        return
    st.rerun()


# --- an own password -------------------------------------------------------------------------------------------------


def _draw_first_choice(people: People, words: Words) -> None:
    """Draw the choice of an own password after a one-time one; nothing else is open before."""
    with st.container(key="sign_in"):
        st.header(words("peer.own_title"), anchor=False)
        st.markdown(words("peer.own_intro"))
        name, password = st.session_state[_ONE_TIME]
        with st.form("staff-own-password"):
            chosen, again = _draw_new_password(words)
            pressed = st.form_submit_button(words("peer.own_save"), type="primary")
        if pressed and _choose(people, words, name, password, chosen, again):
            st.session_state.pop(_ONE_TIME, None)
            st.rerun()
        st.button(words("peer.own_back"), key="own_back", type="tertiary", on_click=lambda: st.session_state.pop(_ONE_TIME, None))


def draw_password_change(people: People, words: Words) -> None:
    """Draw the change of the own password for who is signed in."""
    with st.expander(words("peer.own_change"), key="own_password"):
        with st.form("staff-change-password", border=False, clear_on_submit=True):
            old = st.text_input(words("peer.own_old"), type="password", autocomplete="current-password", max_chars=200)
            chosen, again = _draw_new_password(words)
            pressed = st.form_submit_button(words("peer.own_save"))
        caller = people.staff.resume(str(st.session_state.get(_SIGNED_IN, "")))
        if pressed and _choose(people, words, people.staff.me(caller).username, old, chosen, again):
            st.success(words("peer.own_done"))
        st.button(words("peer.out_everywhere"), key="out_everywhere", on_click=partial(_sign_out_everywhere, people, caller))


def _sign_out_everywhere(people: People, caller: Caller) -> None:
    """End every session of the one who is signed in, for a phone that was lost or a desk that was left."""
    with suppress(CompanionError):
        people.staff.sign_out_everywhere(caller)
    st.session_state.pop(_SIGNED_IN, None)


def _draw_new_password(words: Words) -> tuple[str, str]:
    chosen = st.text_input(words("peer.own_new"), type="password", autocomplete="new-password", max_chars=200)
    again = st.text_input(words("peer.own_again"), type="password", autocomplete="new-password", max_chars=200)
    return chosen, again


def _choose(people: People, words: Words, name: str, old: str, chosen: str, again: str) -> bool:
    """Change a password and go on with a new session; say what is wrong, and tell whether it went well."""
    if chosen != again:
        st.error(words("peer.own_differ"))
        return False
    try:
        st.session_state[_SIGNED_IN] = people.staff.choose_password(name, old, chosen).token
    except InputRefused as refused:
        st.error(words(f"peer.own_refused.{refused.reason}"))
        return False
    except NotAllowed:
        st.error(words("peer.own_wrong"))
        return False
    except CompanionError:
        st.error(words("peer.unavailable"))
        return False
    return True
