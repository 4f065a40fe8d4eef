"""What the forms of groups, doors and crisis lines share: fields that keep what was typed, problems in words, and conflicts.

What a coordinator typed lives in the form's state, not in its widgets, since Streamlit forgets a widget as soon as it is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from companion.curation.catalogue_desk import OpenEntry
from companion.errors import CompanionError, EditConflict, FormRefused, NotAllowed
from companion.models_catalogue import Fields, FieldValue
from companion.ui.coordinator.console import Console
from companion.ui.staff_sign_in import demand_signed_in

Choice = TypeVar("Choice", str, int)


@dataclass(slots=True)
class FormState:
    """Hold one open form. values: what was typed so far. theirs: the entry as somebody else left it meanwhile."""

    opened: OpenEntry
    values: dict[str, object] = field(default_factory=dict)
    revision: int = 0
    problem: tuple[str, str] | None = None
    theirs: OpenEntry | None = None
    done: str | None = None
    asks_to_remove: bool = False

    def begin(self, opened: OpenEntry, values: Mapping[str, object], *, done: str | None = None) -> None:
        """Show another entry, or this one as it now stands. done: key of the words that say what has just been done."""
        self.opened, self.values, self.done = opened, dict(values), done
        self.problem = self.theirs = None
        self.asks_to_remove = False
        self.revision += 1


@dataclass(frozen=True, slots=True)
class EntryForm:
    """Draw the fields of one kind of entry. part: key of its words, e.g. "groups_form"."""

    console: Console
    part: str
    state: FormState

    def words(self, key: str, **values: object) -> str:
        """Return words of this part."""
        return self.console.words(f"{self.part}.{key}", **values)

    def text(self, name: str, *, tall: bool = False) -> str:
        """Draw a text field and return what stands in it."""
        draw: Callable[..., str | None] = st.text_area if tall else st.text_input
        typed = draw(self._label(name), value=str(self.state.values.get(name, "")), **self._wiring(name, _as_text))
        return self._kept(name, _as_text(typed))

    def lines(self, name: str) -> tuple[str, ...]:
        """Draw a text field with one text a line and return them."""
        before = self.state.values.get(name)
        shown = "\n".join(str(line) for line in before) if isinstance(before, tuple | list) else str(before or "")
        typed = st.text_area(self._label(name), value=shown, **self._wiring(name, _as_lines))
        return self._kept(name, _as_lines(typed))

    def number(self, name: str, low: int, high: int, *, optional: bool = False) -> int | None:
        """Draw a field for a whole number and return it; None only when it may be empty."""
        before = self.state.values.get(name)
        value = before if isinstance(before, int) else None if optional else low
        typed = st.number_input(self._label(name), low, high, value, 1, **self._wiring(name, _as_number))
        return self._kept(name, _as_number(typed))

    def choice(self, name: str, options: Sequence[str], *, shown: Callable[[str], str] = str) -> str:
        """Draw a choice of one and return it."""
        before = str(self.state.values.get(name, options[0]))
        place = options.index(before) if before in options else 0
        chosen = st.selectbox(self._label(name), options, place, format_func=shown, **self._wiring(name, str))
        return self._kept(name, str(chosen))

    def several(self, name: str, options: Sequence[str], *, shown: Callable[[str], str] = str) -> tuple[str, ...]:
        """Draw a choice of several and return them in the order they were chosen."""
        before = self.state.values.get(name)
        kept = [item for item in before if item in options] if isinstance(before, tuple) else []
        chosen = st.multiselect(self._label(name), options, kept, format_func=shown, **self._wiring(name, _as_several))
        return self._kept(name, _as_several(chosen))

    def tick(self, name: str) -> bool:
        """Draw a tick box and tell whether it is ticked."""
        ticked = st.checkbox(self._label(name), value=bool(self.state.values.get(name)), **self._wiring(name, bool))
        return self._kept(name, bool(ticked))

    def attempt(self, act: Callable[[], OpenEntry | None], done: str, values_of: Callable[[OpenEntry], Mapping[str, object]]) -> None:
        """Carry out a save; afterwards the form shows the saved entry, or its problem with all that was typed."""
        state = self.state
        state.problem = state.done = None
        try:
            demand_signed_in(self.console.people)
            saved = act()
        except FormRefused as refused:
            state.problem = (refused.field, refused.problem)
        except EditConflict:
            state.theirs = self.console.curation.catalogue.current(self.console.caller, state.opened.key)
            state.problem = ("", self.words("removed_meanwhile" if state.theirs is None else "conflict"))
        except NotAllowed:
            state.problem = ("", self.console.words("frame.not_allowed"))
        except CompanionError as exc:
            state.problem = ("", str(exc))
        else:
            if saved is not None:
                state.begin(saved, values_of(saved), done=done)

    def draw_outcome(self, mine: Fields) -> None:
        """Draw what has been done, what stands in the way, or what somebody else changed."""
        state = self.state
        if state.done:
            st.success(self.words(state.done))
        if state.problem:
            name, problem = state.problem
            st.error(f"{self._label(name)}: {problem}" if name else problem)
        if state.theirs is not None:
            self._draw_theirs(state.theirs, mine)

    def _draw_theirs(self, theirs: OpenEntry, mine: Fields) -> None:
        with st.container(border=True, key=f"{self.part}_conflict"):
            for name in dict.fromkeys([*mine, *theirs.fields]):
                if mine.get(name) != theirs.fields.get(name):
                    st.markdown(f"**{self._label(name)}**")
                    left, right = st.columns(2)
                    left.caption(self.words("mine"))
                    left.text(shown_value(mine.get(name)))
                    right.caption(self.words("theirs"))
                    right.text(shown_value(theirs.fields.get(name)))
            with st.container(horizontal=True):
                st.button(self.words("keep_mine"), key=f"{self.part}_keep_mine", on_click=partial(self._rebase, theirs))
                st.button(self.words("take_theirs"), key=f"{self.part}_take_theirs", on_click=partial(state_begin, self.state, theirs))

    def _rebase(self, theirs: OpenEntry) -> None:
        """Let the next save go over what somebody else wrote, since the coordinator has now seen it."""
        self.state.opened, self.state.theirs, self.state.problem = theirs, None, ("", self.words("save_again"))

    def _kept(self, name: str, value: Kept) -> Kept:
        self.state.values[name] = value
        return value

    def _wiring(self, name: str, read: Callable[[Any], object]) -> dict[str, Any]:
        """Return what every field gets: its key, its help, and that a change is kept at once.

        Keeping it while the field is drawn is too late: a click on another part right after typing ends the run before that.
        """
        key = self._key(name)
        return {"key": key, "help": self._help(name), "on_change": partial(_keep_typed, self.state, name, key, read)}

    def _key(self, name: str) -> str:
        return f"{self.part}_{self.state.revision}_{name}"

    def _label(self, name: str) -> str:
        labels = self.console.words.branch(f"{self.part}.fields")
        return str(labels.get(name, name))

    def _help(self, name: str) -> str | None:
        helps = self.console.words.branch(f"{self.part}.help")
        return str(helps[name]) if name in helps else None


Kept = TypeVar("Kept")


def _keep_typed(state: FormState, name: str, key: str, read: Callable[[Any], object]) -> None:
    state.values[name] = read(st.session_state[key])


def _as_text(typed: str | None) -> str:
    return (typed or "").strip()


def _as_lines(typed: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (typed or "").splitlines() if line.strip())


def _as_number(typed: float | None) -> int | None:
    return int(typed) if typed is not None else None


def _as_several(chosen: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(item) for item in chosen)


def state_begin(state: FormState, opened: OpenEntry) -> None:
    """Show an entry as it stands in the file."""
    state.begin(opened, opened.fields)


def form_state(part: str, opened: OpenEntry, values: Mapping[str, object]) -> FormState:
    """Return the form that is open in a part of the console; the first time it shows the given entry."""
    state = st.session_state.get(f"{part}_state")
    if not isinstance(state, FormState):
        state = FormState(opened, dict(values))
        st.session_state[f"{part}_state"] = state
    return state


def draw_list(form: EntryForm, entries: Sequence[tuple[str, OpenEntry, Callable[[], None]]]) -> None:
    """Draw the entries to choose from as (what to show, the entry, what opens it); the open one is marked."""
    with st.container(key=f"{form.part}_list", gap="small"):
        for place, (line, entry, begin) in enumerate(entries):
            is_open = entry.key == form.state.opened.key
            key = f"{form.part}_open_{place}"
            st.button(line, key=key, type="secondary" if is_open else "tertiary", on_click=begin, width="stretch")


def removal_button(form: EntryForm) -> None:
    """Draw the button that asks whether the entry should go."""
    if form.state.opened.fields:
        st.button(form.words("remove"), key=f"{form.part}_remove", type="tertiary", on_click=partial(_ask_to_remove, form.state, asks=True))


def draw_removal(form: EntryForm, blank: OpenEntry) -> None:
    """Draw the question for the reason of a removal. blank: what the form shows after it."""
    if not form.state.asks_to_remove:
        return
    with st.container(border=True, key=f"{form.part}_removal"):
        st.markdown(form.words("remove_why"))
        reason = form.text("reason")
        with st.container(horizontal=True):
            is_sure = st.button(form.words("remove_yes"), key=f"{form.part}_remove_yes")
            st.button(form.words("remove_no"), key=f"{form.part}_remove_no", on_click=partial(_ask_to_remove, form.state, asks=False))
        if is_sure:
            _remove(form, blank, reason)
            st.rerun()


def save_button(label: str, key: str, save: Callable[[], None], *, is_main: bool = False) -> None:
    """Draw a button that saves what stands in the fields now.

    Not a callback: its arguments would be those of the run before, without what was typed last.
    """
    if st.button(label, key=key, type="primary" if is_main else "secondary"):
        save()
        st.rerun()


def _remove(form: EntryForm, blank: OpenEntry, reason: str) -> None:
    console, opened = form.console, form.state.opened

    def remove() -> OpenEntry:
        console.curation.catalogue.remove(console.caller, opened, reason)
        return blank

    form.attempt(remove, "removed", lambda _entry: {})


def _ask_to_remove(state: FormState, *, asks: bool) -> None:
    state.asks_to_remove = asks


def shown_value(value: FieldValue | None) -> str:
    """Return a field's value as one readable text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def without_empty(fields: Mapping[str, FieldValue | None]) -> Fields:
    """Return the fields that hold something; an empty one is left out of the file."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", ())}
