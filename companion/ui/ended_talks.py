"""Talks with a person that have ended and are still stored: how they stand, and erasing them before their time."""

from __future__ import annotations

import streamlit as st

from companion.errors import CompanionError, NotFound
from companion.models_people import Asker, HandoverState
from companion.ui.chat_state import ChatState, PersonRequest
from companion.ui.page import Page

OVER = frozenset({HandoverState.CLOSED, HandoverState.WITHDRAWN})
"""The states in which nothing more is written, while the letter and the messages are still stored."""
_PROBLEM = "erase_problem"


def put_aside(chat: ChatState) -> None:
    """Go back to the conversation and remember the ended talk, so that the page can show and erase it. A new request is open again."""
    if chat.request.token is not None:
        chat.ended_tokens = (*chat.ended_tokens, chat.request.token)
    chat.request = PersonRequest()


def stored_states(page: Page) -> list[HandoverState | None]:
    """Return how each request of this page stands, oldest first; None for one that cannot be read now. Those erased by time are left out."""
    tokens = (*page.chat.ended_tokens, *((page.chat.request.token,) if page.chat.request.token else ()))
    states: list[HandoverState | None] = []
    for token in tokens:
        try:
            states.append(page.people.handovers.status(Asker(token)).state if page.people else None)
        except NotFound:
            page.chat.ended_tokens = tuple(known for known in page.chat.ended_tokens if known != token)
        except CompanionError:
            states.append(None)
    return states


def erase_ended(page: Page) -> None:
    """Erase every ended talk of this page from the store. What could not be erased stays remembered, and the page says so."""
    page.chat.ended_tokens = tuple(token for token in page.chat.ended_tokens if not _is_erased(page, token))
    if page.chat.ended_tokens:
        st.session_state[_PROBLEM] = "person.erase_failed"


def erase_this_talk(page: Page) -> None:
    """Erase the talk that has just ended and go back to the conversation."""
    token = page.chat.request.token
    if token is None:
        return
    if _is_erased(page, token):
        page.chat.request = PersonRequest()
    else:
        st.session_state[_PROBLEM] = "person.erase_failed"


def draw_erase_problem(page: Page) -> None:
    """Say, once, that the last attempt to erase did not work."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(page.words(problem))


def _is_erased(page: Page, token: str) -> bool:
    if page.people is None:
        return False
    try:
        page.people.handovers.erase(token)
    except NotFound:
        return True
    except CompanionError:
        return False
    return True
