"""What an employee keeps under a return code: the chat as their own page shows it, and their place in a talk with a person.

`KeptPage` exists in the clear only in the memory of the page that keeps or opens it; `KeptChat` is what the database holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from companion.events import SentenceReady
from companion.models import EntityType, Exchange, RedactedMessage, TriageLevel
from companion.models_groups import GroupMatch


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """Hold one answered message as shown. typed: as the employee wrote it. with_lines: whether crisis lines stood with it.

    What triage thought of it is not kept, but for whether the page stands after crisis words (`KeptPage.stays_after`).
    """

    typed: str = field(repr=False)
    message: RedactedMessage = field(repr=False)
    sentences: tuple[SentenceReady, ...] = field(repr=False)
    groups: tuple[GroupMatch, ...] = ()
    notice: str | None = None
    with_lines: bool = False


@dataclass(frozen=True, slots=True)
class KeptDetail:
    """Hold one hidden detail: its kind, its form as redaction compares it, and what stands in its place."""

    kind: EntityType
    form: str = field(repr=False)
    placeholder: str


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """Hold the employee's place in a request to a person. token: the only proof of being the one who asked."""

    token: str = field(repr=False)
    letter: str | None = field(repr=False)
    urgent: bool
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Hold all that a page needs to go on where it was left.

    exchanges, typed: of the session, oldest first. surfaces: placeholder and the form typed. ended_tokens: of talks with a person that have
    ended and may still be stored. form: 1 for pages kept before 27 November 2026, which do not say whether they stand after crisis words.
    stays_after, stays_for_another: of the session; sealed like the words themselves, which tell more.
    """

    country: str | None = None
    turns: tuple[KeptTurn, ...] = field(default=(), repr=False)
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)
    typed: tuple[str, ...] = field(default=(), repr=False)
    details: tuple[KeptDetail, ...] = field(default=(), repr=False)
    surfaces: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    hidden_words: tuple[str, ...] = field(default=(), repr=False)
    kept_words: tuple[str, ...] = field(default=(), repr=False)
    request: KeptRequest | None = None
    ended_tokens: tuple[str, ...] = field(default=(), repr=False)
    form: int = 1
    stays_after: TriageLevel | None = field(default=None, repr=False)
    stays_for_another: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class KeptChat:
    """Hold one kept page as stored.

    place: where it is found, 64 hexadecimal digits that only the code leads to. salt: 16 random bytes. sealed: bytes that only the code
    opens. Days, no time of day: a finer moment could tie it to somebody seen at a screen.
    """

    place: str
    salt: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    kept_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """Hold what the open page remembers of its kept copy, in memory: enough to renew or erase it, not the code.

    key: 32 bytes; None once the chat has been ended, after which the copy can be erased from this page but not read.
    """

    place: str = field(repr=False)
    expires_on: date
    salt: bytes = field(repr=False)
    key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold a fresh return code, for the employee's eyes alone, and what the page remembers of the copy."""

    code: str = field(repr=False)
    copy: KeptCopy


@dataclass(slots=True)
class CodeTries:
    """Count the wrong codes in a row of one open page. last_at: None before the first."""

    count: int = 0
    last_at: datetime | None = None

    def wait(self, now: datetime, spans: tuple[timedelta, ...]) -> timedelta:
        """Return how long to wait before the next try; zero when none. spans: the wait after 1, 2, 3 … wrong codes; the last one stays."""
        if self.last_at is None or self.count == 0:
            return timedelta()
        return max(timedelta(), self.last_at + spans[min(self.count, len(spans)) - 1] - now)
