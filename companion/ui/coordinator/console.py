"""The coordinator's console: sign-in, and the parts that a coordinator chooses from. Each part is one module of this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError
from companion.models_staff import Caller, StaffMember
from companion.network.permissions import Permission, may
from companion.settings import Settings
from companion.ui.page import open_console_words
from companion.ui.staff_pages import draw_elsewhere, open_served
from companion.ui.staff_sign_in import sign_out, signed_in_caller
from companion.ui.text import Words
from companion.ui.web_pages import read_lines

if TYPE_CHECKING:
    from companion.bootstrap import App
    from companion.bootstrap_curation import Curation
    from companion.bootstrap_meetings import Meetings
    from companion.bootstrap_people import People
    from companion.bootstrap_training import Training

_CHOSEN = "console_part"


@dataclass(frozen=True, slots=True)
class Console:
    """Hold what a part of the console needs while it is drawn. words: of all `prompts/fixed/console_*.yaml`, by file."""

    app: App
    people: People
    curation: Curation
    meetings: Meetings
    training: Training
    words: Words
    caller: Caller


def draw_console_page() -> None:
    """Draw the console for this run."""
    words = open_console_words()
    try:
        served = open_served(words("frame.starting"))
        if served.people is None or served.curation is None or served.meetings is None or served.training is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(served.people, words, intro="frame.sign_in_intro", title="frame.title")
        if caller is None:
            served.curation.read_ahead()  # so that the library is there when the password has been typed
            return
        if not may(caller, Permission.CURATE):
            draw_elsewhere(served.people, words, caller, not_allowed=words("frame.not_allowed"))
            return
        console = Console(served.app, served.people, served.curation, served.meetings, served.training, words, caller)
        _draw_top(console)
        _draw_chosen(console)
    except CompanionError:
        st.error(words("frame.unavailable"))


def _draw_top(console: Console) -> None:
    words = console.words
    with st.container(key="console", horizontal=True, vertical_alignment="center"):
        st.header(words("frame.title"), anchor=False)
        st.markdown(words("frame.signed_in", name=shown_to_staff(console.people.staff.me(console.caller))))
        st.button(words("frame.sign_out"), key="sign_out", type="tertiary", on_click=partial(sign_out, console.people))


def shown_to_staff(member: StaffMember) -> str:
    """Return a name that tells two coordinators apart: the shown one, which may be "Coordinator" for both, with the one to sign in with."""
    is_told = member.pseudonym.casefold() == member.username
    return member.pseudonym if is_told else f"{member.pseudonym} ({member.username})"


def _draw_chosen(console: Console) -> None:
    from companion.ui.coordinator.alerts import draw_alerts  # it knows the console, as the parts do

    draw_alerts(console)
    draw_country_warning(console.words, console.app.settings)
    words, drawn = console.words, parts()
    names = list(drawn)
    chosen = st.segmented_control(
        words("frame.parts_label"),
        names,
        format_func=lambda part: words(f"frame.parts.{part}"),
        default=names[0],
        required=True,
        key=_CHOSEN,
        label_visibility="collapsed",
    )
    drawn[chosen or names[0]](console)


def draw_country_warning(words: Words, settings: Settings) -> None:
    """Say above every part, for as long as it is so, that people in danger see no number before they have chosen a country."""
    lines = read_lines(settings.knowledge_dir)
    if lines is not None and lines.for_country(settings.country) is None:
        st.warning(words("frame.country_unlisted", country=settings.country) if settings.country else words("frame.no_country"))


def parts() -> Mapping[str, Callable[[Console], None]]:
    """Return what draws each part, by its key in `console_frame.yaml` under `parts`, in the order of the bar."""
    # The parts know the console, so they are imported here.
    from companion.ui.coordinator.cards import draw_cards
    from companion.ui.coordinator.doors_form import draw_doors
    from companion.ui.coordinator.gaps import draw_gaps
    from companion.ui.coordinator.groups_form import draw_groups
    from companion.ui.coordinator.leaders import draw_leaders
    from companion.ui.coordinator.library import draw_library
    from companion.ui.coordinator.lines_form import draw_lines_part
    from companion.ui.coordinator.peers import draw_peers
    from companion.ui.coordinator.quality import draw_quality
    from companion.ui.coordinator.try_it import draw_try
    from companion.ui.coordinator.words_part import draw_words

    return {
        "library": draw_library,
        "words": draw_words,
        "try": draw_try,
        "gaps": draw_gaps,
        "groups": draw_groups,
        "leaders": draw_leaders,
        "cards": draw_cards,
        "lines": draw_lines_part,
        "doors": draw_doors,
        "peers": draw_peers,
        "quality": draw_quality,
    }
