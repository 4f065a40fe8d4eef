"""The values around staff, feedback and the access log. Times are timezone-aware UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

IDENTITY_CODE_CHARS = 32
"""128 bits of SHA-256: two people never share a code."""

# --- staff ---------------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """Name who may ask the program for something. An employee is anonymous; the operator has a shell on the server."""

    EMPLOYEE = "employee"
    PEER = "peer"
    FACILITATOR = "facilitator"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class DutyStatus(StrEnum):
    """Say whether a peer takes requests. `away`: no new ones, open talks go on. `not_today`: open talks go to others."""

    ON_DUTY = "on_duty"
    AWAY = "away"
    NOT_TODAY = "not_today"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Hold one account. pseudonym: the only name an employee ever sees. trained_since: None until a coordinator signed it off.

    trained_until: last day of the sign-off, None without end. seen_at: when the peer's desk was last looked at.
    unit: part of the organisation they work in, as the coordinator wrote it, None when not told. languages: ISO 639-1 codes.
    """

    id: str
    username: str
    pseudonym: str
    roles: frozenset[Role]
    trained_since: date | None
    status: DutyStatus
    status_since: datetime
    is_suspended: bool = False
    trained_until: date | None = None
    seen_at: datetime | None = None
    unit: str | None = None
    languages: frozenset[str] = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class NewMember:
    """Hold what a coordinator fills in for a new account. password: at least 12 characters."""

    username: str
    password: str = field(repr=False)
    pseudonym: str
    roles: frozenset[Role]
    trained_since: date | None = None
    unit: str | None = None
    languages: frozenset[str] = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Account:
    """Pair a member with the Argon2id hash of the password.

    one_time_until: until when a password that a coordinator gave may be changed for an own one; None for an own password.
    """

    member: StaffMember
    password_hash: str = field(repr=False)
    one_time_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Say on whose behalf a service method runs. staff_id: None for the employee and the operator."""

    roles: frozenset[Role]
    staff_id: str | None = None
    pseudonym: str = ""


EMPLOYEE = Caller(frozenset({Role.EMPLOYEE}))
OPERATOR = Caller(frozenset({Role.OPERATOR}), pseudonym="operator")


@dataclass(frozen=True, slots=True)
class StaffSession:
    """Hold one signed-in browser; the token itself is never stored, only its SHA-256."""

    token_hash: str
    staff_id: str
    created_at: datetime
    last_seen_at: datetime
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Hold a fresh session: the token for the browser, and for whom it speaks."""

    token: str = field(repr=False)
    caller: Caller = EMPLOYEE


@dataclass(frozen=True, slots=True)
class Identity:
    """Hold who an outside sign-in (OpenID Connect) says that somebody is.

    issuer, subject: the claims `iss` and `sub`, the only pair that the standard promises to be lasting and unique (OpenID Connect
    Core 1.0, 5.7); mail addresses and names change hands. signed_in_at: the claim `iat`.
    """

    issuer: str
    subject: str = field(repr=False)
    signed_in_at: datetime

    @property
    def code(self) -> str:
        """Return 32 hexadecimal digits that name this identity and do not tell who it is; an account is linked to it by them."""
        return hashlib.sha256(f"{self.issuer}\x00{self.subject}".encode()).hexdigest()[:IDENTITY_CODE_CHARS]


@dataclass(frozen=True, slots=True)
class SignInAttempts:
    """Count attempts in a row without success for one name. last_at: None before the first."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyChange:
    """Hold a change of a member's status, stored in the same transaction as the hand-overs it moves.

    is_suspended: None leaves it as it is; True also ends the member's sessions.
    """

    staff_id: str
    status: DutyStatus
    at: datetime
    is_suspended: bool | None = None


# --- feedback and access log ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SealedKey:
    """Hold the key of one hand-over or comment, itself sealed with the server key `key_id`. Without it the words are noise."""

    key_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """Hold one thumb with an optional sealed comment. id: random, so that not even the order of entries tells who wrote one."""

    id: str
    day: date
    is_useful: bool
    sealed_key: SealedKey | None = None
    sealed_comment: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """Hold counts of thumbs; both None while fewer than the minimum number of answers have come in."""

    useful: int | None
    not_useful: int | None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """Hold who opened what kind of thing when. ref: the random id of a hand-over, never a person; no content."""

    at: datetime
    pseudonym: str
    role: Role
    act: str
    kind: str
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class AccessReport:
    """Hold the access log as employees read it.

    entries: newest first, times rounded down to the hour, without the id of any hand-over. is_whole: whether no row was altered, added or
    removed, but for those past their retention.
    """

    entries: tuple[AccessEntry, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class AccessReview:
    """Hold the access log as an auditor reads it.

    entries: newest first, times rounded down to the minute, without the id of any hand-over. is_whole: as in `AccessReport`. kept: how many
    rows there are in all. counts: (kind, act) → how often among `entries`, most often first.
    """

    entries: tuple[AccessEntry, ...]
    is_whole: bool
    kept: int
    counts: Mapping[tuple[str, str], int]
