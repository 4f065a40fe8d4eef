"""The employee's side of a talk with a person: what they should know, the letter, waiting, talking, the end."""

from __future__ import annotations

import secrets
from functools import partial

import streamlit as st

from companion.errors import CompanionError, InputRefused
from companion.models_people import Asker, Author, Availability, HandoverState, HandoverStatus, Message, Wish
from companion.ui.chat_state import ChatState, PersonRequest, View
from companion.ui.components import Plain, draw_lines, draw_talk, last_act, watch_keystrokes
from companion.ui.page import Page
from companion.ui.web_pages import country_for_browser, read_lines

_WAIT_TICK_S = 2.0
_TALK_TICK_S = 1.0
_HELD = frozenset({HandoverState.CLAIMED, HandoverState.ACTIVE})
_ENDED = frozenset({HandoverState.CLOSED, HandoverState.WITHDRAWN})
_DRAFT_CHARS = 600
_MAX_LETTER_CHARS = 2000


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
        st.markdown(words("person.intro"))
        availability = _availability(page)
        with st.container(key="availability", border=True):
            st.markdown(f"**{words('person.availability')}**")
            st.markdown(words(_availability_key(availability)))
        if availability is None or availability is Availability.NONE or request.urgent:
            draw_local_lines(page, "person-lines")
        st.subheader(words("person.who_title"), anchor=False)
        st.markdown("\n".join(f"- {line.format(days=page.settings.handover_retention_days)}" for line in words.phrases("person.who")))
        _draw_letter(page, can_send=availability is not None)


def _draw_letter(page: Page, *, can_send: bool) -> None:
    words, request = page.words, page.chat.request
    st.subheader(words("person.letter_title"), anchor=False)
    st.markdown(words("person.letter_help"))
    if request.draft is None:
        request.draft = draft_letter(page)
    letter = st.text_area(words("person.letter_label"), value=request.draft, key="letter", height=200)
    request.draft = letter
    request.urgent = st.checkbox(words("person.urgent"), value=request.urgent, key="urgent", help=None)
    st.caption(words("person.urgent_help"))
    problem = st.session_state.pop("letter_problem", None)
    if problem:
        st.error(words(problem, max_chars=_MAX_LETTER_CHARS))
    with st.container(horizontal=True, key="letter_acts"):
        st.button(words("person.send"), key="send_letter", type="primary", on_click=partial(_send, page), disabled=not can_send)
        st.button(words("person.back"), key="person_back", on_click=partial(_back, page.chat))


def draft_letter(page: Page) -> str:
    """Return a short letter from the redacted chat, for the employee to change; plain words when there is no chat yet."""
    said = [turn.stream.redacted.text.strip() for turn in page.chat.turns if turn.stream.redacted and turn.stream.problem is None]
    if not said:
        return page.words("person.letter_empty")
    first, last = said[0][:_DRAFT_CHARS], said[-1][:_DRAFT_CHARS]
    key = "person.draft_one" if len(said) == 1 else "person.draft_more"
    return page.words(key).replace("{first}", first).replace("{last}", last)


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
    return "person.available_plain" if availability is Availability.SOME else "person.nobody"


def _send(page: Page) -> None:
    request = page.chat.request
    letter = str(st.session_state.get("letter", "")).strip()
    try:
        if page.people is None:
            raise CompanionError("the program is not ready")
        asked = page.people.handovers.request(letter, urgent=request.urgent, country=page.chat.session.country, wish=Wish.UNSURE)
    except InputRefused as refused:
        st.session_state["letter_problem"] = "person.too_long" if refused.reason == "too_long" else "person.too_short"
        return
    except CompanionError:
        st.session_state["letter_problem"] = "person.failed"
        return
    request.token, request.letter, request.asked_at, request.draft = asked.token, letter, page.now, None
    page.chat.show(View.CHAT)


def _back(chat: ChatState) -> None:
    chat.show(View.CHAT)


def draw_local_lines(page: Page, key: str) -> None:
    """Draw the crisis lines of the chosen country in the page."""
    lines = read_lines(page.settings.knowledge_dir)
    country = lines.for_country(page.chat.session.country) if lines else None
    shown: Plain = {
        "words": {name: text for name, text in page.words.branch("crisis").items() if isinstance(text, str)},
        "country": country_for_browser(country, page.words) if country else None,
    }
    draw_lines(key, shown, partial(_choose_country, page.chat, key))


def _choose_country(chat: ChatState, key: str) -> None:
    what, value = last_act(key)
    if what == "country":
        chat.session.country = value or None


# --- waiting -----------------------------------------------------------------------------------------------------------


def draw_waiting(page: Page) -> None:
    """Draw the panel of an open request above the conversation; the lines stay with it."""
    request, words = page.chat.request, page.words
    if request.token is None or request.has_ended:
        return
    status = status_of(page)
    with st.container(key="waiting", border=True):
        if status is None:
            st.markdown(f"**{words('person.unavailable_title')}**")
            st.markdown(words("person.unavailable"))
        else:
            st.markdown(f"**{words('person.waiting_title')}**")
            st.markdown(words(_waiting_key(status), time=f"{status.asked_at.astimezone():%H:%M}"))
            if not status.is_notice_delivered:
                st.markdown(words("person.not_delivered"))
        with st.expander(words("person.your_letter")):
            st.text(request.letter or "")
        draw_local_lines(page, "waiting-lines")
        st.button(words("person.withdraw"), key="withdraw", on_click=partial(withdraw, page))
    _watch_state(page, _standing(status))


def _waiting_key(status: HandoverStatus) -> str:
    if status.state is HandoverState.FALLBACK_SHOWN:
        return "person.waiting_nobody"
    return "person.waiting_urgent" if status.urgent else "person.waiting"


def _standing(status: HandoverStatus | None) -> tuple[HandoverState, bool] | None:
    """Return what the waiting panel shows, for telling whether it has changed."""
    return (status.state, status.is_notice_delivered) if status else None


def _watch_state(page: Page, drawn: tuple[HandoverState, bool] | None) -> None:
    """Look every other second whether the request moved on, and draw the page anew when it did."""

    @st.fragment(run_every=_WAIT_TICK_S)
    def tick() -> None:
        page.chat.last_used_at = page.now
        if _standing(status_of(page)) != drawn:
            st.rerun()

    tick()


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


# --- talking -----------------------------------------------------------------------------------------------------------


def is_talking(page: Page) -> bool:
    """Tell whether a person has taken the request, or a talk has ended and its last words are still to be read."""
    if page.chat.request.token is None:
        return False
    status = status_of(page)
    return status is not None and status.state in (_HELD | _ENDED)


def draw_talk_page(page: Page) -> None:
    """Draw the talk with a person. The companion is silent here."""
    words, request, status = page.words, page.chat.request, status_of(page)
    if status is None or request.token is None:
        return
    name = status.peer.pseudonym if status.peer else ""
    is_over = status.state in _ENDED
    with st.container(key="talk"):
        _draw_who(page, status, name)
        with st.expander(words("person.your_letter")):
            st.text(request.letter or "")
        _draw_messages(page, status, name)
        if is_over:
            st.markdown(words("person.closed", days=page.settings.handover_retention_days))
            st.button(words("person.closed_back"), key="talk_back", type="primary", on_click=partial(_leave_talk, page.chat))
    if not is_over:
        _draw_talk_input(page, name)


def _draw_who(page: Page, status: HandoverStatus, name: str) -> None:
    words = page.words
    if status.state in _ENDED:
        st.header(words("person.closed_title"), anchor=False)
        return
    st.header(words("person.live_title", name=name), anchor=False)
    since = status.peer.trained_since if status.peer else None
    st.markdown(words("person.live", since=f"{since:%B %Y}") if since else words("person.live_plain"))


def _draw_messages(page: Page, drawn: HandoverStatus, name: str) -> None:
    """Draw the messages and look for new ones every second while the talk is open."""

    @st.fragment(run_every=None if drawn.state in _ENDED else _TALK_TICK_S)
    def follow() -> None:
        page.chat.last_used_at = page.now
        status = status_of(page) or drawn
        draw_talk("talk-messages", shown_messages(page, status, name))
        if status.state is not drawn.state:
            st.rerun()

    follow()


def shown_messages(page: Page, status: HandoverStatus, name: str) -> Plain:
    """Return the messages of this talk as plain values for the browser."""
    words, request = page.words, page.chat.request
    fetched = _fetch(page)
    return {
        "label": words("person.live_title", name=name),
        "messages": [
            {
                "seq": message.seq,
                "mine": message.author is Author.EMPLOYEE,
                "name": words("person.you") if message.author is Author.EMPLOYEE else name,
                "time": f"{message.sent_at.astimezone():%H:%M}",
                "text": message.text,
                "tick": _tick(page, message, status),
            }
            for message in fetched
        ],
        "typing": words("person.typing", name=name) if status.is_other_typing and request.token else None,
    }


def _tick(page: Page, message: Message, status: HandoverStatus) -> str | None:
    if message.author is Author.PEER:
        return None
    return page.words("person.read" if message.seq <= status.read_by_other else "person.sent")


def _fetch(page: Page) -> list[Message]:
    request = page.chat.request
    if request.token is None or page.people is None:
        return request.messages
    side = Asker(request.token)
    try:
        page.people.handovers.heartbeat(side)
        after = request.messages[-1].seq if request.messages else 0
        request.messages.extend(page.people.handovers.messages(side, after=after))
    except CompanionError:
        pass
    return request.messages


def _draw_talk_input(page: Page, name: str) -> None:
    words = page.words
    problem = st.session_state.pop("talk_problem", None)
    with st.bottom:
        if problem:
            st.error(words(problem))
        typed = st.chat_input(words("person.placeholder", name=name), key="talk_typed")
        with st.container(key="quiet_row", horizontal=True, horizontal_alignment="center", gap="small"):
            st.button(words("person.close"), key="close_talk", type="tertiary", on_click=partial(_close, page))
        _note_typing(page)
    if typed:
        _post(page, typed)
        st.rerun()


def _note_typing(page: Page) -> None:
    @st.fragment
    def keystrokes() -> None:
        watch_keystrokes("talk_keys", partial(_typing, page))

    keystrokes()


def _typing(page: Page) -> None:
    if page.chat.request.token and page.people:
        try:
            page.people.handovers.heartbeat(Asker(page.chat.request.token), is_typing=True)
        except CompanionError:
            return


def _post(page: Page, text: str) -> None:
    request = page.chat.request
    page.chat.last_used_at = page.now
    try:
        if request.token and page.people:
            page.people.handovers.post(Asker(request.token), text, client_key=secrets.token_hex(16))
    except CompanionError:
        st.session_state["talk_problem"] = "person.message_failed"


def _close(page: Page) -> None:
    if page.chat.request.token and page.people:
        try:
            page.people.handovers.close(Asker(page.chat.request.token))
        except CompanionError:
            st.session_state["talk_problem"] = "peer.failed"


def _leave_talk(chat: ChatState) -> None:
    chat.request = PersonRequest()
