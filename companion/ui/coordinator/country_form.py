"""A country's emergency number in the console, and adding a country."""

from __future__ import annotations

from functools import partial

import streamlit as st

from companion.curation.catalogue_desk import OpenEntry
from companion.models_catalogue import EntryKey, EntryKind, Fields
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.entry_form import EntryForm, form_state, save_button, without_empty

_PART = "lines_form"
_NEW = OpenEntry(EntryKey(EntryKind.COUNTRY, ""), {})


def draw_country(console: Console, code: str) -> None:
    """Draw the emergency number of one country, and the form for a new one."""
    opened = console.curation.catalogue.current(console.caller, EntryKey(EntryKind.COUNTRY, code)) or _NEW
    state = form_state("country_form", opened, opened.fields)
    if state.opened.key.name not in {code, ""}:
        state.begin(opened, opened.fields)
    form = EntryForm(console, _PART, state)
    title = form.words("emergency_title", country=opened.fields.get("country", code)) if state.opened.fields else form.words("add_country")
    with st.expander(title):
        _draw_form(form)
        if state.opened.fields:
            st.button(form.words("add_country"), key="country_add", type="tertiary", on_click=partial(state.begin, _NEW, {}))


def _draw_form(form: EntryForm) -> None:
    opened = form.state.opened
    code = form.text("code") if not opened.fields else opened.key.name
    country, emergency = form.text("country"), form.text("emergency")
    again = form.text("emergency_again") if emergency != opened.fields.get("emergency") else ""
    fields = without_empty({"code": code, "country": country, "emergency": emergency})
    form.draw_outcome(fields)
    save_button(form.words("save_emergency"), "country_save", partial(_save, form, fields, again))


def _save(form: EntryForm, fields: Fields, again: str) -> None:
    console, opened = form.console, form.state.opened
    form.attempt(
        lambda: console.curation.lines.save_country(console.caller, opened, fields, again), "emergency_saved", lambda entry: entry.fields
    )
