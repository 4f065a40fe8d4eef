"""Follow one turn in a thread of its own, so that a slow writer never freezes the page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from companion.errors import InputRefused, RedactionFailed
from companion.events import MessageRedacted, ReplyRestarted, SentenceReady, Triaged, TurnEvent, TurnFinished
from companion.logs import kind_of
from companion.models import RedactedMessage, TriageDecision, Turn
from companion.sent import SentLedger

Problem = tuple[str, str]
"""Keys of the words for the title and the text of a problem, in `prompts/fixed/ui.yaml`."""


class TurnStream:
    """Collect the events of one turn.

    sentences: those shown so far. notice: why the reply began anew, or None. version: grows with each event. ledger: what left this server
    for it, filled by whatever `begin` starts; None when that is not known.
    """

    def __init__(
        self,
        begin: Callable[[], Iterator[TurnEvent]],
        on_end: Callable[[Turn], None] = lambda _turn: None,
        ledger: SentLedger | None = None,
    ) -> None:
        self.ledger = ledger
        self.redacted: RedactedMessage | None = None
        self.decision: TriageDecision | None = None
        self.sentences: tuple[SentenceReady, ...] = ()
        self.notice: str | None = None
        self.turn: Turn | None = None
        self.problem: Problem | None = None
        self.version = 0
        self._begin = begin
        self._on_end = on_end
        self._ended = threading.Event()
        self._news = threading.Condition()
        threading.Thread(target=self._follow, name="companion-turn", daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Tell whether more may come."""
        return not self._ended.is_set()

    def wait(self, timeout_s: float) -> None:
        """Wait for the end, at most `timeout_s` seconds."""
        self._ended.wait(timeout_s)

    def wait_for_news(self, version: int, timeout_s: float) -> bool:
        """Wait until there is more than in `version`, at most `timeout_s` seconds; return whether there is."""
        with self._news:
            return self._news.wait_for(lambda: self.version != version, timeout_s)

    def _grow(self) -> None:
        with self._news:
            self.version += 1
            self._news.notify_all()

    def _follow(self) -> None:
        try:
            for event in self._begin():
                self._take(event)
        except InputRefused as refused:
            self.problem = ("errors.refused_title", f"refused.{refused.reason}")
        except RedactionFailed:
            self.problem = ("errors.title", "errors.redaction")
        except Exception as exc:  # noqa: BLE001 - the person gets kind words and the lines, never a traceback (DESIGN 6)
            logging.getLogger(__name__).error("a turn failed: %s", kind_of(exc))
            self.problem = ("errors.title", "errors.text")
        finally:
            self._ended.set()
            self._grow()  # last, so that whoever drew an earlier version looks once more
        if self.turn is not None:
            self._on_end(self.turn)

    def _take(self, event: TurnEvent) -> None:
        match event:
            case MessageRedacted(message):
                self.redacted = message
            case Triaged(decision):
                self.decision = decision
            case SentenceReady():
                self.sentences = (*self.sentences, event)
            case ReplyRestarted(notice):
                self.sentences, self.notice = (), notice
            case TurnFinished(turn):
                self.turn = turn
                self.notice = turn.reply.notice or self.notice
                if not self.sentences:
                    self.sentences = tuple(SentenceReady(s.text, (), s.starts_paragraph) for s in turn.reply.sentences)
        self._grow()
