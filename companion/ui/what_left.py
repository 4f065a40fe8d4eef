"""What left for one message, as the person's own page shows it: from the browser, and from this server, in the bytes sent."""

from __future__ import annotations

from companion.ui.chat_state import ShownTurn
from companion.ui.components import Plain
from companion.ui.text import Words


def what_left(shown: ShownTurn, words: Words) -> Plain | None:
    """Return what left for a message; None while it is being answered, and for a reopened one, of which nothing is known any more."""
    stream = shown.stream
    if stream.ledger is None or stream.is_running:
        return None
    sent = stream.ledger.entries
    return {
        "label": words("left.label"),
        "close": words("left.close"),
        "from_browser": words("left.from_browser", size=_size(shown.raw.encode())),
        "from_server": words("left.nothing") if not sent else words("left.something", hosts=", ".join(sorted({s.host for s in sent}))),
        "read": {"label": words("left.read"), "text": stream.redacted.text} if stream.redacted and not sent else None,
        "sent": [
            {"label": words("left.sent", host=each.host, size=_size(each.body)), "text": each.body.decode("utf-8", "replace")}
            for each in sent
        ],
    }


def _size(body: bytes) -> str:
    return f"{len(body):,}"
