"""Go from one page of staff to another without losing the sign-in, which lives in the page's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

_PAGES = "pages"


def remember_pages(pages: Mapping[str, StreamlitPage]) -> None:
    """Keep the pages of this run, by their address without the slash, for `go_to`."""
    st.session_state[_PAGES] = dict(pages)


def go_to(address: str) -> NoReturn:
    """Open another page in place of this one. Raises: KeyError for an address that is no page."""
    st.switch_page(st.session_state[_PAGES][address])
