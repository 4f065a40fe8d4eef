"""The facts about an article as a form, and its words below."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from companion.models_curation import ArticleFacts
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.document_state import DocumentState, facts_from, shown_facts

_EVIDENCE = ("guideline", "review", "study", "practice", "experience")
_LINES = ("title", "summary")
_MANY = ("openings", "questions", "asked_as", "sources")
_SHORT = ("licence", "owner", "language", "reviewed_on", "review_by")


def draw_facts_form(console: Console, state: DocumentState, facts: ArticleFacts, body: str) -> str:
    """Draw the form of an article's facts and words, and return its whole text as it then stands."""
    words, shown = console.words, shown_facts(facts)
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics}

    def drawn(name: str, draw: Callable[..., str | None], **options: int) -> None:
        key, value = f"fact_{state.revision}_{name}", str(shown.get(name, ""))
        shown[name] = draw(words(f"library.fields.{name}"), value, key=key, help=_help(words.branch("library.help"), name), **options) or ""

    for name in _LINES:
        drawn(name, st.text_input)
    key = f"fact_{state.revision}_topics"
    topics = shown.get("topics", ())
    known = [slug for slug in topics if slug in labels] if isinstance(topics, tuple) else []
    chosen = st.multiselect(
        words("library.fields.topics"), list(labels), known, format_func=lambda slug: labels[slug], key=key, max_selections=4
    )
    shown["topics"] = tuple(chosen)
    key = f"document_body_{state.revision}"
    new_body = st.text_area(words("library.body"), body, height=420, key=key) or ""
    with st.expander(
        words("library.fields.sources").split(",")[0] + ", " + words("library.fields.licence"), expanded=not facts.get("sources")
    ):
        drawn("sources", st.text_area)
        evidence = str(shown.get("evidence", "practice"))
        place = _EVIDENCE.index(evidence) if evidence in _EVIDENCE else 3
        shown["evidence"] = st.selectbox(
            words("library.fields.evidence"),
            _EVIDENCE,
            place,
            format_func=lambda name: words(f"library.evidence.{name}"),
            key=f"fact_{state.revision}_evidence",
        )
        for name in _SHORT:
            drawn(name, st.text_input)
    with st.expander(words("library.fields.openings").split(",")[0] + ", " + words("library.fields.asked_as").split(",")[0]):
        for name in _MANY[:-1]:
            drawn(name, st.text_area, height=160)
    return console.curation.library.texts.joined(state.text, facts_from(shown), new_body)


def _help(helps: Mapping[str, object], name: str) -> str | None:
    return str(helps[name]) if name in helps else None
