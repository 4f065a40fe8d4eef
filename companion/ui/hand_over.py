"""Asking for a person: what an employee should know before, the letter, and waiting."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from companion.errors import CompanionError, InputRefused, NotFound
from companion.models_people import Asker, Availability, EarlierTalk, HandoverState, HandoverStatus, Preference, Wish
from companion.ui.broken_off import draw_broken_off
from companion.ui.chat_state import ChatState, PersonRequest, View
from companion.ui.components import Plain, draw_lines, last_act
from companion.ui.giveaway_warning import draw_warning, needs_a_look
from companion.ui.loading import app_loader
from companion.ui.local_time import clock_time, local
from companion.ui.page import Page
from companion.ui.text import Words
from companion.ui.web_pages import country_for_browser, read_lines

if TYPE_CHECKING:
    from companion.bootstrap_people import People

_Standing = tuple[HandoverState, bool, bool, EarlierTalk | None]
_WAIT_TICK_S = 2.0
_QUOTED_CHARS = 240
"""Of one message in the draft. Chosen by us: on a phone the whole draft stands in its box."""
_MAX_LETTER_CHARS = 2000
_BARE_ANSWER_WORDS = 2
"""So few words are an answer ("yes", "ok thanks") that means nothing in a letter. Chosen by us."""


def status_of(page: Page) -> HandoverStatus | None:
    """Return how the request stands, or None when there is none or it cannot be read now."""
    if page.chat.request.token is None or page.people is None:
        return None
    try:
        return page.people.handovers.status(Asker(page.chat.request.token))
    except CompanionError:
        return None


# --- before ------------------------------------------------------------------------------------------------------------


def draw_person_view(page: Page) -> None:
    """Draw what a person should know before they write, and the letter."""
    words, request = page.words, page.chat.request
    if request.token is not None:
        page.chat.view = View.CHAT
        st.rerun()
    with st.container(key="person"):
        st.header(words("person.title"), anchor=False)
        availability = _availability(page)
        needs_lines = availability is None or availability is Availability.NONE or request.urgent
        with st.container():  # one part whatever stands in it: a letter that moves down the page loses the words just typed
            _draw_when(page, availability)
            if needs_lines:
                draw_calls(page, "person-calls")
        _draw_letter(page, can_send=availability is not None)
        st.subheader(words("person.who_title"), anchor=False)
        st.markdown(words("person.intro"))
        who = [*words.phrases("person.who"), *([words("person.hints")] if page.settings.peer_hints else [])]
        st.markdown("\n".join(f"- {line.format(days=page.settings.handover_retention_days)}" for line in who))
        if needs_lines and page.chat.session.country is not None:  # without a country both would be the same choice of one
            draw_local_lines(page, "person-lines")
    if page.people is None:
        watch_start()


def _draw_when(page: Page, availability: Availability | None) -> None:
    """Say in a line whether somebody is there: the letter must stand on the first screen of a phone, so nothing long comes before it."""
    words = page.words
    with st.container(key="availability"):
        st.markdown(words(_availability_key(availability)))
        if availability is Availability.NONE:
            draw_next_staffed(page)


def _draw_letter(page: Page, *, can_send: bool) -> None:
    words, request = page.words, page.chat.request
    st.markdown(words("person.letter_help"))
    if request.draft is None:
        request.draft = draft_letter(page)
    st.session_state.setdefault("letter", request.draft)
    letter = st.text_area(words("person.letter_label"), key="letter", height=170)
    request.draft = letter
    request.wish = Wish(
        st.segmented_control(
            words("person.wish_label"),
            [wish.value for wish in Wish],
            format_func=lambda wish: words(f"person.wishes.{wish}"),
            default=request.wish.value,
            required=True,
            key="wish",
        )
        or Wish.UNSURE
    )
    _draw_avoid(page)
    request.urgent = st.checkbox(words("person.urgent"), value=request.urgent, key="urgent", help=None)
    st.caption(words("person.urgent_help"))
    problem = st.session_state.pop("letter_problem", None)
    if problem:
        st.error(words(problem, max_chars=_MAX_LETTER_CHARS))
    if request.warning is not None and letter.strip() == request.warning.letter:
        draw_warning(page, request.warning, partial(_send, page))
        return
    with st.container(horizontal=True, key="letter_acts"):
        st.button(words("person.send"), key="send_letter", type="primary", on_click=partial(_send, page), disabled=not can_send)
        st.button(words("person.back"), key="person_back", on_click=partial(_back, page.chat))


def _draw_avoid(page: Page) -> None:
    """Let the employee keep away from a part of the organisation, when peers work in two or more."""
    words, request = page.words, page.chat.request
    try:
        units = page.people.duty.units() if page.people else ()
    except CompanionError:
        units = ()
    if units:
        options = [None, *units]
        known = options.index(request.avoid_unit) if request.avoid_unit in options else 0
        request.avoid_unit = st.selectbox(
            words("person.avoid_label"),
            options,
            index=known,
            format_func=lambda unit: unit or words("person.avoid_none"),
            help=words("person.avoid_help"),
            key="avoid_unit",
        )


def draw_next_staffed(page: Page) -> None:
    """Say when somebody is planned to be there next, if anybody is; nothing when the plan cannot be read."""
    try:
        when = page.people.roster.next_staffed() if page.people else None
    except CompanionError:
        when = None
    if when is not None:
        st.markdown(page.words("person.next_staffed", when=_in_words(when, page)))


def _in_words(when: datetime, page: Page) -> str:
    here, today = local(when), local(page.now).date()
    if here.date() == today:
        return page.words("person.staffed_today", time=clock_time(when))
    return page.words("person.staffed_later", day=page.words.phrases("peer.days")[here.weekday()], time=clock_time(when))


def draft_letter(page: Page) -> str:
    """Return a short letter from the redacted chat, for the employee to change; plain words when there is no chat yet."""
    session = page.chat.session
    return letter_from([exchange.message.text for exchange in session.exchanges], page.words, gravest_at=session.gravest_at)


def letter_from(said: Sequence[str], words: Words, *, gravest_at: int | None = None) -> str:
    """Return a letter of at most three lines: what it is about, what weighs, the wish.

    said: the redacted messages, oldest first. gravest_at: place of the one that triage read as the gravest; without it, and where it is the
    first, the newest of more than two words stands for what weighs.
    """
    quoted = {place: _shortened(text) for place, text in enumerate(said) if text.strip()}
    if not quoted:
        return words("person.letter_empty")
    newest = max((place for place, text in quoted.items() if len(text.split()) > _BARE_ANSWER_WORDS), default=max(quoted))
    gaps = {"first": quoted[min(quoted)], "last": quoted[newest], "gravest": quoted.get(-1 if gravest_at is None else gravest_at, "")}
    is_between = gaps["gravest"] not in {"", gaps["first"], gaps["last"]}
    draft = words(
        "person.draft_one" if newest == min(quoted) and not is_between else "person.draft_grave" if is_between else "person.draft_more"
    )
    # All gaps at once: what people write may look like a gap.
    return re.sub(r"\{(first|last|gravest)\}", lambda gap: gaps[gap[1]], draft)


def _shortened(text: str) -> str:
    """Return a message as one line, cut between words where it has any; a placeholder is left out rather than cut."""
    line = " ".join(text.split())
    if len(line) <= _QUOTED_CHARS:
        return line
    cut = line[:_QUOTED_CHARS]
    cut = cut[: cut.rindex(" ")] if " " in cut else cut  # some languages write without
    if "[" in cut and "]" not in cut[cut.rindex("[") :]:
        cut = cut[: cut.rindex("[")]
    return f"{cut.rstrip()} …"


def _availability(page: Page) -> Availability | None:
    if page.people is None:
        return None
    try:
        return page.people.duty.availability()
    except CompanionError:
        return None


def _availability_key(availability: Availability | None) -> str:
    if availability is None:
        return "person.unknown"
    return {Availability.SOME: "person.available_plain", Availability.BUSY: "person.busy", Availability.NONE: "person.nobody"}[availability]


def _send(page: Page) -> None:
    request = page.chat.request
    _take_choices(request)  # first of all: an urgent letter is never held up, also when it was marked a moment before
    letter = str(st.session_state.get("letter", "")).strip()
    if needs_a_look(page, letter):
        return
    try:
        if page.people is None:
            raise CompanionError("the program is not ready")
        asked = page.people.handovers.request(
            letter,
            urgent=request.urgent,
            country=page.chat.session.country,
            wish=request.wish,
            preference=Preference(avoid_unit=request.avoid_unit),
        )
    except InputRefused as refused:
        st.session_state["letter_problem"] = "person.too_long" if refused.reason == "too_long" else "person.too_short"
        return
    except CompanionError:
        st.session_state["letter_problem"] = "person.failed"
        return
    request.token, request.letter, request.asked_at, request.draft = asked.token, letter, page.now, None
    page.chat.show(View.CHAT)


def _take_choices(request: PersonRequest) -> None:
    """Take the choices as they stand when the button is pressed, also those made a moment before it."""
    request.urgent = bool(st.session_state.get("urgent", request.urgent))
    request.wish = Wish(st.session_state.get("wish") or request.wish)
    request.avoid_unit = st.session_state.get("avoid_unit", request.avoid_unit)


def _back(chat: ChatState) -> None:
    chat.show(View.CHAT)


def draw_calls(page: Page, key: str) -> None:
    """Draw the emergency number and the first line of the chosen country as buttons in one row; all lines stand in the page's header."""
    draw_lines(key, _lines_for(page) | {"short": True}, partial(_choose_country, page.chat, key))


def draw_local_lines(page: Page, key: str) -> None:
    """Draw the crisis lines of the chosen country in the page."""
    draw_lines(key, _lines_for(page), partial(_choose_country, page.chat, key))


def _lines_for(page: Page) -> Plain:
    lines = read_lines(page.settings.knowledge_dir)
    country = lines.for_country(page.chat.session.country) if lines else None
    return {
        "words": {name: text for name, text in page.words.branch("crisis").items() if isinstance(text, str)},
        "country": country_for_browser(country, page.words) if country else None,
    }


def _choose_country(chat: ChatState, key: str) -> None:
    what, value = last_act(key)
    if what == "country":
        chat.session.country = value or None


def watch_start() -> None:
    """Draw the page anew as soon as the human side is there: whoever comes while the server starts must not find a dead button."""

    @st.fragment(run_every=_WAIT_TICK_S)
    def tick() -> None:
        served = app_loader().ready()
        if served is not None and served.people is not None:
            st.rerun()

    tick()


# --- waiting -----------------------------------------------------------------------------------------------------------


def draw_waiting(page: Page) -> None:
    """Draw the panel of an open request above the conversation; the lines stay with it."""
    request, words = page.chat.request, page.words
    if request.token is None:
        return
    status = status_of(page)
    if status is not None:
        draw_broken_off(page, status)
    with st.container(key="waiting", border=True):
        if status is None:
            st.markdown(f"**{words('person.unavailable_title')}**")
            st.markdown(words("person.unavailable"))
        else:
            st.markdown(f"**{words('person.waiting_title')}**")
            since = status.waiting_since or status.asked_at
            st.markdown(words(waiting_key(status), time=clock_time(since)))
            if status.state is HandoverState.FALLBACK_SHOWN:
                draw_next_staffed(page)
            elif status.expected_by is not None:
                st.caption(words("person.expected", time=clock_time(status.expected_by)))
        if page.settings.peer_hints:
            st.caption(words("person.hints_short"))
        with st.expander(words("person.your_letter")):
            st.text(request.letter or "")
        draw_local_lines(page, "waiting-lines")
        with st.container(horizontal=True, key="waiting_acts"):
            if status is not None and status.state is HandoverState.FALLBACK_SHOWN:
                st.button(words("person.keep_waiting"), key="keep_waiting", on_click=partial(_act, page, _keep_waiting))
            if status is not None and not status.urgent:
                st.button(words("person.hurry"), key="hurry", on_click=partial(_act, page, _hurry))
            st.button(words("person.keep_place"), key="keep_place", on_click=partial(page.chat.show, View.KEEP))
            st.button(words("person.withdraw"), key="withdraw", on_click=partial(withdraw, page))
    _watch_state(page, _standing(status))


def _act(page: Page, act: Callable[[People, str], None]) -> None:
    """Carry out an act on the open request; what fails leaves the panel as it was, which says how things stand."""
    if page.people is None or page.chat.request.token is None:
        return
    try:
        act(page.people, page.chat.request.token)
    except CompanionError:
        return


def _keep_waiting(people: People, token: str) -> None:
    people.handovers.keep_waiting(token)


def _hurry(people: People, token: str) -> None:
    people.handovers.hurry(token)


def waiting_key(status: HandoverStatus) -> str:
    """Return the name of the one sentence that is true of an open request: whether a notice went out changes all others."""
    if status.state is HandoverState.FALLBACK_SHOWN:
        key = "person.waiting_nobody"
    elif status.is_offered:
        key = "person.waiting_offered"
    else:
        key = "person.waiting_urgent" if status.urgent else "person.waiting"
    return key if status.is_notice_delivered else f"{key}_untold"


def _standing(status: HandoverStatus | None) -> _Standing | None:
    """Return what the waiting panel shows, for telling whether it has changed."""
    return (status.state, status.is_notice_delivered, status.urgent, status.earlier_talk) if status else None


def _watch_state(page: Page, drawn: _Standing | None) -> None:
    """Look every other second whether the request moved on, and draw the page anew when it did."""

    @st.fragment(run_every=_WAIT_TICK_S)
    def tick() -> None:
        page.chat.last_used_at = page.now
        if _standing(status_of(page)) != drawn:
            st.rerun()

    tick()


def come_back(page: Page, token: str) -> None:
    """Take up the request that this tab remembers, after a reload or a restart of the server; one that is gone is forgotten."""
    if page.people is None:
        return
    try:
        status = page.people.handovers.status(Asker(token))
        letter = page.people.handovers.letter(Asker(token))
    except NotFound:
        page.chat.had_request = True
        return
    except CompanionError:
        return
    page.chat.request = PersonRequest(token=token, letter=letter, urgent=status.urgent, asked_at=status.asked_at)
    page.chat.accepted_at = page.chat.accepted_at or page.now  # this tab had read the notice before it could ask for a person


def withdraw(page: Page) -> None:
    """Take the request back; the page says so only when the server did it."""
    request = page.chat.request
    if request.token is None or page.people is None:
        return
    try:
        page.people.handovers.withdraw(request.token)
        page.people.handovers.erase(request.token)
    except CompanionError:
        return
    page.chat.request = PersonRequest()
