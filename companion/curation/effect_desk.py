"""Run the rehearsal of an edit behind the page, so that the coordinator can go on working and stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from companion.curation.effects import Effect, Respond, effect_of, read_questions
from companion.errors import CompanionError
from companion.logs import kind_of
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires

log = logging.getLogger(__name__)
Edits = Mapping[str, str | None]
"""Path below the knowledge folder, or "prompts/…" → its text, None for a file that is taken away."""


class Rehearsing(Protocol):
    """Answer questions with the library as it is and as it would be."""

    def before(self) -> Respond:
        """Return what answers from the library as it is. Raises: CompanionError."""
        ...

    def after(self, edits: Edits) -> Respond:
        """Return what answers from the library with some files changed. Raises: CompanionError."""
        ...

    def banned(self, text: str) -> str | None:
        """Return the rule in use, of what a reply may not say, that a text breaks, or None."""
        ...


class EffectRun:
    """Hold one rehearsal while it runs and after it ended.

    edits: what it is about. done, all: how many questions are answered, of how many. effect: None until it has ended. problem: why it failed.
    """

    def __init__(self, edits: Edits, questions: Path, rehearsal: Rehearsing) -> None:
        self.edits = edits
        self.done = 0
        self.all = 0
        self.effect: Effect | None = None
        self.problem: str | None = None
        self._stopped = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._run, args=(questions, rehearsal), name="companion-effect", daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Tell whether more is to come."""
        return not self._ended.is_set()

    def stop(self) -> None:
        """Ask no more questions; the run ends soon."""
        self._stopped.set()

    def wait(self, timeout_s: float) -> None:
        """Wait for the end, at most `timeout_s` seconds."""
        self._ended.wait(timeout_s)

    def _run(self, folder: Path, rehearsal: Rehearsing) -> None:
        try:
            questions = read_questions(folder)
            self.all = len(questions)
            before, after = rehearsal.before(), rehearsal.after(self.edits)
            ask = partial(effect_of, say=self._say, is_stopped=self._stopped.is_set, banned=rehearsal.banned)
            self.effect = ask(questions, before, after)
        except CompanionError as exc:
            self.problem = str(exc)
        except Exception as exc:  # noqa: BLE001 - a thread has no caller; the page says that it did not work
            log.error("a rehearsal failed: %s", kind_of(exc))
            self.problem = type(exc).__name__
        finally:
            self._ended.set()

    def _say(self, done: int) -> None:
        self.done = done


@dataclass(frozen=True)
class EffectDesk:
    """Rehearse edits before they are published. questions: folder of the questions to ask."""

    rehearsal: Rehearsing
    questions: Path

    @requires(Permission.CURATE)
    def rehearse(self, caller: Caller, edits: Edits) -> EffectRun:  # noqa: ARG002
        """Begin a rehearsal and return it at once."""
        return EffectRun(dict(edits), self.questions, self.rehearsal)
