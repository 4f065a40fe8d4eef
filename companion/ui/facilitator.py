"""The facilitator's page: my groups with counts, agendas, discussion guides, and help when a group has gone quiet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError
from companion.library.facilitating import FacilitatorText, FacilitatorTexts, load_facilitating
from companion.models_groups import PeerGroup
from companion.models_staff import Caller
from companion.network.permissions import Permission, may
from companion.ui.facilitator_group import draw_led_group
from companion.ui.loading import app_loader
from companion.ui.page import open_words
from companion.ui.staff_pages import draw_elsewhere, open_served
from companion.ui.staff_sign_in import sign_out, signed_in_caller
from companion.ui.text import Words
from companion.ui.ways import go_to

if TYPE_CHECKING:
    from companion.bootstrap_meetings import Meetings
    from companion.bootstrap_people import People


@dataclass(frozen=True, slots=True)
class LeaderPage:
    """Hold what the page needs while it is drawn."""

    people: People
    meetings: Meetings
    words: Words
    caller: Caller
    texts: FacilitatorTexts


def draw_facilitator_page() -> None:
    """Draw the facilitator's page for this run."""
    words = open_words()
    try:
        served = open_served(words("page.starting"))
        if served.people is None or served.meetings is None:
            raise CompanionError("the human side cannot be opened")
        caller = signed_in_caller(served.people, words, title="facilitator.title", intro="facilitator.sign_in_intro")
        if caller is None:
            return
        if not may(caller, Permission.LEAD_GROUP):
            draw_elsewhere(served.people, words, caller, not_allowed=words("facilitator.not_allowed"))
            return
        texts = load_facilitating(app_loader().settings.catalogue_dir / "facilitating")
        page = LeaderPage(served.people, served.meetings, words, caller, texts)
        _draw_top(page)
        _draw_parts(page)
    except CompanionError:
        st.error(words("facilitator.unavailable"))


def _draw_top(page: LeaderPage) -> None:
    with st.container(key="facilitator_top", horizontal=True, vertical_alignment="center"):
        st.header(page.words("facilitator.title"), anchor=False)
        st.markdown(page.words("facilitator.signed_in", name=page.caller.pseudonym))
        if may(page.caller, Permission.LEARN) and st.button(page.words("peer.training"), key="to_training", type="tertiary"):
            go_to("training")
        st.button(page.words("facilitator.sign_out"), key="sign_out", type="tertiary", on_click=partial(sign_out, page.people))


def _draw_parts(page: LeaderPage) -> None:
    words, groups = page.words, page.meetings.facilitation.mine(page.caller)
    group, agendas, guides = st.tabs([words(f"facilitator.tabs.{part}") for part in ("group", "agendas", "guides")])
    with group:
        chosen = _choose(page, groups)
        if chosen is not None:
            draw_led_group(page, chosen)
    with agendas:
        _draw_texts(page, page.texts.agendas, "use_when", first=())
    with guides:
        topics = tuple(topic for each in groups for topic in each.topics)
        _draw_texts(page, page.texts.guides, "content_note", first=topics)


def _choose(page: LeaderPage, groups: tuple[PeerGroup, ...]) -> PeerGroup | None:
    if not groups:
        st.markdown(page.words("facilitator.none"))
        return None
    if len(groups) == 1:
        return groups[0]
    names = {group.key: _marked(page, group) for group in groups}
    key = st.selectbox(page.words("facilitator.choose"), list(names), format_func=lambda key: names[key], key="led_group")
    return next((group for group in groups if group.key == key), None)


def _marked(page: LeaderPage, group: PeerGroup) -> str:
    """Return the name of a group, marked when it has gone quiet, so that whoever leads several sees which one needs them."""
    is_quiet = page.meetings.facilitation.open(page.caller, group.key).quiet is not None
    return page.words("facilitator.choose_quiet", name=group.name) if is_quiet else group.name


def _draw_texts(page: LeaderPage, texts: tuple[FacilitatorText, ...], note: str, first: tuple[str, ...]) -> None:
    """Draw texts to unfold, those about the topics of the person's own groups first."""
    for text in sorted(texts, key=lambda text: not set(text.topics) & set(first)):
        with st.expander(f"{text.title} · {page.words('facilitator.text.minutes', minutes=text.minutes)}"):
            st.markdown(f"*{page.words(f'facilitator.text.{note}', note=text.note)}*")
            st.markdown(text.body)
