"""The peer desk: what waits, my talks, and one talk with the letter beside it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError, NotAllowed, WrongState
from companion.models_people import Author, HandoverState, HandoverStatus, Message, PeerSeat, QueueEntry
from companion.models_staff import Caller, DutyStatus
from companion.ui.components import Plain, draw_talk, watch_keystrokes
from companion.ui.loading import app_loader
from companion.ui.page import open_words
from companion.ui.staff_sign_in import sign_out, signed_in_caller
from companion.ui.text import Words

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_QUEUE_TICK_S = 2.0
_TALK_TICK_S = 1.0
_BUILD_PATIENCE_S = 60.0
_OVER = frozenset({HandoverState.CLOSED, HandoverState.WITHDRAWN})


@dataclass(slots=True)
class DeskState:
    """Hold which talk is open on this page and what of it has been fetched."""

    open_id: str | None = None
    letter: str | None = field(default=None, repr=False)
    messages: list[Message] = field(default_factory=list, repr=False)
    problem: str | None = None
    asks_to_close: bool = False

    def open(self, handover_id: str | None) -> None:
        """Open a talk, or the queue with None."""
        self.open_id, self.letter, self.asks_to_close = handover_id, None, False
        self.messages.clear()


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold what the desk needs while it is drawn."""

    people: People
    retention_days: int
    words: Words
    caller: Caller
    state: DeskState


def draw_peer_page() -> None:
    """Draw the peer's page for this run."""
    words = open_words()
    try:
        people = app_loader().wait(_BUILD_PATIENCE_S).people
        if people is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(people, words)
        if caller is None:
            return
        desk = Desk(people, app_loader().settings.handover_retention_days, words, caller, st.session_state.setdefault("desk", DeskState()))
        _draw_top(desk)
        if desk.state.open_id is None:
            _draw_lists(desk)
        else:
            _draw_talk(desk, desk.state.open_id)
    except CompanionError:
        st.error(words("peer.unavailable"))


def _draw_top(desk: Desk) -> None:
    words = desk.words
    with st.container(key="desk_top", horizontal=True, vertical_alignment="center"):
        st.markdown(words("peer.signed_in", name=desk.caller.pseudonym))
        status = desk.people.duty.status(desk.caller)
        st.toggle(words("peer.duty_on"), value=status is DutyStatus.ON_DUTY, key="on_duty", on_change=partial(_set_duty, desk))
        st.button(words("peer.sign_out"), key="sign_out", type="tertiary", on_click=partial(_sign_out, desk))
    if desk.state.problem:
        st.error(words(desk.state.problem))
        desk.state.problem = None


def _sign_out(desk: Desk) -> None:
    desk.state.open(None)
    sign_out(desk.people)


def _set_duty(desk: Desk) -> None:
    status = DutyStatus.ON_DUTY if st.session_state.get("on_duty") else DutyStatus.AWAY
    _attempt(desk, partial(desk.people.duty.set_status, desk.caller, status))


def _attempt(desk: Desk, act: Callable[[], object]) -> bool:
    """Carry out an act; note kind words when it fails, and tell whether it went well."""
    try:
        act()
    except WrongState:
        desk.state.problem = "peer.claimed_by_other"
    except NotAllowed:
        desk.state.problem = "peer.not_allowed"
    except CompanionError:
        desk.state.problem = "peer.failed"
    return desk.state.problem is None


# --- queue -------------------------------------------------------------------------------------------------------------


def _draw_lists(desk: Desk) -> None:
    @st.fragment(run_every=_QUEUE_TICK_S)
    def lists() -> None:
        people, words = desk.people, desk.words
        held = people.handovers.held(desk.caller)
        if held:
            st.subheader(words("peer.mine"), anchor=False)
            for entry in held:
                _draw_entry(desk, entry, is_mine=True)
        st.subheader(words("peer.queue"), anchor=False)
        waiting = people.handovers.queue(desk.caller)
        for entry in waiting:
            _draw_entry(desk, entry, is_mine=False)
        if not waiting:
            st.markdown(words("peer.queue_empty"))
        st.caption(words("peer.reminder"))

    lists()


def _draw_entry(desk: Desk, entry: QueueEntry, *, is_mine: bool) -> None:
    words, short = desk.words, entry.handover_id[:8]
    with st.container(key=f"entry_{short}{'_urgent' if entry.urgent else ''}", border=True, horizontal=True, vertical_alignment="center"):
        minutes = int((datetime.now(UTC) - entry.asked_at).total_seconds() // 60)
        marks = [words("peer.urgent")] if entry.urgent else []
        marks += [words("peer.minutes", minutes=minutes), *([entry.country] if entry.country else [])]
        st.markdown(" · ".join(f"**{mark}**" if mark == words("peer.urgent") else mark for mark in marks))
        if st.button(words("peer.open" if is_mine else "peer.claim"), key=f"take_{short}", type="primary"):
            if is_mine or _attempt(desk, partial(desk.people.handovers.claim, desk.caller, entry.handover_id)):
                desk.state.open(entry.handover_id)
            st.rerun()


# --- talk --------------------------------------------------------------------------------------------------------------


def _draw_talk(desk: Desk, handover_id: str) -> None:
    words, seat = desk.words, PeerSeat(desk.caller, handover_id)
    status = desk.people.handovers.status(seat)
    if desk.state.letter is None:
        desk.state.letter = desk.people.handovers.letter(seat)
    st.button(words("peer.back"), key="desk_back", type="tertiary", on_click=partial(desk.state.open, None))
    with st.container(key="desk_letter", border=True):
        st.markdown(f"**{words('peer.letter')}**")
        st.text(desk.state.letter)
    _follow(desk, seat, status)
    if status.state in _OVER:
        st.markdown(f"**{words('peer.closed')}**")
        return
    _draw_input(desk, seat, status.state)


def _follow(desk: Desk, seat: PeerSeat, drawn: HandoverStatus) -> None:
    @st.fragment(run_every=None if drawn.state in _OVER else _TALK_TICK_S)
    def follow() -> None:
        handovers = desk.people.handovers
        handovers.heartbeat(seat)
        after = desk.state.messages[-1].seq if desk.state.messages else 0
        desk.state.messages.extend(handovers.messages(seat, after=after))
        status = handovers.status(seat)
        draw_talk("desk-messages", _shown(desk, status))
        if status.state is not drawn.state:
            st.rerun()

    follow()


def _shown(desk: Desk, status: HandoverStatus) -> Plain:
    words = desk.words
    return {
        "label": words("peer.live"),
        "messages": [
            {
                "seq": message.seq,
                "mine": message.author is Author.PEER,
                "name": words("person.you") if message.author is Author.PEER else words("peer.employee"),
                "time": f"{message.sent_at.astimezone():%H:%M}",
                "text": message.text,
                "tick": words("person.read" if message.seq <= status.read_by_other else "person.sent")
                if message.author is Author.PEER
                else None,
            }
            for message in desk.state.messages
        ],
        "typing": words("peer.typing") if status.is_other_typing else None,
    }


def _draw_input(desk: Desk, seat: PeerSeat, state: HandoverState) -> None:
    words = desk.words
    with st.bottom:
        typed = st.chat_input(words("peer.placeholder"), key="desk_typed")
        with st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
            if desk.state.asks_to_close:
                st.markdown(words("peer.close_sure", days=desk.retention_days))
                st.button(words("peer.close_yes"), key="close_yes", type="tertiary", on_click=partial(_close, desk, seat))
                st.button(words("peer.close_no"), key="close_no", type="tertiary", on_click=partial(_ask_to_close, desk, asks=False))
            elif state is HandoverState.CLAIMED:
                st.button(words("peer.give_back"), key="give_back", type="tertiary", on_click=partial(_give_back, desk, seat))
            else:
                st.button(words("peer.close"), key="close", type="tertiary", on_click=partial(_ask_to_close, desk, asks=True))
        _note_typing(desk, seat)
    if typed:
        _attempt(desk, partial(desk.people.handovers.post, seat, typed, client_key=secrets.token_hex(16)))
        st.rerun()


def _note_typing(desk: Desk, seat: PeerSeat) -> None:
    @st.fragment
    def keystrokes() -> None:
        watch_keystrokes("desk_keys", partial(_typing, desk, seat))

    keystrokes()


def _typing(desk: Desk, seat: PeerSeat) -> None:
    _attempt(desk, partial(desk.people.handovers.heartbeat, seat, is_typing=True))


def _ask_to_close(desk: Desk, *, asks: bool) -> None:
    desk.state.asks_to_close = asks


def _give_back(desk: Desk, seat: PeerSeat) -> None:
    if _attempt(desk, partial(desk.people.handovers.pass_back, desk.caller, seat.handover_id)):
        desk.state.open(None)


def _close(desk: Desk, seat: PeerSeat) -> None:
    _attempt(desk, partial(desk.people.handovers.close, seat))
    desk.state.asks_to_close = False
