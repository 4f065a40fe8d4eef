"""What all services around hand-overs share: their parts, who may see a hand-over, and how an act on it is carried out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from companion.errors import InputRefused, NotFound
from companion.models_people import Act, Asker, Author, Handover, PeerSeat, Side
from companion.models_staff import AccessEntry, Caller, Role
from companion.network.acting import act_on
from companion.network.broken_off import BrokenOff, broken_off
from companion.network.escalation import ENDED, EscalationTimes, Move, change
from companion.network.turns import Turns
from companion.ports import Clock
from companion.ports_people import AccessLog, Box, HandoverStore, StaffDirectory

MAX_UNIT_CHARS = 120
PEER_READS_AFTER_END = timedelta(hours=1)
"""Chosen by us: long enough to see the last words and to note down a debrief."""


@dataclass(frozen=True)
class HandoverParts:
    """Hold the parts of the services around hand-overs.

    wake: called after a change that left notices to send, so that they leave at once; it must not block.
    """

    store: HandoverStore
    staff: StaffDirectory
    box: Box
    access_log: AccessLog
    clock: Clock
    times: EscalationTimes
    turns: Turns
    wake: Callable[[], None]

    def _find(self, side: Side) -> Handover:
        """Return the hand-over of a side. Raises: NotFound when it does not exist or is not with this peer; StoreUnavailable."""
        if isinstance(side, Asker):
            return self.store.get_by_token(hash_token(side.token))
        handover = self.store.get(side.handover_id)
        if handover.peer_id is None or handover.peer_id != side.caller.staff_id:
            raise NotFound(f"hand-over {side.handover_id} is not with this peer.")
        return handover

    def _find_readable(self, side: Side) -> Handover:
        """Return the hand-over of a side that may read its words. Raises: NotFound, also for a peer an hour after the end."""
        handover = self._find(side)
        is_over = handover.state in ENDED and handover.closed_at is not None
        if isinstance(side, PeerSeat) and is_over and self.clock.now() - handover.closed_at > PEER_READS_AFTER_END:  # type: ignore[operator]
            raise NotFound(f"hand-over {handover.id} has ended and can no longer be read.")
        return handover

    def _broken_off(self, handover: Handover) -> BrokenOff | None:
        """Return the talk of this request that broke off, None when none did."""
        has_waited_anew = handover.waiting_since != handover.asked_at  # spares most talks the look into their history
        return broken_off(self.store.history(handover.id)) if has_waited_anew and handover.last_seq else None

    def _act(self, side: Side, act: Act) -> Handover:
        """Carry out an act of one side and return the hand-over after it. Raises: NotFound, WrongState, StoreUnavailable."""
        actor = Role.EMPLOYEE if isinstance(side, Asker) else Role.PEER
        now = self.clock.now()
        after = act_on(
            self.store,
            lambda: self._find(side),
            lambda handover: change(handover, Move(act, now, actor, excluded_peer=handover.peer_id), self.times),
        )
        self.wake()
        return after

    def _log(self, caller: Caller, act: str, kind: str, handover_id: str) -> None:
        """Write to the access log that a peer opened something; the same opening by the same peer once."""
        known = self.access_log.about(handover_id)
        if any((entry.pseudonym, entry.act, entry.kind) == (caller.pseudonym, act, kind) for entry in known):
            return
        self.access_log.append(AccessEntry(self.clock.now(), caller.pseudonym, Role.PEER, act, kind, handover_id))


def author_of(side: Side) -> Author:
    """Return which side speaks."""
    return Author.EMPLOYEE if isinstance(side, Asker) else Author.PEER


def checked_text(text: str, max_chars: int) -> str:
    """Return the text without outer blanks. Raises: InputRefused (empty, too_long)."""
    text = text.strip()
    if not text:
        raise InputRefused("empty")
    if len(text) > max_chars:
        raise InputRefused("too_long")
    return text


def letter_context(handover_id: str) -> str:
    """Return the place to which a sealed letter is bound."""
    return f"letter:{handover_id}"


def new_token() -> str:
    """Return a token of 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token, in hexadecimal; a plain hash is enough because a random token cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
