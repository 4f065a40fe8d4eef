"""Talks that broke off: the peer had to go, was locked out or vanished. What the two wrote stays with the employee until they open it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.models_people import Act, EarlierTalk, HandoverEvent, HandoverState
from companion.models_staff import Role

_CONSENTS = frozenset({Act.PASS_ON, Act.REOPEN})
"""The acts by which an employee, told so beside the button, lets the next peer read all that was written."""


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """Hold the last talk that broke off. at: the moment; messages up to it are that talk's. is_open: the employee lets the next peer read it."""

    at: datetime
    is_open: bool = False

    @property
    def who_reads(self) -> EarlierTalk:
        """Return who reads what was written in it."""
        return EarlierTalk.OPENED if self.is_open else EarlierTalk.KEPT


def broken_off(history: Sequence[HandoverEvent]) -> BrokenOff | None:
    """Return the talk that broke off without the employee's doing; None when none did, or they asked for somebody else since.

    A re-queue without consent is promised when a peer is gone; reading on is not (PROMISES, Escalation). history: oldest first.
    """
    found, before = None, HandoverState.REQUESTED
    for event in history:
        if event.act in _CONSENTS or (event.act is Act.PASS_BACK and event.actor is Role.EMPLOYEE):
            found = None
        elif event.act is Act.PASS_BACK and before is HandoverState.ACTIVE:
            found = BrokenOff(event.at)
        elif event.act is Act.LET_READ and found is not None:
            found = BrokenOff(found.at, is_open=True)
        before = event.state
    return found
