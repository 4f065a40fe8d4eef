"""The pages of the program and what surrounds each: its title, and kind words in place of any error."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from companion.errors import CompanionError
from companion.logs import kind_of
from companion.ui.auditor import draw_auditor_page
from companion.ui.chat import draw_chat_page
from companion.ui.coordinator.console import draw_console_page
from companion.ui.facilitator import draw_facilitator_page
from companion.ui.page import open_words
from companion.ui.peer_desk import draw_peer_page
from companion.ui.text import Words
from companion.ui.training.page import draw_training_page
from companion.ui.ways import remember_pages

_LAST_RESORT = "Something here did not work. The crisis lines at the top of this page work without it."


def run() -> None:
    """Draw the page that the address asks for: the chat at "/", and the pages of staff, each at its own."""
    words = _words()
    drawn = {
        "chat": (draw_chat_page, "page.title"),
        "peer": (draw_peer_page, "page.peer_title"),
        "facilitator": (draw_facilitator_page, "page.facilitator_title"),
        "training": (draw_training_page, "page.training_title"),
        "coordinator": (draw_console_page, "page.console_title"),
        "auditor": (draw_auditor_page, "page.auditor_title"),
    }
    pages = {
        address: st.Page(_kindly(draw), title=words(title) if words else None, url_path=address, default=address == "chat")
        for address, (draw, title) in drawn.items()
    }
    remember_pages(pages)
    st.navigation(list(pages.values()), position="hidden").run()


def _kindly(draw: Callable[[], None]) -> Callable[[], None]:
    """Return a page that shows kind words and names the lines when drawing it fails; the log names only the kind of error."""

    def page() -> None:
        try:
            draw()
        except Exception as exc:  # noqa: BLE001 - the outermost edge: no traceback may ever reach a person (DESIGN 6)
            logging.getLogger(__name__).error("a page could not be drawn: %s", kind_of(exc))
            draw_kind_words()

    page.__name__ = draw.__name__
    return page


def draw_kind_words() -> None:
    """Draw what a person reads when a page cannot be drawn."""
    words = _words()
    if words is None:
        st.markdown(_LAST_RESORT)
        return
    st.header(words("errors.title"), anchor=False)
    st.markdown(words("errors.text"))
    st.markdown(words("errors.lines"))
    st.button(words("errors.retry"), key="retry")


def _words() -> Words | None:
    try:
        return open_words()
    except CompanionError:
        return None
