"""The page "What this server holds about you now". It reads the true state; it has no words of its own about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.ui.chat_state import View
from companion.ui.components import draw_facts
from companion.ui.ended_talks import draw_erase_problem, erase_ended, stored_states
from companion.ui.page import Page, model_host


def draw_held(page: Page, end: Callable[[], None]) -> None:
    """Draw what is held about this page's person; `end` erases it."""
    words = page.words
    with st.container(key="held"):
        st.header(words("held.title"), anchor=False)
        st.markdown(words("held.read_at", time=f"{page.now:%H:%M:%S} UTC"))
        draw_facts("held-facts", held_rows(page))
        st.markdown(words("held.until", minutes=page.settings.idle_minutes))
        st.markdown(_where_words_go(page))
        draw_erase_problem(page)
        with st.container(horizontal=True, key="held_acts"):
            st.button(words("held.back"), key="held_back", type="primary", on_click=_back, args=(page,))
            if page.chat.ended_tokens:
                st.button(words("person.erase"), key="held_erase_talk", on_click=partial(erase_ended, page))
            st.button(words("held.erase"), key="held_erase", on_click=end)
            st.button(words("held.access"), key="open_access", type="tertiary", on_click=partial(page.chat.show, View.ACCESS))


def held_rows(page: Page) -> list[tuple[str, str]]:
    """Return what is held, as (what, how much), counted from the objects themselves."""
    words, chat = page.words, page.chat
    session = chat.session
    return [
        (words("held.messages"), str(len(chat.turns))),
        (words("held.replies"), str(sum(1 for shown in chat.turns if shown.stream.turn is not None))),
        (words("held.details"), str(len(session.placeholders.surface_forms()))),
        (words("held.words"), str(len(session.hidden_words) + len(session.kept_words))),
        (words("held.country"), session.country or words("held.country_none")),
        *([(words("held.timezone"), session.timezone)] if session.timezone else []),
        *([(words("held.works_in"), session.works_in)] if session.works_in else []),
        (words("held.letter"), words("held.letter_yes") if chat.request.draft else words("held.none")),
        (words("held.handover"), _handover(page)),
        (words("held.left"), _left(page)),
        (words("held.feedback"), words("held.feedback_none")),
        (words("held.account"), words("held.account_none")),
        (words("held.places"), _places(page)),
        (words("held.disk"), _kept(page)),
    ]


def _places(page: Page) -> str:
    count = len(page.chat.places) + (page.chat.mentoring_code is not None)
    return page.words("held.places_some", count=count) if count else page.words("held.none")


def _left(page: Page) -> str:
    """Return how much has left this server for this chat, counted from the ledgers of its messages."""
    sent = [each for shown in page.chat.turns if shown.stream.ledger for each in shown.stream.ledger.entries]
    if not sent:
        return page.words("held.left_none")
    hosts = ", ".join(sorted({each.host for each in sent}))
    return page.words("held.left_some", count=len(sent), size=f"{sum(len(each.body) for each in sent):,}", hosts=hosts)


def _kept(page: Page) -> str:
    kept = page.chat.kept
    return page.words("held.disk_kept", until=f"{kept.expires_on:%-d %B %Y}") if kept else page.words("held.disk_none")


def _handover(page: Page) -> str:
    words = page.words
    states = [words(f"held.states.{state.value}") if state else words("held.state_unread") for state in stored_states(page)]
    if not states:
        return words("held.handover_no")
    return words("held.handover_yes", count=len(states), states="; ".join(states), days=page.settings.handover_retention_days)


def _where_words_go(page: Page) -> str:
    words, chat = page.words, page.chat
    has_letter = chat.request.token is not None or bool(chat.ended_tokens)
    letter = [words("held.letter_goes")] if has_letter else []
    letter += [words("held.hints")] if page.settings.peer_hints else []
    host = model_host(page.settings)
    if host is None:
        return " ".join([words("held.model_none"), *([] if has_letter else [words("held.nowhere_else")]), *letter])
    return " ".join([words("held.model", host=host), *letter])


def _back(page: Page) -> None:
    page.chat.show(View.CHAT)
