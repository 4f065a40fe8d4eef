"""After a talk with a person: two taps of feedback, asking again, groups that meet, erasing it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.insight.talk_feedback import TalkTap
from companion.models_groups import PeerGroup
from companion.ui.chat_state import ChatState, PersonRequest, View
from companion.ui.ended_talks import draw_erase_problem, erase_this_talk, put_aside
from companion.ui.group_card import has_no_place, meets_when, places_in_words
from companion.ui.group_page import places_now
from companion.ui.groups_page import open_group
from companion.ui.line_management import look_again
from companion.ui.page import Page
from companion.ui.turn_view import groups_of

_MAX_GROUPS = 3


def draw_after(page: Page) -> None:
    """Draw what an employee may do once a talk has ended."""
    words, request = page.words, page.chat.request
    st.markdown(words("person.closed", days=page.settings.handover_retention_days))
    draw_erase_problem(page)
    _draw_taps(page, request)
    with st.container(horizontal=True, key="talk_over_acts"):
        st.button(words("person.closed_back"), key="talk_back", type="primary", on_click=partial(put_aside, page.chat))
        st.button(words("person.reopen"), key="talk_reopen", help=words("person.reopen_help"), on_click=partial(_reopen, page))
        st.button(words("person.erase"), key="talk_erase", on_click=partial(erase_this_talk, page))
    _draw_groups(page)


def _draw_taps(page: Page, request: PersonRequest) -> None:
    words = page.words
    if request.was_of_use is None:
        _draw_question(page, "of_use", (TalkTap.OF_USE, TalkTap.NOT_OF_USE))
    elif request.felt_heard is None:
        _draw_question(page, "heard", (TalkTap.HEARD, TalkTap.NOT_HEARD))
    else:
        st.markdown(words("person.thanks"))


def _draw_question(page: Page, name: str, answers: tuple[TalkTap, TalkTap]) -> None:
    words = page.words
    st.markdown(f"**{words(f'person.{name}')}**")
    with st.container(horizontal=True, key=f"tap_{name}"):
        st.button(words("person.tap_yes"), key=f"{name}_yes", on_click=partial(_tap, page, answers[0]))
        st.button(words("person.tap_no"), key=f"{name}_no", on_click=partial(_tap, page, answers[1]))


def _tap(page: Page, answer: TalkTap) -> None:
    """Count one answer; a count that fails must not hold anybody up."""
    request, is_yes = page.chat.request, answer in (TalkTap.OF_USE, TalkTap.HEARD)
    if answer in (TalkTap.OF_USE, TalkTap.NOT_OF_USE):
        request.was_of_use = is_yes
    else:
        request.felt_heard = is_yes
    try:
        if page.people is not None:
            page.people.talk_feedback.tap(answer)
    except CompanionError:
        return


def _reopen(page: Page) -> None:
    """Ask again with the same letter and talk; the waiting panel says how it stands."""
    request = page.chat.request
    if request.token is None or page.people is None:
        return
    try:
        page.people.handovers.reopen(request.token)
    except CompanionError:
        st.session_state["erase_problem"] = "peer.failed"


def _draw_groups(page: Page) -> None:
    """Offer the groups that the chat had suggested before the talk and may still be shown; without any, the way to all of them."""
    if page.app is None or not page.app.catalogue.groups:
        return
    words = page.words
    look_again(page)
    shown = {match.group.key: match.group for turn in page.chat.turns for match in groups_of(turn, page.chat)}
    st.markdown(f"**{words('person.groups_title')}**")
    for group in list(shown.values())[-_MAX_GROUPS:]:
        _draw_group(page, group)
    with st.container(horizontal=True, key="after_groups"):
        st.button(words("meetings.card.all"), key="after_all", on_click=partial(_go, page.chat, View.GROUPS))
        st.button(words("meetings.card.intake"), key="after_intake", on_click=partial(_go, page.chat, View.INTAKE))


def _draw_group(page: Page, group: PeerGroup) -> None:
    words, when, places = page.words, meets_when(group, page.words, page.own_time), places_now(page, group.key)
    with st.container(key=f"after_group_{group.key}", border=True):
        st.markdown(f"**{group.name}**")
        if group.is_sample:
            st.markdown(words("groups.sample"))
        st.caption(" ".join([f"{when[:1].upper()}{when[1:]}.", *([f"{places_in_words(places, words)}."] if places else [])]))
        opens = words("meetings.card.see_full") if has_no_place(group, places) else words("meetings.list.open", name=group.name)
        st.button(opens, key=f"after_see_{group.key}", on_click=partial(_see, page.chat, group.key))


def _see(chat: ChatState, key: str) -> None:
    put_aside(chat)
    open_group(chat, key)


def _go(chat: ChatState, view: View) -> None:
    put_aside(chat)
    chat.show(view)
