"""The chat page: the notice, the conversation, the way to a person, what is held, and the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import count

import streamlit as st

from companion.errors import InputRefused
from companion.models import TriageLevel, Turn
from companion.sent import SentLedger
from companion.stages.redaction import clean_input
from companion.ui import (
    access_page,
    ended_talks,
    group_page,
    groups_page,
    hand_over,
    held,
    intake_page,
    keeping,
    mentoring_page,
    talking,
    wishing,
)
from companion.ui.chat_state import ChatState, ScrollTo, ShownTurn, Thumb, View
from companion.ui.components import draw_bridge, draw_turn, last_act
from companion.ui.feedback import give_feedback
from companion.ui.loading import app_loader
from companion.ui.page import Page, open_notice, open_page, start_anew
from companion.ui.turn_stream import TurnStream
from companion.ui.turn_view import TurnView, problem_text
from companion.ui.web_pages import read_lines

_FIRST_LOOK_S = 0.08
"""Wait so long for a reply before the page is drawn: a curated reply is then there at once, a slow one shows that it is being written."""
_TICK_S = 0.25
_NEWS_WITHIN_S = 0.5
"""Each look at a reply that is being written waits so long for more of it. Longer would hold up a button that is pressed meanwhile; not waiting
at all asks four times a second for each person, most of all when a busy server has no time for it."""
_TOGETHER_S = 0.1
"""What comes within so long is drawn at once, since drawing the page costs more than writing a sentence."""
_ERASURE_TICK_S = 20.0
_SHOWN_OF_REFUSED = 300
_BUILD_PATIENCE_S = 60.0

_GROUP_VIEWS: Mapping[View, Callable[[Page], None]] = {
    View.GROUPS: groups_page.draw_groups_view,
    View.GROUP: group_page.draw_group_view,
    View.INTAKE: intake_page.draw_intake_view,
    View.MENTORING: mentoring_page.draw_mentoring_view,
}


def draw_chat_page() -> None:
    """Draw the employee's page for this run."""
    page = open_page()
    page.chat.had_request = page.chat.had_request or page.chat.request.token is not None
    header = st.container(key="bridge_slot")
    _draw_view(page)
    with header:
        _draw_bridge(page)
        if page.people is None and page.chat.view is not View.PERSON:
            hand_over.watch_start()
    app_loader().start()  # after the first page is drawn, so that the notice never waits for an import


def _draw_view(page: Page) -> None:
    if page.chat.is_erased:
        _draw_ended(page)
    elif talking.is_talking(page):
        talking.draw_talk_page(page)
    elif page.chat.view is View.PERSON:
        hand_over.draw_person_view(page)
    elif page.chat.needs_notice(page.now, page.notice_every):
        _draw_notice(page)
    elif page.chat.view is View.KEEP:
        keeping.draw_keep_view(page)
    elif page.chat.view is View.RETURN:
        keeping.draw_return_view(page)
    elif page.chat.view in _GROUP_VIEWS:
        _GROUP_VIEWS[page.chat.view](page)
    elif page.chat.view is View.HELD:
        held.draw_held(page, end=partial(_end, page))
    elif page.chat.view is View.ACCESS:
        access_page.draw_access(page)
    else:
        _draw_conversation(page)
    _watch_erasure(page.chat)


def _watch_erasure(chat: ChatState) -> None:
    """Look now and then whether the chat was erased because it had been still for too long, and say so."""
    was_erased = chat.is_erased

    @st.fragment(run_every=_ERASURE_TICK_S)
    def tick() -> None:
        if chat.is_erased and not was_erased:
            st.rerun()

    tick()


# --- header ---------------------------------------------------------------------------------------------------------


def _draw_bridge(page: Page) -> None:
    chat = page.chat
    done = bool(chat.turns) and chat.running is None
    draw_bridge(
        {
            "token": chat.token,
            "country": chat.session.country,
            "focus": f"{chat.token[:8]}-{chat.accepted_at}" if chat.accepted_at and not chat.turns else None,
            "announce": _spoken(page) if done else None,
            "announce_id": f"{chat.token[:8]}-{len(chat.turns)}",
            "ready": page.people is not None,
            "place": chat.request.token,
            "forget_place": chat.had_request and chat.request.token is None,
            "scroll": chat.scroll_mark or None,
            "scroll_to": chat.scroll_to.value,
        },
        partial(_on_header, page),
    )


def _spoken(page: Page) -> str:
    """Return the finished reply for a screen reader, once."""
    stream = page.chat.turns[-1].stream
    if stream.problem:
        return problem_text(page.words, stream.problem[1])
    reply = " ".join(sentence.text for sentence in stream.sentences)
    return f"{page.words('chat.reply_done')} " + re.sub(r"[\[\]*]", "", reply)


def _on_header(page: Page) -> None:
    chat = page.chat
    what, value = last_act("bridge")
    if what == "person":
        _ask_for_person(chat, urgent=False)
    elif what == "country":
        chat.session.country = value or None
    elif what == "place" and chat.request.token is None:
        hand_over.come_back(page, value)


def _ask_for_person(chat: ChatState, *, urgent: bool) -> None:
    chat.show(View.PERSON)
    at_risk = any(t.stream.decision and t.stream.decision.level.severity >= TriageLevel.RISK.severity for t in chat.turns)
    chat.request.urgent = chat.request.urgent or urgent or at_risk


# --- notice and end ---------------------------------------------------------------------------------------------------


def _draw_notice(page: Page) -> None:
    words = page.words
    with st.container(key="notice"):
        st.header(words("notice.title"), anchor=False)
        if page.chat.accepted_at is not None:
            st.markdown(words("notice.again", hours=page.settings.notice_hours))
        st.markdown(open_notice())
        st.markdown(f"[{words('protocol.link')}](/protocol)")
        st.button(words("notice.accept"), key="accept", type="primary", on_click=partial(_accept, page))


def _accept(page: Page) -> None:
    page.chat.accepted_at = page.now
    page.chat.last_used_at = page.now


def _end(page: Page) -> None:
    ended_talks.erase_ended(page)
    page.chat.erase()


def _draw_ended(page: Page) -> None:
    words, status = page.words, hand_over.status_of(page)
    if status is not None and status.state in ended_talks.OVER:
        ended_talks.put_aside(page.chat)
    with st.container(key="ended"):
        st.header(words("ended.title"), anchor=False)
        st.markdown(words("ended.text"))
        ended_talks.draw_erase_problem(page)
        keeping.draw_copy_after_end(page)
        if page.chat.ended_tokens:
            st.markdown(words("ended.talks", days=page.settings.handover_retention_days))
            st.button(words("person.erase"), key="ended_erase_talk", on_click=partial(ended_talks.erase_ended, page))
        if page.chat.request.token:
            st.markdown(words("ended.handover"))
            with st.container(horizontal=True, key="ended_acts"):
                st.button(words("ended.wait"), key="again", type="primary", on_click=start_anew)
                st.button(words("person.withdraw"), key="withdraw_ended", on_click=partial(hand_over.withdraw, page))
            return
        st.button(words("ended.again"), key="again", type="primary", on_click=start_anew)


# --- the conversation --------------------------------------------------------------------------------------------------


def _draw_conversation(page: Page) -> None:
    chat, words = page.chat, page.words
    typed = _draw_input(page)
    if typed is not None:
        _begin_turn(page, typed)
    _draw_quiet_row(page)
    with st.container(key="conversation"):
        hand_over.draw_waiting(page)
        if not chat.turns:
            _draw_first_words(page)
        lines = read_lines(page.settings.knowledge_dir)
        places_of = cache(partial(group_page.places_now, page))  # asked of the database once for each group while the page is drawn
        view = TurnView(words, page.app, lines, can_feed_back=page.people is not None, places_of=places_of, own_time=page.own_time)
        drawn_version = chat.turns[-1].stream.version if chat.turns else 0
        for shown in chat.turns:
            key = f"turn-{shown.number}"
            draw_turn(key, view.of(shown, chat, is_last=shown is chat.turns[-1]), partial(_on_turn, page, shown, key))
    if chat.turns:
        _follow(chat.turns[-1], drawn_version)


def _draw_input(page: Page) -> str | None:
    with st.bottom:
        typed = st.chat_input(page.words("chat.placeholder"), key="typed")
    return typed or st.session_state.pop("starter", None)


def _draw_quiet_row(page: Page) -> None:
    """Draw the small acts below the input; after the turn has begun, since what can be kept depends on it."""
    words = page.words
    with st.bottom, st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
        st.button(words("chat.held"), key="open_held", type="tertiary", on_click=partial(page.chat.show, View.HELD))
        if page.chat.turns or page.chat.places:
            st.button(words("meetings.card.all"), key="quiet_groups", type="tertiary", on_click=partial(page.chat.show, View.GROUPS))
        if keeping.can_keep(page):
            st.button(words("chat.keep"), key="open_keep", type="tertiary", on_click=partial(page.chat.show, View.KEEP))
        st.button(words("chat.end"), key="end", type="tertiary", on_click=partial(_end, page))


def _draw_first_words(page: Page) -> None:
    words = page.words
    st.header(words("chat.hello"), anchor=False)
    st.markdown(words("chat.hello_more"))
    with st.container(key="starters"):
        st.markdown(words("chat.starters_label"))
        for number, starter in enumerate(words.phrases("chat.starters")):
            st.button(starter, key=f"starter-{number}", on_click=partial(_pick_starter, starter))
    with st.container(horizontal=True, key="first_ways"):
        st.button(words("meetings.card.all"), key="open_groups", type="tertiary", on_click=partial(page.chat.show, View.GROUPS))
        if page.chat.request.token is None:
            st.button(words("chat.have_code"), key="open_return", type="tertiary", on_click=partial(page.chat.show, View.RETURN))


def _pick_starter(starter: str) -> None:
    st.session_state["starter"] = starter


def _begin_turn(page: Page, typed: str) -> None:
    chat = page.chat
    if chat.running is not None:
        chat.running.stream.wait(page.settings.reply_deadline_s)
    chat.last_used_at = page.now
    session, ledger = chat.session, SentLedger()
    stream = TurnStream(
        lambda: app_loader().wait(_BUILD_PATIENCE_S).app.companion.stream(typed, session, ledger), partial(_count, chat), ledger
    )
    chat.turns.append(ShownTurn(len(chat.turns) + 1, _as_read(typed, page.settings.max_message_chars), stream))
    chat.scroll(ScrollTo.TURN)
    stream.wait(_FIRST_LOOK_S)


def _count(chat: ChatState, turn: Turn) -> None:
    """Count what was not covered, and that the chat was pointed to help; neither tells whose chat it was."""
    served = app_loader().ready()
    if served is not None and served.curation is not None:
        served.curation.gaps.note(turn)
    if served is not None and served.people is not None:
        served.people.referrals.note(turn, chat.referrals_noted)


def _as_read(typed: str, max_chars: int) -> str:
    """Return what was typed as the program reads it, so that the places of hidden words fit; a refused text is shown shortened."""
    try:
        return clean_input(typed, max_chars).text
    except InputRefused:
        return typed[:_SHOWN_OF_REFUSED].strip()


def _follow(shown: ShownTurn, drawn_version: int) -> None:
    """Draw the page anew as soon as the reply has grown since it was drawn."""
    looks = count()

    @st.fragment(run_every=_TICK_S if shown.stream.is_running else None)
    def tick() -> None:
        patience_s = _NEWS_WITHIN_S if next(looks) else 0.0  # the first look is part of drawing the page, which should end
        if shown.stream.wait_for_news(drawn_version, patience_s):
            shown.stream.wait(_TOGETHER_S)
            st.rerun()

    tick()


def _on_turn(page: Page, shown: ShownTurn, key: str) -> None:
    what, value = last_act(key)
    page.chat.last_used_at = page.now
    match what:
        case "hide":
            page.chat.hide(value)
        case "keep":
            page.chat.keep(value)
        case "person":
            _ask_for_person(page.chat, urgent=value == "urgent")
        case "nearby":
            _pick_starter(value)
        case "go_on":
            page.chat.session.go_on()
            _pick_starter(shown.raw)
        case "country":
            page.chat.session.country = value or None
        case "thumb":
            shown.thumb = Thumb(value)
        case "comment":
            give_feedback(page, shown, value)
        case _:
            _on_groups(page, shown, what, value)


def _on_groups(page: Page, shown: ShownTurn, what: str, value: str) -> None:
    match what:
        case "group":
            groups_page.open_group(page.chat, value)
        case "not_group":
            wishing.set_aside(page, shown, value)
        case "wish":
            wishing.wish_for_turn(page, shown)
        case "intake":
            page.chat.show(View.INTAKE)
        case "groups":
            page.chat.show(View.GROUPS)
        case _:
            pass
