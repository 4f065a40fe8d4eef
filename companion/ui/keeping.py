"""Keeping the chat under a return code, and coming back with one."""

from __future__ import annotations

from functools import partial
from math import ceil

import streamlit as st

from companion.errors import CompanionError, NotFound, TooSoon
from companion.models_keeping import CodeTries, KeptCopy
from companion.ui.chat_state import ChatState, View
from companion.ui.kept_page import page_to_keep, restore_page
from companion.ui.page import Page

_TRIES = "code_tries"
_PROBLEM = "keeping_problem"
_DONE = "keeping_done"
_RETURN_PROBLEM = "return_problem"


def can_keep(page: Page) -> bool:
    """Tell whether there is anything to keep, and somewhere to keep it."""
    return page.people is not None and bool(page.chat.turns or page.chat.request.token)


# --- keep --------------------------------------------------------------------------------------------------------------


def draw_keep_view(page: Page) -> None:
    """Draw what keeping means, the code once it is made, and what can be done with the kept copy."""
    words, kept = page.words, page.chat.kept
    with st.container(key="keep"):
        st.header(words("keep.title"), anchor=False)
        if page.chat.fresh_code is not None and kept is not None:
            _draw_code(page, page.chat.fresh_code, kept)
        elif kept is not None and kept.key is not None:
            _draw_kept(page, kept)
        else:
            _draw_offer(page)


def _draw_offer(page: Page) -> None:
    words = page.words
    days = page.settings.kept_chat_days
    st.markdown("\n".join(f"- {line.format(days=days)}" for line in words.phrases("keep.points")))
    draw_copy_after_end(page)
    with st.container(horizontal=True, key="keep_acts"):
        st.button(words("keep.make"), key="keep_make", type="primary", on_click=partial(_keep, page), disabled=not can_keep(page))
        st.button(words("keep.back"), key="keep_back", on_click=partial(page.chat.show, View.CHAT))


def _draw_code(page: Page, code: str, kept: KeptCopy) -> None:
    words = page.words
    st.markdown(words("keep.code_label"))
    with st.container(key="keep_code"):
        st.code(code, language=None)
    st.markdown(words("keep.code_help", until=_day(kept)))
    st.button(words("keep.code_done"), key="keep_done", type="primary", on_click=partial(_forget_code, page.chat))


def _draw_kept(page: Page, kept: KeptCopy) -> None:
    words = page.words
    st.markdown(words("keep.kept", until=_day(kept)))
    st.markdown(words("keep.newer"))
    _draw_outcome(page)
    with st.container(horizontal=True, key="kept_acts"):
        st.button(words("keep.renew"), key="keep_renew", type="primary", on_click=partial(_renew, page))
        st.button(words("keep.erase"), key="keep_erase", on_click=partial(erase_copy, page))
        st.button(words("keep.back"), key="keep_back", on_click=partial(page.chat.show, View.CHAT))


def _draw_outcome(page: Page) -> None:
    """Say, once, how the last act went."""
    problem, done = st.session_state.pop(_PROBLEM, None), st.session_state.pop(_DONE, None)
    if problem:
        st.error(page.words(problem))
    if done:
        st.success(page.words(done))


def _day(kept: KeptCopy) -> str:
    return f"{kept.expires_on:%-d %B %Y}"


def _keep(page: Page) -> None:
    chat = page.chat
    if chat.running is not None:
        chat.running.stream.wait(page.settings.reply_deadline_s)
    try:
        if page.people is None:
            raise CompanionError("the program is not ready")
        kept = page.people.keeping.keep(page_to_keep(chat))
    except CompanionError:
        st.session_state[_PROBLEM] = "keep.failed"
        return
    chat.kept, chat.fresh_code = kept.copy, kept.code


def _forget_code(chat: ChatState) -> None:
    chat.fresh_code = None
    chat.show(View.CHAT)


def _renew(page: Page) -> None:
    chat = page.chat
    if page.people is None or chat.kept is None:
        return
    try:
        chat.kept = page.people.keeping.renew(chat.kept, page_to_keep(chat))
        st.session_state[_DONE] = "keep.renewed"
    except NotFound:
        chat.kept = None
        st.session_state[_PROBLEM] = "keep.gone"
    except CompanionError:
        st.session_state[_PROBLEM] = "keep.failed"


def erase_copy(page: Page) -> None:
    """Erase the kept copy of this page at once; the page says so only when the server did it."""
    if page.people is None or page.chat.kept is None:
        return
    try:
        page.people.keeping.erase(page.chat.kept)
    except CompanionError:
        st.session_state[_PROBLEM] = "keep.erase_failed"
        return
    page.chat.kept = page.chat.fresh_code = None
    st.session_state[_DONE] = "keep.erased"


def draw_copy_after_end(page: Page) -> None:
    """Say, after a chat has ended, that a copy of it is kept because it was asked for, and offer to erase it."""
    if page.chat.kept is not None:
        st.markdown(page.words("keep.after_end", until=_day(page.chat.kept)))
        st.button(page.words("keep.erase"), key="ended_erase_copy", on_click=partial(erase_copy, page))
    _draw_outcome(page)


# --- come back ---------------------------------------------------------------------------------------------------------


def draw_return_view(page: Page) -> None:
    """Draw the field for a return code."""
    words = page.words
    with st.container(key="return"):
        st.header(words("return.title"), anchor=False)
        st.markdown(words("return.help"))
        with st.form("return_form", border=False, clear_on_submit=True):
            st.text_input(words("return.label"), key="return_code", max_chars=64, autocomplete="off")
            st.form_submit_button(words("return.open"), type="primary", on_click=partial(_open, page))
        problem = st.session_state.pop(_RETURN_PROBLEM, None)
        if problem:
            key, seconds = problem
            st.error(words(key, seconds=seconds))
        st.button(words("return.back"), key="return_back", type="tertiary", on_click=partial(page.chat.show, View.CHAT))


def _open(page: Page) -> None:
    code = str(st.session_state.get("return_code", ""))
    tries = st.session_state.setdefault(_TRIES, CodeTries())
    try:
        if page.people is None:
            raise CompanionError("the program is not ready")
        kept_page, copy = page.people.keeping.open(code, tries)
    except TooSoon as wait:
        st.session_state[_RETURN_PROBLEM] = ("return.too_soon", ceil(wait.wait_s))
    except NotFound:
        st.session_state[_RETURN_PROBLEM] = ("return.wrong", 0)
    except CompanionError:
        st.session_state[_RETURN_PROBLEM] = ("return.failed", 0)
    else:
        page.chat.last_used_at = page.now
        page.chat.view = View.CHAT
        restore_page(page.chat, kept_page, copy)
