"""Pass a thumb and an optional comment on; the comment is redacted first, and neither can be tied to the chat."""

from __future__ import annotations

from companion.errors import CompanionError
from companion.insight.feedback import MAX_COMMENT_CHARS
from companion.session import ChatSession
from companion.stages.redaction import clean_input, redact
from companion.ui.chat_state import ShownTurn, Thumb
from companion.ui.page import Page


def give_feedback(page: Page, shown: ShownTurn, comment: str) -> None:
    """Store the thumb of a turn with the comment, and note in the turn how that went."""
    try:
        if page.app is None or page.people is None:
            raise CompanionError("the program is not ready")
        redacted = None
        if comment.strip():
            redacted = redact(clean_input(comment, MAX_COMMENT_CHARS), ChatSession(), page.app.parts.redactor())
        page.people.feedback.give(is_useful=shown.thumb is Thumb.UP, comment=redacted)
        shown.feedback_done = "feedback.kept"
    except CompanionError:
        shown.feedback_done = "feedback.not_kept"
