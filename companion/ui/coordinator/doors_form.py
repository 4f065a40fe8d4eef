"""Doors in the console: who else can help, what each can do, keeps secret and must pass on."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.curation.catalogue_desk import OpenEntry
from companion.models_catalogue import EntryKey, EntryKind, Fields
from companion.ui.components import draw_facts
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.entry_form import (
    EntryForm,
    draw_list,
    draw_removal,
    form_state,
    removal_button,
    save_button,
    state_begin,
    without_empty,
)

_PART = "doors_form"
_NEW = OpenEntry(EntryKey(EntryKind.DOOR, ""), {})
_SHOWN = (
    ("can_do", "crisis.door_can"),
    ("keeps_secret", "crisis.door_secret"),
    ("must_report", "crisis.door_report"),
    ("how", "crisis.door_how"),
)


def draw_doors(console: Console) -> None:
    """Draw the doors for this run."""
    entries = console.curation.catalogue.entries(console.caller, EntryKind.DOOR)
    first = entries[0] if entries else _NEW
    state = form_state(_PART, first, first.fields)
    form = EntryForm(console, _PART, state)
    st.markdown(form.words("intro"))
    st.caption(form.words("not_compared"))
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.button(form.words("add"), key="doors_add", on_click=partial(state_begin, state, _NEW))
        draw_list(form, [(str(entry.fields.get("name", "")), entry, partial(state_begin, state, entry)) for entry in entries])
    with right:
        _draw_form(form)


def _draw_form(form: EntryForm) -> None:
    labels = {topic.slug: topic.label for topic in form.console.app.catalogue.topics}
    name, door_id = form.text("name"), form.text("id")
    texts = {field: form.text(field, tall=True) for field, _ in _SHOWN}
    topics = form.several("topics", list(labels), shown=lambda slug: labels[slug])
    fields = without_empty({"id": door_id, "name": name, **texts, "topics": topics})
    form.draw_outcome(fields)
    with st.container(horizontal=True):
        save_button(form.words("save"), "doors_save", partial(_save, form, fields), is_main=True)
        removal_button(form)
    draw_removal(form, _NEW)
    st.subheader(form.words("shown"), anchor=False)
    with st.container(border=True, key="doors_card"):
        st.text(name)
        draw_facts(f"doors_facts_{form.state.revision}", [(form.console.words(key), texts[field]) for field, key in _SHOWN])


def _save(form: EntryForm, fields: Fields) -> None:
    console = form.console
    note = f"{fields.get('name', '')}: saved"
    form.attempt(
        lambda: console.curation.catalogue.save(console.caller, form.state.opened, fields, note), "saved", lambda entry: entry.fields
    )
