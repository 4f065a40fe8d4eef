"""Where each role of staff belongs: shown to somebody who is signed in on a page that is not theirs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.models_staff import Caller, Role
from companion.ui.loading import Served, app_loader
from companion.ui.staff_sign_in import sign_out
from companion.ui.text import Words
from companion.ui.ways import go_to

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_BUILD_PATIENCE_S = 60.0
PAGE_OF: Mapping[Role, str] = {
    Role.PEER: "peer",
    Role.FACILITATOR: "facilitator",
    Role.COORDINATOR: "coordinator",
    Role.AUDITOR: "auditor",
}
"""The page of every role that an account can have, by its address without the slash."""


def open_served(said: str) -> Served:
    """Return the program; while it is still being built show words instead of nothing, and draw the page anew when it is there.

    said: what people read meanwhile. Raises: CompanionError when it cannot be built, or not in time.
    """
    served = app_loader().ready()
    if served is None:
        place = st.empty()
        place.markdown(said)
        try:
            app_loader().wait(_BUILD_PATIENCE_S)
        finally:
            place.empty()
        st.rerun()
    return served


def draw_elsewhere(people: People, words: Words, caller: Caller, *, not_allowed: str) -> None:
    """Say that this page is not for somebody's role, lead to the pages that are, and let them sign out.

    not_allowed: the sentence that says for whom this page is.
    """
    with st.container(key="elsewhere"):
        st.markdown(words("staff.signed_in", name=caller.pseudonym))
        st.info(not_allowed)
        for role in sorted(caller.roles & PAGE_OF.keys()):
            if st.button(words(f"staff.pages.{role.value}"), key=f"to_{PAGE_OF[role]}", type="primary"):
                go_to(PAGE_OF[role])
        st.button(words("staff.sign_out"), key="sign_out", type="tertiary", on_click=partial(sign_out, people))
