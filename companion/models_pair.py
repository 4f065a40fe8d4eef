"""What a mentoring pair writes to one another. Stored sealed; in the clear only inside the call that shows it. Times are timezone-aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from companion.models_mentoring import Side
from companion.models_staff import SealedKey


@dataclass(frozen=True, slots=True)
class PairChannel:
    """Hold the channel of one pair. last_seq: number of the last message. erase_on: last day it is kept, set when the pair has parted."""

    pair_id: str
    sealed_key: SealedKey
    last_seq: int = 0
    erase_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredPairMessage:
    """Hold a message as stored. seq: from 1 on, without gaps; 0 before it is stored. client_key: marks every attempt to send it."""

    pair_id: str
    seq: int
    side: Side
    client_key: str
    sent_at: datetime
    sealed_text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PairMessage:
    """Hold a message in the clear, for the two alone. is_mine: whether the reader wrote it."""

    seq: int
    is_mine: bool
    sent_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PairTalk:
    """Hold what one of a pair reads. can_write: whether the pair still meets. until: last day it is kept, once it has parted."""

    can_write: bool
    messages: tuple[PairMessage, ...] = field(default=(), repr=False)
    until: date | None = None
