"""One group: what it is, its calendar file, and joining it or, for who has a place, how they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from companion.bootstrap_meetings import group_of
from companion.errors import CompanionError, NotFound
from companion.library.meeting_dates import has_dates, next_meeting
from companion.models_groups import PeerGroup
from companion.models_meetings import Places
from companion.ui.chat_state import View
from companion.ui.components import draw_facts
from companion.ui.group_card import group_card, on_own_clock, places_in_words
from companion.ui.group_joining import draw_joining, is_led
from companion.ui.group_place import draw_place
from companion.ui.page import Page


def draw_group_view(page: Page) -> None:
    """Draw the group that is open on this page."""
    key = page.chat.group_key or ""
    group = group_of(page.app, key) if page.app else None
    with st.container(key="group_view"):
        if page.meetings is None or page.app is None:
            st.markdown(page.words("meetings.list.unavailable"))
        else:
            _draw_group(page, key, group)
        with st.container(horizontal=True, key="group_ways"):
            st.button(page.words("meetings.group.back"), key="group_back", on_click=partial(page.chat.show, View.GROUPS))
            st.button(page.words("meetings.group.chat"), key="group_to_chat", on_click=partial(page.chat.show, View.CHAT))


def _draw_group(page: Page, key: str, group: PeerGroup | None) -> None:
    places = places_now(page, key)
    if group is not None:
        st.header(group.name, anchor=False)
        st.markdown(group.description)
    if key in page.chat.places:
        draw_place(page, key, group)
    if group is not None:
        draw_facts(f"group-facts-{key}", group_rows(page, group, places))
    if key not in page.chat.places:
        _draw_way_in(page, group, places)
    if group is not None:
        _draw_calendar(page, group)


def _draw_way_in(page: Page, group: PeerGroup | None, places: Places | None) -> None:
    if group is not None and places is not None:
        draw_joining(page, group, places)
    else:
        st.markdown(page.words("meetings.list.unavailable" if group else "meetings.place.lost"))


def group_rows(page: Page, group: PeerGroup, places: Places | None) -> list[tuple[str, str]]:
    """Return what people should know of a group, as (what, words)."""
    words, card = page.words, group_card(group, page.words, page.own_time)
    size = places_in_words(places, words) if places else str(card["size"])
    return [
        (words("groups.when"), str(card["when"])),
        (words("meetings.group.next"), _next(page, group)),
        (words("groups.how"), str(card["how"])),
        (words("groups.size"), size),
        (words("meetings.group.for_whom"), group.for_whom),
        (words("meetings.group.leads" if is_led(page, group) else "meetings.group.to_lead"), group.facilitator_role),
    ]


def _next(page: Page, group: PeerGroup) -> str:
    begins = next_meeting(group.rhythm, page.now)
    if begins is None:
        return page.words("meetings.group.wording")
    words, own = page.words, page.own_time
    there = words("meetings.group.next_at", date=f"{begins:%A %-d %B}", time=f"{begins:%H:%M}", timezone=group.rhythm.timezone)
    here = on_own_clock(begins.astimezone(own.zone), group.rhythm, words) if own else None
    then = words("groups.and_own", there=there, own=here) if here else there
    return words("groups.sample_next", next=then) if group.is_sample else then


def places_now(page: Page, key: str) -> Places | None:
    """Return how full a group is, or None when that cannot be read now."""
    if page.meetings is None:
        return None
    try:
        return page.meetings.memberships.places(key)
    except CompanionError:
        return None


def _draw_calendar(page: Page, group: PeerGroup) -> None:
    words = page.words
    if not has_dates(group.rhythm) or page.meetings is None or group.status == "closed":
        return
    with st.expander(words("meetings.calendar.title")):
        st.markdown(words("meetings.calendar.help_sample" if group.is_sample else "meetings.calendar.help", title=event_words(page, group)))
        wants = st.checkbox(words("meetings.calendar.remind"), key="calendar_remind")
        st.download_button(
            words("meetings.calendar.download"),
            _file(page, group, reminder=event_words(page, group, "reminder") if wants else None),
            file_name=words("meetings.calendar.file_name"),
            mime="text/calendar",
            key="calendar_download",
            on_click="ignore",
        )


def event_words(page: Page, group: PeerGroup, words: str = "event") -> str:
    """Return what a calendar shows; of an example it says so, since an entry outlives the day on which somebody tried it out."""
    return page.words("meetings.calendar.event_sample" if group.is_sample else f"meetings.calendar.{words}")


def _file(page: Page, group: PeerGroup, reminder: str | None) -> bytes:
    if page.meetings is None:
        raise NotFound("the calendar is not ready.")
    # Of the day, not of the second: the same file is offered whenever the page is drawn anew.
    now = datetime.combine(page.now.date(), datetime.min.time(), UTC)
    return page.meetings.calendar.file(group, now, title=event_words(page, group), reminder=reminder)
