"""What the two of a mentoring pair write to one another: the messages, and a box while they meet."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_mentoring import MentoringPlace, Step
from companion.models_pair import PairMessage, PairTalk
from companion.network.pair_channel import MAX_PAIR_MESSAGE_CHARS, PairChannelService
from companion.ui.before_sending import draw_held, look_for_details
from companion.ui.components import Plain, draw_talk
from companion.ui.local_time import local, with_zone
from companion.ui.page import Page
from companion.ui.unsent import Side, words_of

_TICK_S = 3.0
"""Between two looks for new messages. The two seldom write at the same time."""
_SHOWN = frozenset({Step.MEETING, Step.HALF_TIME, Step.CHECKED, Step.RESTING})


def draw_channel(page: Page, service: PairChannelService, code: str, place: MentoringPlace) -> None:
    """Draw what the pair wrote, and the box while they meet; nothing where there is no pair and nothing kept of one."""
    if place.step not in _SHOWN:
        return
    words, talk = page.words, _read(service, code)
    if talk is None:
        st.markdown(words("mentoring.channel.unavailable"))
        return
    if not talk.can_write and not talk.messages:
        return
    name = place.other or words("mentoring.channel.other")
    st.subheader(words("mentoring.channel.title", other=name), anchor=False)
    st.markdown(words("mentoring.channel.help") if talk.can_write else words("mentoring.channel.over", until=f"{talk.until:%-d %B}"))
    _follow(page, service, code, (talk, name))
    if talk.can_write:
        _draw_box(page, service, code, (place.seeker.pseudonym, name))


def _read(service: PairChannelService, code: str) -> PairTalk | None:
    try:
        return service.read(code)
    except CompanionError:
        return None


def _follow(page: Page, service: PairChannelService, code: str, drawn: tuple[PairTalk, str]) -> None:
    first, name = drawn

    @st.fragment(run_every=_TICK_S if first.can_write else None)
    def follow() -> None:
        talk = _read(service, code) or first
        draw_talk("pair-messages", _shown(page, talk.messages, name))
        if talk.can_write != first.can_write:
            st.rerun()

    follow()


def _shown(page: Page, messages: tuple[PairMessage, ...], name: str) -> Plain:
    words = page.words
    return {
        "label": words("mentoring.channel.title", other=name),
        "messages": [
            {
                "seq": message.seq,
                "mine": message.is_mine,
                "name": words("person.you") if message.is_mine else name,
                "time": with_zone(f"{local(message.sent_at):%-d %b, %H:%M}"),
                "text": message.text,
                "tick": words("person.sent") if message.is_mine else None,
            }
            for message in messages
        ],
        "typing": None,
    }


def _draw_box(page: Page, service: PairChannelService, code: str, names: tuple[str, str]) -> None:
    words, sending = page.words, page.chat.pair_sending
    sending.settled |= words_of(*names)
    side = Side(sending, partial(_post, page, service, code), look_for_details)
    with st.bottom:
        draw_held(words, side, is_urgent=False)
        typed = st.chat_input(words("mentoring.channel.placeholder", other=names[1]), key="pair_typed", max_chars=MAX_PAIR_MESSAGE_CHARS)
    if typed:
        side.take(typed, is_urgent=False)
        st.rerun()


def _post(page: Page, service: PairChannelService, code: str, text: str, key: str) -> bool:
    page.chat.last_used_at = page.now
    try:
        service.post(code, text, key)
    except CompanionError:
        return False
    return True
