"""Peer groups in the console: the list, the form, and the card that people see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from zoneinfo import available_timezones

import streamlit as st

from companion.curation.catalogue_desk import OpenEntry
from companion.errors import CompanionError
from companion.group_facets import FACETS
from companion.models_catalogue import EntryKey, EntryKind, Fields, FieldValue
from companion.models_groups import PeerGroup, Rhythm, group_key
from companion.models_meetings import Quiet
from companion.ui.components import draw_facts
from companion.ui.coordinator.console import Console
from companion.ui.coordinator.effect import begin_run, draw_run, run_about
from companion.ui.coordinator.entry_form import EntryForm, draw_list, draw_removal, form_state, removal_button, save_button, without_empty
from companion.ui.group_card import group_card
from companion.ui.text import Words

_PART = "groups_form"
_COMPARED = "groups_compared"
_STATUSES = ("open", "full", "paused", "closed")
_EVERY = ("week", "two weeks", "month")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OFFERS = ("listen", "ideas", "practical")
_FORMATS = ("remote", "onsite", "hybrid")
_NEW = OpenEntry(EntryKey(EntryKind.GROUP, ""), {})
_BLANK: dict[str, object] = {
    "capacity": 12,
    "minutes": 45,
    "time": "12:30",
    "language": "en",
    "timezone": "Europe/London",
    "status": "paused",
}


def draw_groups(console: Console) -> None:
    """Draw the groups for this run."""
    words = console.words
    entries = console.curation.catalogue.entries(console.caller, EntryKind.GROUP)
    first = entries[0] if entries else _NEW
    state = form_state(_PART, first, _values(first))
    form = EntryForm(console, _PART, state)
    st.markdown(words(f"{_PART}.intro"))
    samples = sum(entry.fields.get("kind") == "sample" for entry in entries)
    if samples:
        st.warning(form.words("samples", count=samples, all=len(entries)))
    left, right = st.columns([2, 3], gap="large")
    with left, st.container(key="groups_list"):
        st.button(form.words("add"), key="groups_add", on_click=partial(state.begin, _NEW, _BLANK))
        quiet = _quiet_groups(console)
        draw_list(form, [(list_line(entry, quiet, words), entry, partial(state.begin, entry, _values(entry))) for entry in entries])
    with right:
        _draw_form(form)


def _draw_form(form: EntryForm) -> None:
    state = form.state
    with st.container(key="groups_form_fields"):
        fields = _draw_fields(form)
        form.draw_outcome(fields)
        with st.container(horizontal=True):
            save_button(form.words("save"), "groups_save", partial(_save, form, fields), is_main=True)
            if state.opened.fields:
                st.button(form.words("duplicate"), key="groups_copy", on_click=partial(_copy, form))
            removal_button(form)
        draw_removal(form, _NEW)
        _draw_effect(form, fields)
        st.subheader(form.words("card"), anchor=False)
        _draw_card(form, fields)


def _draw_fields(form: EntryForm) -> Fields:
    labels = {topic.slug: topic.label for topic in form.console.app.catalogue.topics}
    fields: dict[str, FieldValue | None] = {
        "name": form.text("name"),
        "description": form.text("description", tall=True),
        "topics": form.several("topics", list(labels), shown=lambda slug: labels[slug]),
        "offers": form.several("offers", _OFFERS, shown=partial(_named, form, "offers")),
        "for_whom": form.text("for_whom"),
        **{name: form.lines(name) for name in FACETS},
        "rhythm": _draw_rhythm(form),
    }
    fields |= _draw_room(form)
    fields["status"] = form.choice("status", _STATUSES, shown=partial(_named, form, "statuses"))
    if form.state.opened.fields.get("kind") == "sample":
        fields["kind"] = "sample" if form.tick("kind") else None
    fields |= {name: form.lines(name) for name in ("asked_as", "only_when_said")}
    return without_empty(fields | {"id": _kept_id(form.state.opened, str(fields["name"]))})


def _draw_room(form: EntryForm) -> dict[str, FieldValue | None]:
    """Draw how many there are, where they meet and who leads."""
    left, right = st.columns(2)
    with left:
        capacity = form.number("capacity", 2, 500)
        meets_as = form.choice("format", _FORMATS, shown=lambda key: str(form.console.words.branch("groups.formats")[key]))
        language = form.text("language")
    with right:
        members = form.number("members", 0, 500, optional=True)
        location = form.text("location")
        facilitator = form.text("facilitator_role")
    return {
        "format": meets_as,
        "location": location,
        "way_in": form.text("way_in"),
        "capacity": capacity,
        "members": members,
        "language": language,
        "facilitator_role": facilitator,
    }


def _kept_id(opened: OpenEntry, name: str) -> str:
    """Return the id of a group that had one or gets a new name, so that its members stay with it."""
    known = str(opened.fields.get("id", ""))
    is_renamed = bool(opened.fields) and group_key(name) != group_key(opened.key.name)
    return known or (group_key(opened.key.name) if is_renamed else "")


def _draw_rhythm(form: EntryForm) -> dict[str, str | int]:
    one, two, three = st.columns(3)
    with one:
        every = form.choice("every", _EVERY, shown=partial(_named, form, "rhythms"))
    with two:
        weekday = form.choice("weekday", _DAYS, shown=partial(_named, form, "days"))
        zone = form.choice("timezone", sorted(available_timezones()))
    with three:
        time = form.text("time")
    with one:
        minutes = form.number("minutes", 10, 240)
    with three:
        starts_on = form.text("starts_on")
    rhythm: dict[str, str | int] = {"every": every, "weekday": weekday, "time": time, "timezone": zone, "minutes": minutes or 0}
    return rhythm | ({"starts_on": starts_on} if starts_on else {})


def _draw_card(form: EntryForm, fields: Fields) -> None:
    rhythm = fields["rhythm"]
    if isinstance(rhythm, tuple | str | int):
        return
    group = PeerGroup(
        name=str(fields.get("name", "")),
        description=str(fields.get("description", "")),
        topics=(),
        for_whom=str(fields.get("for_whom", "")),
        rhythm=Rhythm(str(rhythm["every"]), str(rhythm["weekday"]), str(rhythm["time"]), str(rhythm["timezone"]), int(rhythm["minutes"])),
        format=str(fields["format"]),
        capacity=int(str(fields["capacity"])),
        language=str(fields.get("language", "")),
        facilitator_role=str(fields.get("facilitator_role", "")),
        status=str(fields["status"]),
        members=int(str(fields["members"])) if "members" in fields else None,
        location=str(fields["location"]) if "location" in fields else None,
    )
    words = form.console.words
    card = group_card(group, words)
    rows = [("", str(card["description"]))] + [(words(f"groups.{name}"), str(card[name])) for name in ("when", "how", "size")]
    with st.container(border=True, key="groups_card"):
        st.text(group.name)
        draw_facts(f"groups_card_facts_{form.state.revision}", rows)


def _draw_effect(form: EntryForm, fields: Fields) -> None:
    """Draw what a save would change for the people who ask, once somebody wants to see it."""
    entry, compared = st.session_state.get(_COMPARED, (None, None))
    run = run_about(EntryKind.GROUP.file) if entry == form.state.opened.key else None
    st.caption(form.words("compared_with"))
    if run is None or not run.is_running:
        save_button(form.words("compare"), "groups_compare", partial(_compare, form, fields))
    if run is not None:
        draw_run(form.console, run, is_outdated=compared != fields)


def _compare(form: EntryForm, fields: Fields) -> None:
    console, opened = form.console, form.state.opened

    def begin() -> None:
        text = console.curation.catalogue.text_with(console.caller, opened, fields)
        begin_run(console, EntryKind.GROUP.file, text)
        st.session_state[_COMPARED] = opened.key, fields

    form.attempt(begin, "saved", _values)


def _save(form: EntryForm, fields: Fields) -> None:
    console = form.console
    note = f"{fields.get('name', '')}: saved"
    form.attempt(lambda: console.curation.catalogue.save(console.caller, form.state.opened, fields, note), "saved", _values)


def _copy(form: EntryForm) -> None:
    values = dict(form.state.values)
    values["name"] = form.words("new_name")
    form.state.begin(_NEW, values)


def _values(entry: OpenEntry) -> dict[str, object]:
    """Return an entry's fields with those of its rhythm beside them."""
    rhythm = entry.fields.get("rhythm")
    return {**entry.fields, **(rhythm if not isinstance(rhythm, tuple | str | int | None) else {})}


def _named(form: EntryForm, branch: str, key: str) -> str:
    return str(form.console.words.branch(f"{_PART}.{branch}").get(key, key))


def list_line(entry: OpenEntry, quiet: Mapping[str, Quiet], words: Words) -> str:
    """Return a group as the list shows it, with a mark when it is a sample or has gone quiet. quiet: why, by key of the group."""
    fields = entry.fields
    mark = words(f"{_PART}.sample_mark") if fields.get("kind") == "sample" else ""
    gaps = {name: fields.get(name, "") for name in ("name", "status", "members", "capacity", "language")}
    line = mark + words(f"{_PART}.{'list_line' if 'members' in fields else 'list_line_unknown'}", **gaps)
    why = quiet.get(str(fields.get("id") or group_key(entry.key.name)))
    return f"{line}. {words(f'{_PART}.quiet.{why.value}')}" if why else line


def _quiet_groups(console: Console) -> Mapping[str, Quiet]:
    """Return why groups are called quiet, by key; none where that cannot be read now: the list is of use all the same."""
    try:
        standings = console.meetings.facilitation.overview(console.caller)
    except CompanionError:
        return {}
    return {standing.group_key: standing.quiet for standing in standings if standing.quiet is not None}
