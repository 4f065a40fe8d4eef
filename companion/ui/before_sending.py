"""A moment before a message goes to the other side of a talk: it holds a name or a number, send it as it is, or hide that?

Only a message that is not urgent is held, only on this page, and only until its writer taps. What they decided to send is not asked about again.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.models import Entity, EntityType
from companion.ui.loading import app_loader
from companion.ui.text import Words
from companion.ui.unsent import Side


def look_for_details(text: str, settled: frozenset[str]) -> tuple[Entity, ...]:
    """Return the details in a text; none when the program or its redactor is not there, so that it goes as typed."""
    from companion.bootstrap_talk import direct_details  # the program behind it is built after the first page is drawn

    served = app_loader().ready()
    return direct_details(served.app, text, settled) if served else ()


def draw_held(words: Words, side: Side, *, is_urgent: bool) -> None:
    """Draw what waits for its writer's tap; when the talk has become urgent meanwhile, it goes at once as typed."""
    if not side.sending.held:
        return
    if is_urgent:
        side.send_as_typed()
        if not side.sending.held:
            st.rerun()
    kinds = dict.fromkeys(detail.type for each in side.sending.held for detail in each.details)
    with st.container(key="before_sending", border=True):
        named = ", ".join(_word_for(words, kind) for kind in kinds)
        st.markdown(words("talk.held", details=named) if kinds else words("talk.undelivered"))
        for each in side.sending.held:
            st.text(each.text)
        with st.container(horizontal=True, key="before_sending_acts"):
            if kinds:
                st.button(
                    words("talk.hide"), key="send_hidden", type="primary", on_click=partial(side.send_hidden, partial(_word_for, words))
                )
            st.button(words("talk.as_is" if kinds else "talk.again"), key="send_as_is", on_click=side.send_as_typed)
            st.button(words("talk.drop"), key="send_not", type="tertiary", on_click=side.drop)


def _word_for(words: Words, kind: EntityType) -> str:
    return words(f"hidden.kinds.{kind.value}")
