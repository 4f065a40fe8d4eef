"""The values around a hand-over: the request, its letter and messages, the queue. Those of staff are in `models_staff`.

A letter or message exists sealed (`sealed_…`, bytes that only `Box` can open) wherever it is stored, and in the clear only inside the
call that shows it. Times are timezone-aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from companion.models_duty import ClaimLimit, PeerRecord
from companion.models_staff import Caller, Role, SealedKey

# --- hand-over -----------------------------------------------------------------------------------------------------


class HandoverState(StrEnum):
    """Name where a request for a person stands; `network/escalation.py` says which follows which."""

    REQUESTED = "requested"
    NOTIFIED = "notified"
    OFFERED = "offered"  # to one peer, for a few minutes
    CLAIMED = "claimed"
    ACTIVE = "active"
    REQUEUED = "requeued"
    FALLBACK_SHOWN = "fallback_shown"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """Name what moves a hand-over."""

    REQUEST = "request"
    NOTIFY = "notify"
    REACH = "reach"  # a notice left the server while it is offered, or after nobody was free
    OFFER = "offer"
    DECLINE = "decline"
    LAPSE = "lapse"  # an offer ran out unanswered
    CLAIM = "claim"
    ANSWER = "answer"
    PASS_BACK = "pass_back"  # noqa: S105
    DANGER = "danger"  # the peer fears for a life
    ASK_TO_PASS = "ask_to_pass"  # noqa: S105  the peer asks; only the employee's consent passes a talk on
    KEEP_PEER = "keep_peer"  # the employee says no to that
    PASS_ON = "pass_on"  # noqa: S105
    REMIND = "remind"
    FALL_BACK = "fall_back"
    ALARM = "alarm"
    ACKNOWLEDGE = "acknowledge"
    KEEP_WAITING = "keep_waiting"
    HURRY = "hurry"
    WATCH = "watch"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    EXPIRE = "expire"
    REOPEN = "reopen"
    LET_READ = "let_read"  # the employee opens a talk that broke off to whoever takes the request next


class Wish(StrEnum):
    """Say what would help the employee."""

    LISTEN = "listen"
    IDEAS = "ideas"
    PRACTICAL = "practical"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Preference:
    """Hold whom an employee would rather meet. avoid_unit: nobody from there. language: ISO 639-1; a wish, not a condition."""

    avoid_unit: str | None = None
    language: str | None = None


class PassTo(StrEnum):
    """Say to whom a peer would like to pass a talk."""

    PEER = "peer"
    COORDINATOR = "coordinator"


class EarlierTalk(StrEnum):
    """Say who reads a talk that broke off because the peer had to go or vanished."""

    KEPT = "kept"  # nobody but the employee
    OPENED = "opened"  # whoever takes the request next, because the employee said so


class Author(StrEnum):
    """Say which side of a hand-over speaks."""

    EMPLOYEE = "employee"
    PEER = "peer"


class Audience(StrEnum):
    """Say whom a notice is for."""

    ON_DUTY = "on_duty"
    ALL_PEERS = "all_peers"
    COORDINATORS = "coordinators"
    DANGER = "danger"  # to coordinators: a peer fears for a life in a talk that goes on
    DRILL = "drill"  # the daily test of the path; nobody waits


@dataclass(frozen=True, slots=True)
class Presence:
    """Hold when one side was last seen, last typed, last wrote, and the number of the last message it has fetched."""

    seen_at: datetime | None = None
    typing_at: datetime | None = None
    wrote_at: datetime | None = None
    read_seq: int = 0


@dataclass(frozen=True, slots=True)
class Handover:
    """Hold one request for a person as it is stored.

    id: random, 32 hexadecimal digits. version: grows by one with each act; every change is conditional on it.
    waiting_since: start of the present wait, from which reminders count. reminders: how many were due in this wait.
    due_at: when a timer must look at it next; never None, so that nothing is forgotten.
    last_seq: number of the newest message, 0 before the first.
    offered_to, offered_until: the one peer who is asked just now. pass_asked: the peer asks to pass it on; to whom, None when not asked.
    avoid_unit: part of the organisation that the employee does not want to meet. language: ISO 639-1, preferred.
    for_coordinator: only a coordinator who is a trained peer may take it.
    """

    id: str
    state: HandoverState
    version: int
    urgent: bool
    country: str | None
    wish: Wish
    asked_at: datetime
    state_since: datetime
    waiting_since: datetime
    due_at: datetime
    sealed_key: SealedKey
    sealed_letter: bytes = field(repr=False)
    reminders: int = 0
    peer_id: str | None = None
    notified_at: datetime | None = None
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    last_seq: int = 0
    employee: Presence = Presence()
    peer: Presence = Presence()
    offered_to: str | None = None
    offered_until: datetime | None = None
    pass_asked: PassTo | None = None
    avoid_unit: str | None = None
    language: str | None = None
    for_coordinator: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one content-free notice to send. key: idempotency key, the same on every try. due_at: time of the next try."""

    key: str
    handover_id: str
    audience: Audience
    urgent: bool
    due_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one act on one hand-over: stored only while the row still is as `before`.

    excluded_peer: a peer to whom it must not go again in this round. actor: the role that acted, for the event row.
    record: a line for a peer's load. limit: what must still hold for a claim, checked in the same transaction.
    """

    act: Act
    before: Handover
    after: Handover
    at: datetime
    actor: Role | None
    notices: tuple[Notice, ...] = ()
    excluded_peer: str | None = None
    record: PeerRecord | None = None
    limit: ClaimLimit | None = None


@dataclass(frozen=True, slots=True)
class HandoverEvent:
    """Hold one line of a hand-over's history, without content."""

    version: int
    act: Act
    state: HandoverState
    at: datetime
    actor: Role | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """Hold one message as stored. seq: from 1, without gaps within a hand-over. client_key: makes a resend harmless."""

    handover_id: str
    seq: int
    author: Author
    client_key: str
    sent_at: datetime
    sealed_text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message in the clear, for the two people who write to each other."""

    seq: int
    author: Author
    sent_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asker:
    """Speak as the employee who made a request; the token is the only proof and is known to their browser alone."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerSeat:
    """Speak as the peer who holds hand-over `handover_id`."""

    caller: Caller
    handover_id: str


Side = Asker | PeerSeat


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold a fresh request: its id, and the token that only the employee's browser keeps."""

    handover_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerCard:
    """Hold what an employee may know of a peer."""

    pseudonym: str
    trained_since: date | None


@dataclass(frozen=True, slots=True)
class HandoverStatus:
    """Say how a hand-over stands, for either side.

    expected_by: end of the present wait (an answer, or the words that nobody is free), None when nothing is awaited.
    is_notice_delivered: False while no notice has left the server yet. other_is_present: seen within 60 s.
    is_other_typing: within 6 s. read_by_other: number of the last message that the other side has fetched.
    needs_check_in: the employee has been silent for 10 minutes after a message of the peer. pass_asked: the peer asks the employee's
    consent to pass the talk on, and to whom. is_offered: one peer is being asked just now. waiting_since: start of the present wait.
    answered_at: when the present peer wrote first; peers' messages before it are an earlier peer's. None before that.
    earlier_talk: None unless a talk broke off in this request.
    """

    handover_id: str
    state: HandoverState
    urgent: bool
    wish: Wish
    asked_at: datetime
    expected_by: datetime | None
    is_notice_delivered: bool
    peer: PeerCard | None
    other_is_present: bool
    is_other_typing: bool
    read_by_other: int
    needs_check_in: bool
    last_seq: int
    pass_asked: PassTo | None = None
    is_offered: bool = False
    waiting_since: datetime | None = None
    answered_at: datetime | None = None
    earlier_talk: EarlierTalk | None = None


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """Hold what peers see of a request before they take it: no letter. offered_until: it is offered to this peer alone until then."""

    handover_id: str
    state: HandoverState
    urgent: bool
    wish: Wish
    country: str | None
    asked_at: datetime
    offered_until: datetime | None = None
    language: str | None = None


class Availability(StrEnum):
    """Say whether any trained peer is on duty. A bucket, never a promise and never a count. BUSY: none of them can take a request now."""

    NONE = "none"
    BUSY = "busy"
    SOME = "some"
