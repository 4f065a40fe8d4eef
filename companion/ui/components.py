"""The page's own small components: JavaScript from `frontend/`, mounted into the page without a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from companion.curation.history import Stretch
from companion.ui.web_pages import FRONTEND

Plain = dict[str, object]
"""Values that JSON can carry to the browser. They are drawn as text nodes, never as HTML."""


@cache
def _component(name: str) -> ComponentRenderer:
    """Register `frontend/<name>.js` once per process, with the shared pieces of `dom.js` in front."""
    shared = (FRONTEND / "dom.js").read_text(encoding="utf-8").replace("export function", "function")
    script = (FRONTEND / f"{name}.js").read_text(encoding="utf-8")
    return st.components.v2.component(f"companion_{name}", js=f"{shared}\n{script}", isolate_styles=False)


def draw_bridge(shown: Plain, on_act: Callable[[], None]) -> None:
    """Tie the header of the shell to this chat."""
    _component("bridge")(key="bridge", data=shown, on_act_change=on_act, height="content")


def draw_turn(key: str, shown: Plain, on_act: Callable[[], None]) -> None:
    """Draw one turn; `key` stays the same while it streams, so that only new sentences appear."""
    _component("turn")(key=key, data=shown, on_act_change=on_act)


def draw_talk(key: str, shown: Plain) -> None:
    """Draw the messages between an employee and a peer."""
    _component("talk")(key=key, data=shown)


def watch_keystrokes(key: str, on_typing: Callable[[], None]) -> None:
    """Call `on_typing` now and then while somebody writes in the input at the bottom."""
    _component("keystrokes")(key=key, on_typing_change=on_typing)


def watch_draft(key: str) -> None:
    """Have the browser send what stands in the input at the bottom after each pause in writing; `draft_in_box` reads it in that run."""
    _component("draft")(key=key, on_draft_change=_drop)


def draft_in_box(key: str) -> str:
    """Return what stood in the input when the browser sent it, in the run that followed; "" in every other run."""
    state = st.session_state.get(key)
    sent = state.get("draft") if state is not None else None
    return str(dict(sent).get("text", "")) if sent else ""


def _drop() -> None:
    """Take note of nothing: the value is read in the run, and not kept."""


def put_into_box(key: str, mark: str, text: str) -> None:
    """Put words into the input at the bottom, after what is being written there, once for each `mark`; none with an empty one."""
    _component("insert")(key=key, data={"mark": mark, "text": text})


def last_act(key: str) -> tuple[str, str]:
    """Return what the person did in a component, as (what, value); both empty when nothing."""
    state = st.session_state.get(key)
    act = state.get("act") if state is not None else None
    if not isinstance(act, dict) and act is not None:
        act = dict(act)
    return (str(act.get("what", "")), str(act.get("value", ""))) if act else ("", "")


def draw_facts(key: str, rows: list[tuple[str, str]]) -> None:
    """Draw a list of facts."""
    _component("facts")(key=key, data={"rows": [{"name": name, "value": value} for name, value in rows]})


def draw_diff(key: str, stretches: Sequence[Stretch]) -> None:
    """Draw two texts compared."""
    _component("diff")(key=key, data={"stretches": [{"kind": stretch.kind, "text": stretch.text} for stretch in stretches]})


def draw_lines(key: str, shown: Plain, on_act: Callable[[], None]) -> None:
    """Draw the crisis lines of one country in the page."""
    _component("lines")(key=key, data=shown, on_act_change=on_act)


def draw_checks(key: str, lines: list[Plain], no_site: str) -> None:
    """Draw lines to check, each with its official page as a link into a new tab. lines: title, why, url, site each; no_site: without a page."""
    _component("checks")(key=key, data={"lines": lines, "no_site": no_site})


def begin_at_top(place: str) -> None:
    """Scroll to the top of the page when `place` is another than in the run before: something else is shown now."""
    _component("top")(key="top_of_page", data={"place": place})
