"""The messages of a talk with a person, as plain values for the browser."""

from __future__ import annotations

from companion.errors import CompanionError
from companion.models_people import Asker, Author, HandoverStatus, Message
from companion.ui.components import Plain
from companion.ui.local_time import clock_time
from companion.ui.page import Page
from companion.ui.text import Words


def shown_messages(page: Page, status: HandoverStatus, name: str) -> Plain:
    """Return the messages of this talk as plain values for the browser."""
    words, request = page.words, page.chat.request
    fetched = _fetched(page)
    return {
        "label": words("person.live_title", name=name),
        "messages": [
            {
                "seq": message.seq,
                "mine": message.author is Author.EMPLOYEE,
                "name": words("person.you") if message.author is Author.EMPLOYEE else speaker(words, message, status, name),
                "time": clock_time(message.sent_at),
                "text": message.text,
                "tick": _tick(page, message, status),
            }
            for message in fetched
        ],
        "typing": words("person.typing", name=name) if status.is_other_typing and request.token else None,
    }


def speaker(words: Words, message: Message, status: HandoverStatus, name: str) -> str:
    """Return who wrote a peer's message: the present peer, or one before, whose name is no longer known here."""
    return words("person.earlier_peer") if is_earlier(message, status) else name


def is_earlier(message: Message, status: HandoverStatus) -> bool:
    """Tell whether a peer's message was written by a peer before the present one."""
    return status.answered_at is None or message.sent_at < status.answered_at


def _tick(page: Page, message: Message, status: HandoverStatus) -> str | None:
    if message.author is Author.PEER:
        return None
    return page.words("person.read" if message.seq <= status.read_by_other else "person.sent")


def _fetched(page: Page) -> list[Message]:
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
