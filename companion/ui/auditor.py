"""The auditor's page: the access log to the minute, whether its seal is whole, counts, and the rows to take away."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError
from companion.models_staff import AccessEntry, AccessReview, Caller
from companion.network.permissions import Permission, may
from companion.ui.access_page import access_row, act_words
from companion.ui.components import draw_facts
from companion.ui.page import open_words
from companion.ui.staff_pages import draw_elsewhere, open_served
from companion.ui.staff_sign_in import draw_password_change, sign_out, signed_in_caller
from companion.ui.text import Words

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_ROWS_SHOWN = 200


def draw_auditor_page() -> None:
    """Draw the auditor's page for this run."""
    words = open_words()
    try:
        people = open_served(words("page.starting")).people
        if people is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(people, words, title="auditor.title", intro="auditor.sign_in_intro")
        if caller is None:
            return
        if not may(caller, Permission.VERIFY_ACCESS_LOG):
            draw_elsewhere(people, words, caller, not_allowed=words("auditor.not_allowed"))
            return
        _draw_top(people, words, caller)
        _draw_review(words, people.access_log.review(caller))
        draw_password_change(people, words)
    except CompanionError:
        st.error(words("auditor.unavailable"))


def _draw_top(people: People, words: Words, caller: Caller) -> None:
    with st.container(key="auditor_top", horizontal=True, vertical_alignment="center"):
        st.header(words("auditor.title"), anchor=False)
        st.markdown(words("auditor.signed_in", name=caller.pseudonym))
        st.button(words("auditor.sign_out"), key="sign_out", type="tertiary", on_click=partial(sign_out, people))


def _draw_review(words: Words, review: AccessReview) -> None:
    st.markdown(words("auditor.intro"))
    (st.success if review.is_whole else st.error)(words("auditor.whole" if review.is_whole else "auditor.broken"))
    if not review.entries:
        st.markdown(words("auditor.empty"))
        return
    if len(review.entries) == review.kept <= _ROWS_SHOWN:
        st.markdown(words("auditor.count", count=review.kept))
    else:
        shown = min(_ROWS_SHOWN, len(review.entries))
        st.markdown(words("auditor.count_shown", count=review.kept, shown=shown, held=len(review.entries)))
    st.subheader(words("auditor.counts"), anchor=False)
    counted = [words("auditor.count_row", what=act_words(kind, act, words), count=count) for (kind, act), count in review.counts.items()]
    st.markdown("\n".join(f"- {line}" for line in counted))
    st.subheader(words("auditor.rows"), anchor=False)
    st.download_button(
        words("auditor.download"), json_lines(review.entries), "access_log.jsonl", "application/jsonl", key="access_download"
    )
    draw_facts("auditor-rows", [access_row(entry, words, to_the_minute=True) for entry in review.entries[:_ROWS_SHOWN]])


def json_lines(entries: tuple[AccessEntry, ...]) -> str:
    """Return the rows as JSON lines, newest first: at (UTC, to the minute), name, role, act, kind."""
    rows = ({"at": f"{e.at:%Y-%m-%dT%H:%MZ}", "name": e.pseudonym, "role": e.role.value, "act": e.act, "kind": e.kind} for e in entries)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
