"""Cards in the console: read what helped members of groups, change what gives somebody away, publish or delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from companion.curation.cards import MAX_CARD_CHARS
from companion.errors import CompanionError, FormRefused
from companion.models_meetings import OpenCard
from companion.ui.coordinator.console import Console
from companion.ui.staff_sign_in import demand_signed_in

_OUTCOME = "cards_outcome"


def draw_cards(console: Console) -> None:
    """Draw the part for this run."""
    words = console.words
    st.markdown(words("cards.intro"))
    outcome = st.session_state.pop(_OUTCOME, None)
    if outcome:
        is_well, text = outcome
        (st.success if is_well else st.error)(text)
    waiting = console.curation.cards.waiting(console.caller)
    if not waiting:
        st.markdown(words("cards.none"))
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics}
    for card in waiting:
        _draw_card(console, card, labels.get(card.topic, card.topic))


def _draw_card(console: Console, card: OpenCard, topic: str) -> None:
    words, key = console.words, card.id[:8]
    with st.container(border=True, key=f"card_{key}"):
        st.caption(words("cards.topic", topic=topic, month=card.month))
        title = st.text_input(words("cards.title"), key=f"card_title_{key}", max_chars=70) or ""
        text = st.text_area(words("cards.text"), value=card.text, key=f"card_text_{key}", max_chars=MAX_CARD_CHARS) or ""
        with st.container(horizontal=True):
            publish = partial(console.curation.cards.publish, console.caller, card.id, title, text)
            decline = partial(console.curation.cards.decline, console.caller, card.id)
            if st.button(words("cards.publish"), key=f"card_publish_{key}", type="primary"):
                _attempt(console, publish, "cards.published")
            if st.button(words("cards.decline"), key=f"card_decline_{key}"):
                _attempt(console, decline, "cards.declined")


def _attempt(console: Console, act: Callable[[], object], done: str) -> None:
    """Carry out an act and draw the page anew; when it fails, what was typed stays."""
    try:
        demand_signed_in(console.people)
        act()
    except FormRefused as refused:
        st.session_state[_OUTCOME] = (False, console.words("cards.refused", problem=refused))
    except CompanionError:
        st.session_state[_OUTCOME] = (False, console.words("cards.failed"))
    else:
        st.session_state[_OUTCOME] = (True, console.words(done))
    st.rerun()
