"""What the channel of a mentoring pair needs from the outside world, as a protocol. Every adapter passes tests/contracts."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from companion.models_pair import PairChannel, StoredPairMessage
from companion.models_staff import SealedKey


class PairChannelStore(Protocol):
    """Keep what pairs write, sealed. Deleting a pair deletes its channel with it. All methods raise StoreUnavailable."""

    def make(self, pair_id: str, key: SealedKey) -> PairChannel:
        """Return the channel of a pair, made with this key unless there is one already. Raises: NotFound when there is no such pair."""
        ...

    def find(self, pair_id: str) -> PairChannel | None:
        """Return the channel of a pair, or None before anything was written and after it was erased."""
        ...

    def add(self, message: StoredPairMessage) -> StoredPairMessage:
        """Store a message under the next number; the known one for a resend. Raises: NotFound when the channel is gone."""
        ...

    def messages(self, pair_id: str, after: int) -> tuple[StoredPairMessage, ...]:
        """Return messages with a number above `after`, oldest first."""
        ...

    def forget(self, today: date, keep_until: date) -> int:
        """Delete channels past their last day, as `secure_delete` does, and note `keep_until` as that of pairs that have parted; return how many."""
        ...
