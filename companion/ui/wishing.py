"""Tell a coordinator, as a count, that somebody would like a group about a topic; and set a suggested group aside."""

from __future__ import annotations

from companion.bootstrap_meetings import groups_instead
from companion.errors import CompanionError
from companion.ui.chat_state import ShownTurn
from companion.ui.page import Page

_OTHER = "other"


def wish_for(page: Page, topic: str) -> bool:
    """Count a wish; tell whether it was counted."""
    try:
        if page.meetings is None:
            return False
        page.meetings.recognition.wish(topic)
    except CompanionError:
        return False
    return True


def wish_for_turn(page: Page, shown: ShownTurn) -> None:
    """Count a wish for a group about what a turn was about, once."""
    turn = shown.stream.turn
    if turn is not None and not shown.wished:
        shown.wished = wish_for(page, turn.topics[0] if turn.topics else _OTHER)


def set_aside(page: Page, shown: ShownTurn, key: str) -> None:
    """Show a group no more in this chat, and look for the next best one for the turn."""
    page.chat.session.not_these.add(key)
    turn = shown.stream.turn
    if turn is None or page.app is None:
        return
    try:
        shown.instead = groups_instead(page.app, turn, page.chat.session)
    except CompanionError:
        shown.instead = ()
