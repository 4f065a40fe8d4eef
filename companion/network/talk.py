"""The talk between the two: status, letter, messages in order, presence, end. Both sides call the same methods."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from companion.errors import InputRefused, NotFound, WrongState
from companion.models_people import (
    Act,
    Author,
    Handover,
    HandoverState,
    HandoverStatus,
    Message,
    PeerCard,
    PeerSeat,
    Presence,
    Side,
    StoredMessage,
)
from companion.models_staff import Role
from companion.network.acting import MAX_TRIES
from companion.network.escalation import HELD, OPEN, Move, change
from companion.network.handover_parts import HandoverParts, author_of, checked_text, letter_context
from companion.network.permissions import by_side
from companion.network.standing import status_for

MAX_MESSAGE_CHARS = 4000
MAX_KEY_CHARS = 64
_TOUCH_EVERY = timedelta(seconds=10)


class Talk(HandoverParts):
    """Carry words between an employee and a peer. All methods raise NotFound when the side has no such hand-over, and StoreUnavailable."""

    @by_side
    def status(self, side: Side) -> HandoverStatus:
        """Return how the hand-over stands for this side."""
        handover = self._find(side)
        answered_at, card, broken = self._answered_at(handover), self._card(handover), self._broken_off(handover)
        status = status_for(handover, author_of(side), card, now=self.clock.now(), times=self.times, answered_at=answered_at)
        return replace(status, earlier_talk=broken.who_reads) if broken else status

    @by_side
    def letter(self, side: Side) -> str:
        """Return the employee's letter; a peer's opening is written to the access log first."""
        handover = self._find_readable(side)
        if isinstance(side, PeerSeat):
            self._log(side.caller, "opened", "letter", handover.id)
        return self.box.open(handover.sealed_key, handover.sealed_letter, letter_context(handover.id))

    @by_side
    def post(self, side: Side, text: str, *, client_key: str | None = None) -> Message:
        """Store a message and return it with its number; once returned it survives a crash.

        client_key: any string of at most 64 characters that the sender uses for this message only; a resend with it returns the
        first message.
        The peer's first message begins the talk. The employee may write while still waiting.

        Raises: InputRefused (empty, too_long); WrongState when it has ended.
        """
        text = checked_text(text, MAX_MESSAGE_CHARS)
        client_key = client_key or secrets.token_hex(16)
        if len(client_key) > MAX_KEY_CHARS:
            raise InputRefused("too_long")
        for _ in range(MAX_TRIES):
            handover = self._find(side)
            stored = self._try_post(handover, author_of(side), text, client_key)
            if stored is not None:
                return self._opened(handover, stored)
        raise WrongState("the hand-over keeps changing; send the message again.")

    @by_side
    def messages(self, side: Side, *, after: int = 0) -> tuple[Message, ...]:
        """Return messages with a number above `after`, oldest first, and note them as fetched by this side.

        A peer gets none of a talk that broke off before theirs, unless the employee has opened it (`let_read`).

        Raises: NotFound, also for a peer an hour after the end.
        """
        handover = self._find_readable(side)
        if handover.last_seq <= after:
            return ()
        found = self._readable(handover, side, self.store.messages(handover.id, after))
        if found and found[-1].seq > _presence(handover, side).read_seq:
            self.store.touch(handover.id, author_of(side), seen_at=self.clock.now(), typing_at=None, read_seq=found[-1].seq)
        return tuple(self._opened(handover, message) for message in found)

    @by_side
    def heartbeat(self, side: Side, *, is_typing: bool = False) -> None:
        """Note that this side is there, and typing; call every few seconds. Writes at most every 10 s unless typing."""
        handover = self._find(side)
        now = self.clock.now()
        seen_at = _presence(handover, side).seen_at
        if is_typing or seen_at is None or now - seen_at >= _TOUCH_EVERY:
            typing_at = now if is_typing else None
            self.store.touch(handover.id, author_of(side), seen_at=now, typing_at=typing_at, read_seq=None)

    @by_side
    def close(self, side: Side) -> None:
        """End a claimed or active talk. Raises: WrongState."""
        self._act(side, Act.CLOSE)

    def _readable(self, handover: Handover, side: Side, found: tuple[StoredMessage, ...]) -> tuple[StoredMessage, ...]:
        broken = self._broken_off(handover) if isinstance(side, PeerSeat) else None
        return found if broken is None or broken.is_open else tuple(message for message in found if message.sent_at > broken.at)

    def _answered_at(self, handover: Handover) -> datetime | None:
        """Return when the peer who holds it, or held it last, wrote first: the moment at which the talk became active."""
        if handover.state is HandoverState.ACTIVE:
            return handover.state_since
        if handover.state is not HandoverState.CLOSED:
            return None
        return max((event.at for event in self.store.history(handover.id) if event.act is Act.ANSWER), default=None)

    def _try_post(self, handover: Handover, author: Author, text: str, client_key: str) -> StoredMessage | None:
        """Store a message if the hand-over is still as seen; None when it moved on."""
        if handover.state not in (OPEN if author is Author.EMPLOYEE else HELD):
            raise WrongState(f"hand-over {handover.id} is '{handover.state}'; no message can be added.")
        now = self.clock.now()
        is_first_reply = author is Author.PEER and handover.state is HandoverState.CLAIMED
        begins = change(handover, Move(Act.ANSWER, now, Role.PEER), self.times) if is_first_reply else None
        sealed = self.box.seal(handover.sealed_key, text, _context(handover.id, author, client_key))
        return self.store.add_message(StoredMessage(handover.id, 0, author, client_key, now, sealed), handover, begins)

    def _opened(self, handover: Handover, stored: StoredMessage) -> Message:
        context = _context(stored.handover_id, stored.author, stored.client_key)
        return Message(stored.seq, stored.author, stored.sent_at, self.box.open(handover.sealed_key, stored.sealed_text, context))

    def _card(self, handover: Handover) -> PeerCard | None:
        if handover.peer_id is None:
            return None
        try:
            member = self.staff.get(handover.peer_id)
        except NotFound:
            return None
        return PeerCard(member.pseudonym, member.trained_since)


def _presence(handover: Handover, side: Side) -> Presence:
    return handover.employee if author_of(side) is Author.EMPLOYEE else handover.peer


def _context(handover_id: str, author: Author, client_key: str) -> str:
    return f"message:{handover_id}:{author}:{client_key}"
