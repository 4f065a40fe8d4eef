"""What a mentoring pair writes to one another, inside the product. Only the two read it: each proves itself by the code that only they hold.

No role of the staff has a method here, and none can open it. It is kept sealed, like a talk, and erased seven days after the pair has parted, or at
once with either of the two.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from companion.errors import NotFound, WrongState
from companion.models_mentoring import MentoringBook, Pair, PairState, Seeker, Side
from companion.models_pair import PairChannel, PairMessage, PairTalk, StoredPairMessage
from companion.network.handover_parts import checked_text, hash_token
from companion.network.keeping import bare_code
from companion.network.permissions import Permission, for_anyone
from companion.ports import Clock
from companion.ports_pair import PairChannelStore
from companion.ports_people import Box

MAX_PAIR_MESSAGE_CHARS = 4000
MOST_MESSAGES = 2000
"""Chosen by us: far above what four to six meetings need; beyond it one pair fills the database."""
KEPT_DAYS = 7
"""After the pair has parted; as long as a talk with a peer (DESIGN 5)."""


@dataclass(frozen=True)
class PairChannelService:
    """Serve the two of a pair. All methods may raise StoreUnavailable. book: everybody and every pair as they stand now."""

    book: Callable[[], MentoringBook]
    channels: PairChannelStore
    box: Box
    clock: Clock

    @for_anyone(Permission.JOIN_GROUP)
    def post(self, code: str, text: str, client_key: str | None = None) -> PairMessage:
        """Store a message to the other of the pair.

        client_key: marks every attempt to send it; a resend returns the first message.

        Raises: NotFound for a code that proves nobody; WrongState while there is no pair that meets, or after very many messages; InputRefused
        (empty, too_long).
        """
        text = checked_text(text, MAX_PAIR_MESSAGE_CHARS)
        own, pairs = self._pairs(code)
        pair = next((pair for pair in pairs if pair.state is PairState.MEETING), None)
        if pair is None:
            raise WrongState("nobody meets with this code now.")
        channel = self.channels.find(pair.id) or self.channels.make(pair.id, self.box.new_key())
        if channel.last_seq >= MOST_MESSAGES:
            raise WrongState("this pair has written very much; no message can be added.")
        key = client_key or secrets.token_hex(16)
        sealed = self.box.seal(channel.sealed_key, text, _context(pair.id, own.side, key))
        stored = self.channels.add(StoredPairMessage(pair.id, 0, own.side, key, self.clock.now(), sealed))
        return self._opened(channel, stored, own.side)

    @for_anyone(Permission.JOIN_GROUP)
    def read(self, code: str, after: int = 0) -> PairTalk:
        """Return what the pair of a code wrote, numbers above `after`, oldest first: of the pair that meets, else of the last one while it is kept.

        Raises: NotFound for a code that proves nobody.
        """
        own, pairs = self._pairs(code)
        meeting = next((pair for pair in pairs if pair.state is PairState.MEETING), None)
        channel = self.channels.find(meeting.id) if meeting else self._last_kept(pairs)
        if channel is None:
            return PairTalk(can_write=meeting is not None)
        stored = self.channels.messages(channel.pair_id, after) if channel.last_seq > after else ()
        opened = tuple(self._opened(channel, message, own.side) for message in stored)
        return PairTalk(meeting is not None, opened, None if meeting else channel.erase_on or self._today() + timedelta(days=KEPT_DAYS))

    def _pairs(self, code: str) -> tuple[Seeker, tuple[Pair, ...]]:
        """Return whom a code proves and the pairs in which they met or meet. Raises: NotFound."""
        book, token_hash = self.book(), hash_token(bare_code(code))
        own = next((each for each in book.seekers if each.token_hash == token_hash), None)
        if own is None:
            raise NotFound("nobody belongs to this code.")
        return own, tuple(pair for pair in book.pairs if pair.has(own.id) and pair.state is not PairState.OFFERED)

    def _last_kept(self, pairs: tuple[Pair, ...]) -> PairChannel | None:
        """Return the channel that is kept longest of pairs that have parted; one past its last day is gone, whether or not it was deleted yet."""
        found = [channel for pair in pairs if (channel := self.channels.find(pair.id)) is not None]
        kept = [channel for channel in found if channel.erase_on is None or channel.erase_on >= self._today()]
        return max(kept, key=lambda channel: channel.erase_on or date.max, default=None)

    def _opened(self, channel: PairChannel, stored: StoredPairMessage, reader: Side) -> PairMessage:
        text = self.box.open(channel.sealed_key, stored.sealed_text, _context(stored.pair_id, stored.side, stored.client_key))
        return PairMessage(stored.seq, stored.side is reader, stored.sent_at, text)

    def _today(self) -> date:
        return self.clock.now().date()


def _context(pair_id: str, side: Side, client_key: str) -> str:
    return f"pair:{pair_id}:{side.value}:{client_key}"
