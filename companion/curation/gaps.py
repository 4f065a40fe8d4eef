"""Topics that people ask and the library does not cover: counted by month, shown as steps of ten, never with a message.

A count is shown only from ten on and only as a multiple of ten, so that one person's question changes a shown figure at most when it is the
tenth, and nobody can tell whose that was: counts carry no time finer than the month and nothing about a chat. Ten is the smallest number
that the deployment's settings allow for any statistic (DESIGN 5); steps instead of added noise are chosen by us, since a coordinator must be
able to explain the figure to staff.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from companion.errors import CompanionError
from companion.models import RedactedMessage, TriageLevel, Turn, WriterName
from companion.models_staff import Caller
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports import Clock
from companion.ports_curation import GapCounts

log = logging.getLogger(__name__)
STEP = 10
OTHER = "other"
"""Counted for a question that is near no topic at all."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold one topic that was asked and not covered. at_least: a multiple of ten, ten or more. month: "2026-11"."""

    month: str
    topic: str
    at_least: int


@dataclass(frozen=True)
class GapDesk:
    """Count gaps and show them. topic_of: returns the slug of the topic nearest to a question, or None when none is near."""

    counts: GapCounts
    clock: Clock
    topic_of: Callable[[RedactedMessage], str | None]

    @for_anyone(Permission.ASK_FOR_PERSON)
    def note(self, turn: Turn) -> None:
        """Count a turn whose question was not covered; never fails, since a count must not disturb a chat."""
        if turn.reply.covered or turn.reply.writer is WriterName.FIXED or turn.triage.level is not TriageLevel.NONE:
            return
        try:
            self.counts.add(f"{self.clock.now():%Y-%m}", self.topic_of(turn.message) or OTHER)
        except CompanionError as exc:
            log.warning("a gap was not counted: %s", exc)

    @requires(Permission.CURATE)
    def shown(self, caller: Caller) -> tuple[Gap, ...]:  # noqa: ARG002
        """Return the gaps that may be shown, newest month first, largest first. Raises: StoreUnavailable."""
        found = []
        for month in self.counts.months():
            for topic, count in sorted(self.counts.counts(month).items(), key=lambda item: (-item[1] // STEP, item[0])):
                if count >= STEP:
                    found.append(Gap(month, topic, count // STEP * STEP))
        return tuple(found)
