"""One talk at the peer desk: the letter, the messages, giving it back, closing it."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import streamlit as st

from companion.errors import CompanionError, NotFound
from companion.models_people import Author, HandoverState, HandoverStatus, PeerSeat
from companion.network.talk import MAX_MESSAGE_CHARS
from companion.ui.before_sending import draw_held, look_for_details
from companion.ui.components import Plain, draw_talk, put_into_box, watch_keystrokes
from companion.ui.desk import Desk, attempt
from companion.ui.local_time import clock_time
from companion.ui.peer_debrief import draw_debrief
from companion.ui.peer_hints import draw_hints
from companion.ui.peer_tools import draw_tools
from companion.ui.talk_messages import speaker
from companion.ui.unsent import Side, words_of

_TALK_TICK_S = 0.7
_OVER_TICK_S = 5.0
"""A talk that has ended may still be erased by the employee; it must then go from this screen as well."""
_OVER = frozenset({HandoverState.CLOSED, HandoverState.WITHDRAWN})


def draw_peer_talk(desk: Desk, handover_id: str) -> None:
    """Draw the open talk for this run."""
    words, seat = desk.words, PeerSeat(desk.caller, handover_id)
    try:
        status = desk.people.handovers.status(seat)
        if desk.state.letter is None:
            desk.state.letter = desk.people.handovers.letter(seat)
    except NotFound:
        _back_to_queue(desk)
    st.button(words("peer.back"), key="desk_back", type="tertiary", on_click=partial(desk.state.open, None))
    with st.container(key="desk_letter", border=True):
        st.markdown(f"**{words('peer.letter')}**")
        st.caption(" · ".join(_marks(desk, status)))
        st.text(desk.state.letter)
    if status.state not in _OVER:
        draw_tools(desk, seat, status, _country(desk, handover_id))
        if status.earlier_talk is not None:
            st.caption(words(f"peer.earlier_{status.earlier_talk.value}"))
    _follow(desk, seat, status)
    if status.state in _OVER:
        st.markdown(f"**{words('peer.closed')}**")
        if desk.state.debriefs:
            draw_debrief(desk)
        return
    _draw_input(desk, seat, status)


def _marks(desk: Desk, status: HandoverStatus) -> list[str]:
    """Return what stood beside the request in the queue; whoever takes it must not lose sight of that it is urgent."""
    urgent = [desk.words("peer.urgent")] if status.urgent else []
    return [*urgent, desk.words(f"peer.wishes.{status.wish.value}")]


def _country(desk: Desk, handover_id: str) -> str | None:
    """Return the country of the talk, for the lines that a peer may need."""
    return next((entry.country for entry in desk.people.handovers.held(desk.caller) if entry.handover_id == handover_id), None)


def _back_to_queue(desk: Desk) -> NoReturn:
    """Leave a talk that is this peer's no more."""
    desk.state.problem = "peer.gone"
    desk.state.debriefs = desk.state.debriefs or any(message.author is Author.PEER for message in desk.state.messages)
    desk.state.open(None)
    st.rerun()


def _follow(desk: Desk, seat: PeerSeat, drawn: HandoverStatus) -> None:
    @st.fragment(run_every=_OVER_TICK_S if drawn.state in _OVER else _TALK_TICK_S)
    def follow() -> None:
        handovers = desk.people.handovers
        try:
            status = handovers.status(seat)
            handovers.heartbeat(seat)
            desk.people.duty.look(desk.caller)
            if status.earlier_talk is not drawn.earlier_talk:  # opened to this peer, or broken off here: what may be read is fetched anew
                desk.state.messages.clear()
            after = desk.state.messages[-1].seq if desk.state.messages else 0
            desk.state.messages.extend(handovers.messages(seat, after=after))
        except CompanionError:
            _back_to_queue(desk)
        draw_talk("desk-messages", _shown(desk, status))
        if status.state is HandoverState.ACTIVE and not status.other_is_present:
            st.caption(desk.words("peer.away_other"))
        if _standing(status) != _standing(drawn):
            st.rerun()

    follow()


def _standing(status: HandoverStatus) -> tuple[object, ...]:
    """Return what the page around the messages shows, for telling whether it has changed."""
    return status.state, status.pass_asked, status.urgent, status.earlier_talk


def _shown(desk: Desk, status: HandoverStatus) -> Plain:
    words = desk.words
    return {
        "label": words("peer.live"),
        "messages": [
            {
                "seq": message.seq,
                "mine": message.author is Author.PEER,
                "name": speaker(words, message, status, words("person.you")) if message.author is Author.PEER else words("peer.employee"),
                "time": clock_time(message.sent_at),
                "text": message.text,
                "tick": words("person.read" if message.seq <= status.read_by_other else "person.sent")
                if message.author is Author.PEER
                else None,
            }
            for message in desk.state.messages
        ],
        "typing": words("peer.typing") if status.is_other_typing else None,
    }


def _draw_input(desk: Desk, seat: PeerSeat, status: HandoverStatus) -> None:
    words = desk.words
    desk.state.sending.settled |= words_of(desk.caller.pseudonym)
    side = Side(desk.state.sending, partial(_post, desk, seat), look_for_details)
    with st.bottom:
        put_into_box("desk_chosen", *desk.state.chosen)
        draw_held(words, side, is_urgent=status.urgent)
        typed = st.chat_input(words("peer.placeholder"), key="desk_typed", max_chars=MAX_MESSAGE_CHARS)
        draw_hints(desk)
        with st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
            if desk.state.asks_to_close:
                st.markdown(words("peer.close_sure", days=desk.retention_days))
                st.button(words("peer.close_yes"), key="close_yes", type="tertiary", on_click=partial(_close, desk, seat))
                st.button(words("peer.close_no"), key="close_no", type="tertiary", on_click=partial(_ask_to_close, desk, asks=False))
            elif status.state is HandoverState.CLAIMED:
                st.button(words("peer.give_back"), key="give_back", type="tertiary", on_click=partial(_give_back, desk, seat))
            else:
                st.button(words("peer.close"), key="close", type="tertiary", on_click=partial(_ask_to_close, desk, asks=True))
        _note_typing(desk, seat)
    if typed:
        side.take(typed, is_urgent=status.urgent)
        st.rerun()


def _post(desk: Desk, seat: PeerSeat, text: str, key: str) -> bool:
    return attempt(desk, partial(desk.people.handovers.post, seat, text, client_key=key))


def _note_typing(desk: Desk, seat: PeerSeat) -> None:
    @st.fragment
    def keystrokes() -> None:
        watch_keystrokes("desk_keys", partial(_typing, desk, seat))

    keystrokes()


def _typing(desk: Desk, seat: PeerSeat) -> None:
    attempt(desk, partial(desk.people.handovers.heartbeat, seat, is_typing=True))


def _ask_to_close(desk: Desk, *, asks: bool) -> None:
    desk.state.asks_to_close = asks


def _give_back(desk: Desk, seat: PeerSeat) -> None:
    if attempt(desk, partial(desk.people.handovers.pass_back, desk.caller, seat.handover_id)):
        desk.state.open(None)


def _close(desk: Desk, seat: PeerSeat) -> None:
    desk.state.asks_to_close = False
    if attempt(desk, partial(desk.people.handovers.close, seat)):
        desk.state.debriefs = True
