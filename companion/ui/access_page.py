"""What staff did, for employees to read: when, in which role, under which name, and what kind of thing. Never a word of anybody's."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.errors import CompanionError, KnowledgeError
from companion.models_staff import AccessEntry, AccessReport
from companion.ui.chat_state import View
from companion.ui.components import draw_facts
from companion.ui.page import Page
from companion.ui.text import Words


def draw_access(page: Page) -> None:
    """Draw the access log, and whether it is whole."""
    words = page.words
    with st.container(key="access"):
        st.header(words("access.title"), anchor=False)
        st.markdown(words("access.intro"))
        report = _report(page)
        if report is None:
            st.markdown(words("access.unavailable"))
        else:
            with st.container(key="access_state", border=True):
                st.markdown(words("access.whole") if report.is_whole else f"**{words('access.broken')}**")
            if not report.entries:
                st.markdown(words("access.empty"))
            draw_facts("access-rows", [access_row(entry, words) for entry in report.entries])
        st.button(words("access.back"), key="access_back", type="primary", on_click=partial(page.chat.show, View.HELD))


def access_row(entry: AccessEntry, words: Words, *, to_the_minute: bool = False) -> tuple[str, str]:
    """Return one row as (when, what): the hour, or the minute for an auditor; the role with the pseudonym, and the act in plain words."""
    role, what = words(f"access.roles.{entry.role.value}"), act_words(entry.kind, entry.act, words)
    when = f"{entry.at:%-d %B %Y, %H:%M} UTC" if to_the_minute else f"{entry.at:%-d %B %Y, %H:00} UTC"
    return when, words("access.row", role=role, name=entry.pseudonym, what=what)


def act_words(kind: str, act: str, words: Words) -> str:
    """Return what somebody did in plain words, or its name when there are none yet."""
    try:
        return words(f"access.acts.{kind}.{act}".replace(" ", "_").replace("-", "_"))
    except KnowledgeError:
        return words("access.other", act=act, kind=kind)


def _report(page: Page) -> AccessReport | None:
    if page.people is None:
        return None
    try:
        return page.people.access_log.report()
    except CompanionError:
        return None
