"""What an employee sees when their talk broke off: that the peer is gone, who reads what, and the choice to open the talk to the next one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError
from companion.models_people import EarlierTalk, HandoverStatus
from companion.network.escalation import HELD
from companion.ui.components import draw_talk
from companion.ui.page import Page
from companion.ui.talk_messages import shown_messages


def draw_broken_off(page: Page, status: HandoverStatus) -> None:
    """Draw nothing unless a talk of this request broke off. While nobody has taken it, the words of that talk are at hand as well."""
    words, earlier, is_held = page.words, status.earlier_talk, status.state in HELD
    if earlier is None:
        return
    with st.container(key="broken_off", border=True):
        st.markdown(f"**{words('person.left_title')}**")
        st.markdown(words(f"person.left_{earlier.value}_{'held' if is_held else 'waiting'}"))
        if earlier is EarlierTalk.KEPT:
            st.button(words("person.left_open"), key="let_read", on_click=partial(_let_read, page))
        if not is_held:
            with st.expander(words("person.left_words")):
                draw_talk("earlier-messages", shown_messages(page, status, words("person.earlier_peer")))


def _let_read(page: Page) -> None:
    """Open the talk to the next peer; when it does not work, the panel goes on saying that it is closed."""
    if page.people is None or page.chat.request.token is None:
        return
    try:
        page.people.handovers.let_read(page.chat.request.token)
    except CompanionError:
        return
