"""A few taps to a group: what it is about, what would help, how, in which language and when to meet; then what fits, or that nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.bootstrap_meetings import group_languages, groups_wished, language_of
from companion.errors import CompanionError
from companion.models_groups import GroupMatch
from companion.models_wishes import ANY_LANGUAGE, GroupWishes, HelpKind, TimeOfDay
from companion.ui.chat_state import ChatState, View
from companion.ui.group_card import has_no_place, meets_when, offered, places_in_words, why
from companion.ui.group_page import places_now
from companion.ui.groups_page import open_group
from companion.ui.line_management import draw_where
from companion.ui.page import Page
from companion.ui.wishing import wish_for

if TYPE_CHECKING:
    from companion.bootstrap import App

_OTHER = "other"
_ANY = "any"
_MOST_LANGUAGES = 8
"""More pills than this are no tap any more; the least spoken ones are left to "all the same"."""


def draw_intake_view(page: Page) -> None:
    """Draw the questions and, once the first is answered, what fits."""
    words = page.words
    with st.container(key="intake"):
        st.header(words("meetings.intake.title"), anchor=False)
        st.markdown(words("meetings.intake.intro"))
        if page.app is None:
            st.markdown(words("meetings.list.unavailable"))
        else:
            wishes = _draw_taps(page, page.app)
            draw_where(page)
            if wishes is not None:
                # The chat keeps how to meet; what it is about is told anew by each message.
                page.chat.session.group_wishes = replace(wishes, topic=None)
                _draw_found(page, page.app, wishes)
        with st.container(horizontal=True, key="intake_ways"):
            st.button(words("meetings.group.back"), key="intake_back", on_click=partial(page.chat.show, View.GROUPS))
            st.button(words("meetings.group.chat"), key="intake_to_chat", on_click=partial(page.chat.show, View.CHAT))


def _draw_taps(page: Page, app: App) -> GroupWishes | None:
    """Return what was tapped, or None before it is said what it is about."""
    words = page.words
    labels = {topic.slug: topic.label for topic in app.catalogue.topics}
    mains = list(dict.fromkeys(group.topics[0] for group in app.catalogue.groups if group.topics[0] in labels))
    topics = {slug: labels[slug] for slug in sorted(mains, key=lambda slug: labels[slug].casefold())} | {
        _OTHER: words("meetings.intake.other")
    }
    topic = st.pills(words("meetings.intake.topic"), list(topics), format_func=lambda slug: topics[slug], key="intake_topic")
    kind = _one(page, "help", (*HelpKind, _ANY))
    how = _one(page, "format", ("remote", "onsite", _ANY))
    language = _tapped_language(page, app)
    when = _one(page, "times", (*TimeOfDay, _ANY))
    if topic is None:
        return None
    return GroupWishes(topic, HelpKind(kind) if kind else None, how, TimeOfDay(when) if when else None, language)


def _tapped_language(page: Page, app: App) -> str | None:
    """Return the language that was tapped, or None for the language of the chat, which is chosen already."""
    spoken = group_languages(app)[:_MOST_LANGUAGES]
    if len(spoken) < 2:
        return None
    own = language_of(app, page.chat.session)
    named = page.words.branch("meetings.intake.language_options")
    chosen = st.pills(
        page.words("meetings.intake.language"),
        (*spoken, ANY_LANGUAGE),
        default=own if own in spoken else None,
        format_func=lambda option: str(named.get(option, option)),
        key="intake_language",
    )
    return None if chosen in {None, own} else str(chosen)


def _one(page: Page, name: str, options: tuple[str, ...]) -> str | None:
    """Draw one question and return the answer; None for all the same or not said."""
    named = page.words.branch(f"meetings.intake.{name}_options")
    label = page.words(f"meetings.intake.{name}")
    chosen = st.pills(label, options, format_func=lambda option: str(named.get(option, option)), key=f"intake_{name}")
    return None if chosen in {None, _ANY} else str(chosen)


def _draw_found(page: Page, app: App, wishes: GroupWishes) -> None:
    words = page.words
    try:
        found = groups_wished(app, wishes, page.chat.session)
    except CompanionError:
        st.markdown(words("meetings.list.unavailable"))
        return
    st.subheader(words("meetings.intake.found" if found else "meetings.intake.none_title"), anchor=False)
    for match in offered(found, partial(places_now, page)):
        _draw_match(page, match)
    if not found:
        _draw_none(page, wishes.topic or _OTHER)


def _draw_match(page: Page, match: GroupMatch) -> None:
    words, group = page.words, match.group
    with st.container(key=f"intake_group_{group.key}", border=True):
        st.markdown(f"**{group.name}**")
        if group.is_sample:
            st.markdown(words("groups.sample"))
        st.markdown(group.description)
        when, places = meets_when(group, words, page.own_time), places_now(page, group.key)
        st.caption(" ".join([f"{when[:1].upper()}{when[1:]}.", *([f"{places_in_words(places, words)}."] if places else [])]))
        st.markdown(why(match, places, words))
        with st.container(horizontal=True):
            see = words("meetings.card.see_full") if has_no_place(group, places) else words("meetings.list.open", name=group.name)
            not_this = words("meetings.card.not_this")
            st.button(see, key=f"intake_see_{group.key}", type="primary", on_click=partial(open_group, page.chat, group.key))
            st.button(not_this, key=f"intake_not_{group.key}", on_click=partial(_set_aside, page.chat, group.key))


def _draw_none(page: Page, topic: str) -> None:
    words, wished = page.words, page.chat.wished_topics
    st.markdown(words("meetings.intake.none"))
    if topic in wished:
        st.markdown(words("meetings.card.wished"))
        return
    st.button(words("meetings.card.wish"), key="intake_wish", on_click=partial(_wish, page, topic, wished.add))
    st.caption(words("meetings.card.wish_help"))


def _set_aside(chat: ChatState, key: str) -> None:
    chat.session.not_these.add(key)


def _wish(page: Page, topic: str, note: Callable[[str], None]) -> None:
    if wish_for(page, topic):
        note(topic)
