"""What `Companion.stream` tells while a turn is under way, in this order: redacted, triaged, sentences, finished."""

from __future__ import annotations

from dataclasses import dataclass

from companion.models import Citation, RedactedMessage, TriageDecision, Turn


@dataclass(frozen=True, slots=True)
class MessageRedacted:
    """Tell what the rest of the program sees of the message."""

    message: RedactedMessage


@dataclass(frozen=True, slots=True)
class Triaged:
    """Tell the triage decision."""

    decision: TriageDecision


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """Bring one checked sentence. citations: the marks to show behind it, numbered from 1 in order of first appearance."""

    text: str
    citations: tuple[Citation, ...] = ()
    starts_paragraph: bool = False

    @property
    def citation_numbers(self) -> tuple[int, ...]:
        """Return the numbers of the marks."""
        return tuple(citation.number for citation in self.citations)


@dataclass(frozen=True, slots=True)
class ReplyRestarted:
    """Tell that what was shown of the reply is withdrawn and another writer begins. notice: why, in words for the person."""

    notice: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """Bring the whole turn; always the last event."""

    turn: Turn


TurnEvent = MessageRedacted | Triaged | SentenceReady | ReplyRestarted | TurnFinished
