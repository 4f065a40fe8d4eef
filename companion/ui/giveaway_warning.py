"""The gentle warning before a letter goes to a person: what in it may tell who wrote it, and vaguer words. It never holds a letter back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import streamlit as st

from companion.errors import CompanionError
from companion.library.giveaway_words import load_giveaway_rules
from companion.models_giveaway import Giveaway, GiveawayReading, GiveawayRules
from companion.stages.giveaway import find_giveaways
from companion.ui.chat_state import ChatState, LetterWarning, PersonRequest, ScrollTo
from companion.ui.components import draw_facts
from companion.ui.page import Page
from companion.ui.text import Words

log = logging.getLogger(__name__)


def needs_a_look(page: Page, letter: str) -> bool:
    """Tell whether the person should look at a letter once more, and keep what was found for the page.

    An urgent letter is never stopped, nor one that the person has already decided about, nor any when the rules cannot be read.
    """
    request = page.chat.request
    request.warning = None
    if request.urgent or letter == request.settled_letter:
        return False
    rules = _rules(page.settings.catalogue_dir)
    reading = find_giveaways(letter, rules) if rules else None
    request.warning = LetterWarning(letter, reading) if reading and reading.gives_away else None
    return request.warning is not None


def draw_warning(page: Page, warning: LetterWarning, send: Callable[[], None]) -> None:
    """Draw what was found with two ways on: vaguer words, or as it is."""
    words, request, reading = page.words, page.chat.request, warning.reading
    with st.container(key="giveaway", border=True):
        st.markdown(f"**{words('giveaway.title')}**")
        st.markdown(words("giveaway.intro"))
        draw_facts("giveaway-found", [(f"“{warning.letter[each.start : each.end]}”", _advice(each, words)) for each in reading.found])
        has_vaguer = reading.rewritten != warning.letter
        if has_vaguer:
            st.markdown(words("giveaway.rewritten"))
            st.text(reading.rewritten)
        with st.container(horizontal=True, key="giveaway_acts"):
            use = words("giveaway.use" if has_vaguer else "giveaway.change")  # the same act: the letter, as it then stands, can be changed
            st.button(use, key="giveaway_use", type="primary", on_click=partial(_use_vaguer, page.chat, reading))
            st.button(words("giveaway.as_is"), key="giveaway_as_is", on_click=partial(_send_as_is, request, warning.letter, send))


def _advice(each: Giveaway, words: Words) -> str:
    if each.vaguer is None:
        return f"{each.reason} {words('giveaway.think')}"
    return f"{each.reason} {words('giveaway.instead', vaguer=each.vaguer) if each.vaguer else words('giveaway.leave_out')}"


def _use_vaguer(chat: ChatState, reading: GiveawayReading) -> None:
    """Put the vaguer words into the letter, where they can still be changed; they are not pointed out again."""
    request = chat.request
    st.session_state["letter"] = request.draft = reading.rewritten
    request.settled_letter, request.warning = reading.rewritten.strip(), None
    chat.scroll(ScrollTo.TOP)  # the letter stands above the warning that has gone


def _send_as_is(request: PersonRequest, letter: str, send: Callable[[], None]) -> None:
    request.settled_letter, request.warning = letter, None
    send()


def _rules(catalogue: Path) -> GiveawayRules | None:
    path = catalogue / "giveaway.yaml"
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except (CompanionError, OSError) as exc:
        log.error("the give-away guard is not working; letters go without its warning: %s", type(exc).__name__)
        return None


@lru_cache(maxsize=2)
def _read_once(path: Path, _changed_at_ns: int) -> GiveawayRules:
    return load_giveaway_rules(path)
