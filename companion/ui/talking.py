"""The employee's talk with a person: who it is, the messages, typing, the end. The companion is silent here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError
from companion.models_people import Asker, HandoverState, HandoverStatus, PassTo
from companion.network.talk import MAX_MESSAGE_CHARS
from companion.ui.after_talk import draw_after
from companion.ui.before_sending import draw_held, look_for_details
from companion.ui.broken_off import draw_broken_off
from companion.ui.chat_state import PersonRequest
from companion.ui.components import draw_talk, watch_keystrokes
from companion.ui.ended_talks import OVER
from companion.ui.hand_over import draw_local_lines, status_of
from companion.ui.local_time import clock_time
from companion.ui.page import Page
from companion.ui.talk_messages import shown_messages
from companion.ui.unsent import Side, words_of

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_TALK_TICK_S = 0.7
_HELD = frozenset({HandoverState.CLAIMED, HandoverState.ACTIVE})


def is_talking(page: Page) -> bool:
    """Tell whether a person has taken the request, or a talk has ended and its last words are still to be read."""
    if page.chat.request.token is None:
        return False
    status = status_of(page)
    return status is not None and status.state in (_HELD | OVER)


def draw_talk_page(page: Page) -> None:
    """Draw the talk with a person. The companion is silent here."""
    words, request, status = page.words, page.chat.request, status_of(page)
    if status is None or request.token is None:
        return
    name = status.peer.pseudonym if status.peer else ""
    is_over = status.state in OVER
    with st.container(key="talk"):
        _draw_who(page, status, name)
        with st.expander(words("person.your_letter")):
            st.text(request.letter or "")
        if not is_over:
            draw_broken_off(page, status)
        _draw_messages(page, status, name)
        if status.urgent:  # they stay when the talk is over, as the peer's page of limits says
            draw_local_lines(page, "talk-lines")
        if is_over:
            draw_after(page)
    if not is_over:
        if status.pass_asked is not None:
            with st.bottom:  # in sight however long the talk is
                _draw_pass(page, status.pass_asked, name)
        _draw_talk_input(page, name, is_urgent=status.urgent)


def _draw_pass(page: Page, to: PassTo, name: str) -> None:
    """Ask for the employee's consent to pass the talk on. Nothing moves without it."""
    words = page.words
    with st.container(key="pass_asked", border=True):
        st.markdown(words(f"person.pass_{to.value}", name=name))
        with st.container(horizontal=True, key="pass_acts"):
            st.button(words("person.pass_yes"), key="pass_yes", on_click=partial(_decide, page, _agree_to_pass))
            st.button(words("person.pass_no"), key="pass_no", on_click=partial(_decide, page, _keep_peer))


def _decide(page: Page, act: Callable[[People, str], None]) -> None:
    """Carry out what the employee decided; say so when it did not work."""
    request = page.chat.request
    request.asks_for_another = False
    if request.token is None or page.people is None:
        return
    try:
        act(page.people, request.token)
    except CompanionError:
        st.session_state["talk_problem"] = "peer.failed"


def _agree_to_pass(people: People, token: str) -> None:
    people.handovers.agree_to_pass(token)


def _keep_peer(people: People, token: str) -> None:
    people.handovers.keep_peer(token)


def _ask_for_another(people: People, token: str) -> None:
    people.handovers.ask_for_another(token)


def _draw_who(page: Page, status: HandoverStatus, name: str) -> None:
    words = page.words
    if status.state in OVER:
        st.header(words("person.closed_title"), anchor=False)
        return
    st.header(words("person.live_title", name=name), anchor=False)
    if status.state is HandoverState.CLAIMED:
        st.markdown(words("person.reading", name=name))
        if status.expected_by is not None:
            st.markdown(words("person.reading_until", name=name, time=clock_time(status.expected_by)))
    since = status.peer.trained_since if status.peer else None
    st.markdown(words("person.live", since=f"{since:%B %Y}") if since else words("person.live_plain"))
    if page.settings.peer_hints:
        st.caption(words("person.hints_short"))


def _draw_messages(page: Page, drawn: HandoverStatus, name: str) -> None:
    """Draw the messages and look for new ones every second while the talk is open."""
    words = page.words

    @st.fragment(run_every=None if drawn.state in OVER else _TALK_TICK_S)
    def follow() -> None:
        page.chat.last_used_at = page.now
        status = status_of(page) or drawn
        draw_talk("talk-messages", shown_messages(page, status, name))
        if status.state is HandoverState.ACTIVE and not status.other_is_present:
            st.markdown(words("person.away", name=name))
        elif status.needs_check_in:
            st.markdown(words("person.check_in", name=name))
        if _standing(status) != _standing(drawn):
            st.rerun()

    follow()


def _standing(status: HandoverStatus) -> tuple[object, ...]:
    """Return what the page around the messages shows, for telling whether it has changed."""
    return status.state, status.pass_asked, status.urgent, status.earlier_talk


def _draw_talk_input(page: Page, name: str, *, is_urgent: bool) -> None:
    words, request = page.words, page.chat.request
    request.sending.settled |= words_of(name)
    side = Side(request.sending, partial(_post, page), look_for_details)
    problem = st.session_state.pop("talk_problem", None)
    with st.bottom:
        if problem:
            st.error(words(problem))
        draw_held(words, side, is_urgent=is_urgent)
        typed = st.chat_input(words("person.placeholder", name=name), key="talk_typed", max_chars=MAX_MESSAGE_CHARS)
        if request.asks_to_close:
            st.markdown(words("person.close_sure"), text_alignment="center")
        elif request.asks_for_another:
            st.markdown(words("person.another_sure", name=name), text_alignment="center")
        with st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
            if request.asks_to_close:
                st.button(words("person.close_yes"), key="close_talk_yes", type="tertiary", on_click=partial(_close, page))
                st.button(
                    words("person.close_no"), key="close_talk_no", type="tertiary", on_click=partial(_ask_to_close, request, asks=False)
                )
            elif request.asks_for_another:
                yes = partial(_decide, page, _ask_for_another)
                st.button(words("person.another_yes"), key="another_yes", type="tertiary", on_click=yes)
                st.button(
                    words("person.another_no"), key="another_no", type="tertiary", on_click=partial(_ask_another, request, asks=False)
                )
            else:
                st.button(words("person.close"), key="close_talk", type="tertiary", on_click=partial(_ask_to_close, request, asks=True))
                st.button(words("person.another"), key="another", type="tertiary", on_click=partial(_ask_another, request, asks=True))
        _note_typing(page)
    if typed:
        side.take(typed, is_urgent=is_urgent)
        st.rerun()


def _note_typing(page: Page) -> None:
    @st.fragment
    def keystrokes() -> None:
        watch_keystrokes("talk_keys", partial(_typing, page))

    keystrokes()


def _typing(page: Page) -> None:
    if page.chat.request.token and page.people:
        try:
            page.people.handovers.heartbeat(Asker(page.chat.request.token), is_typing=True)
        except CompanionError:
            return


def _post(page: Page, text: str, key: str) -> bool:
    request = page.chat.request
    page.chat.last_used_at = page.now
    try:
        if request.token is None or page.people is None:
            raise CompanionError("the human side cannot be reached")
        page.people.handovers.post(Asker(request.token), text, client_key=key)
    except CompanionError:
        st.session_state["talk_problem"] = "person.message_failed"
        return False
    return True


def _ask_to_close(request: PersonRequest, *, asks: bool) -> None:
    request.asks_to_close = asks


def _ask_another(request: PersonRequest, *, asks: bool) -> None:
    request.asks_for_another = asks


def _close(page: Page) -> None:
    page.chat.request.asks_to_close = False
    if page.chat.request.token and page.people:
        try:
            page.people.handovers.close(Asker(page.chat.request.token))
        except CompanionError:
            st.session_state["talk_problem"] = "peer.failed"
