"""The state machine of a hand-over: which act may follow which, and when a timer must look again. Pure: no clock, no store.

    requested ─▶ notified ─▶ claimed ─▶ active ─▶ closed
      │  ▲          │  ▲      ▲ │          │         │
      │  offered ◀──┤  │      │ └────┬─────┘      reopen
      │    │ └──────┼──┼──────┘      ▼               │
      └────┴──┬─────┘  │ ┌────── requeued ◀──────────┘        withdrawn: from every open state
              ▼        │ ▼
       fallback_shown ─┘ offered …                            an offer that is declined or runs out: requeued

Every state but withdrawn has a next step by itself: `due_at` is never empty, and `overdue_act` names what is due. A request is therefore
claimed, told that nobody is free, or closed; never left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from companion.errors import WrongState
from companion.models_duty import ClaimLimit, PeerDeed, PeerRecord
from companion.models_people import Act, Audience, Change, Handover, HandoverState, Notice, PassTo, Presence
from companion.models_staff import Role

_S = HandoverState
UNOFFERED = frozenset({_S.REQUESTED, _S.NOTIFIED, _S.REQUEUED})
WAITING = UNOFFERED | {_S.OFFERED}
UNCLAIMED = WAITING | {_S.FALLBACK_SHOWN}
HELD = frozenset({_S.CLAIMED, _S.ACTIVE})
OPEN = UNCLAIMED | HELD
ENDED = frozenset({_S.CLOSED, _S.WITHDRAWN})

_EXCLUDING = frozenset({Act.PASS_BACK, Act.PASS_ON, Act.DECLINE})
"""The acts after which a request does not go to the same peer again."""

HEARTBEAT_LOST_AFTER = timedelta(seconds=60)
"""Chosen by us: three missed ten-second polls of a phone that changes network, doubled."""
TYPING_SHOWN_FOR = timedelta(seconds=6)
"""Chosen by us: one poll of two seconds may get lost without flicker."""
CHECK_IN_AFTER = timedelta(minutes=10)
"""Chosen by us: a gentle question after ten silent minutes."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Allow an act from some states. after: the state that follows, None when it stays, but for `ends_offer`."""

    before: frozenset[HandoverState]
    after: HandoverState | None
    ends_offer: bool = False

    def state_after(self, state: HandoverState) -> HandoverState:
        """Return the state that follows on one of `before`."""
        if self.ends_offer and state is _S.OFFERED:
            return _S.REQUEUED
        return self.after or state


TRANSITIONS: Mapping[Act, Transition] = {
    Act.NOTIFY: Transition(frozenset({_S.REQUESTED, _S.REQUEUED}), _S.NOTIFIED),
    Act.REACH: Transition(frozenset({_S.FALLBACK_SHOWN, _S.OFFERED}), None),
    Act.OFFER: Transition(UNOFFERED, _S.OFFERED),
    Act.DECLINE: Transition(frozenset({_S.OFFERED}), _S.REQUEUED),
    Act.LAPSE: Transition(frozenset({_S.OFFERED}), _S.REQUEUED),
    Act.CLAIM: Transition(UNCLAIMED, _S.CLAIMED),
    Act.ANSWER: Transition(frozenset({_S.CLAIMED}), _S.ACTIVE),
    Act.PASS_BACK: Transition(HELD, _S.REQUEUED),
    Act.DANGER: Transition(HELD, None),
    Act.ASK_TO_PASS: Transition(frozenset({_S.ACTIVE}), None),
    Act.KEEP_PEER: Transition(frozenset({_S.ACTIVE}), None),
    Act.PASS_ON: Transition(frozenset({_S.ACTIVE}), _S.REQUEUED),
    Act.REMIND: Transition(WAITING, None),
    Act.FALL_BACK: Transition(WAITING, _S.FALLBACK_SHOWN),
    Act.ALARM: Transition(frozenset({_S.FALLBACK_SHOWN}), None),
    Act.ACKNOWLEDGE: Transition(frozenset({_S.FALLBACK_SHOWN}), None),
    Act.KEEP_WAITING: Transition(frozenset({_S.FALLBACK_SHOWN}), _S.REQUEUED),
    Act.HURRY: Transition(OPEN, None, ends_offer=True),
    Act.WATCH: Transition(frozenset({_S.ACTIVE}), None),
    Act.WITHDRAW: Transition(OPEN, _S.WITHDRAWN),
    Act.CLOSE: Transition(HELD, _S.CLOSED),
    Act.EXPIRE: Transition(UNCLAIMED, _S.CLOSED),
    Act.REOPEN: Transition(frozenset({_S.CLOSED}), _S.REQUEUED),
    Act.LET_READ: Transition(OPEN, None),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Hold how long things may take for one urgency.

    steps: moments of the present wait at which everybody on duty is reminded, all peers are asked, and the employee is told that
    nobody is free. Order of size from Crisis Text Line's published aim of five minutes for high risk and from on-call practice
    (acknowledge, next level, repeat); the figures are chosen by us.
    first_reply: from claim to the peer's first message. alarm_every: repeat for coordinators while nobody has taken it.
    """

    steps: tuple[timedelta, timedelta, timedelta]
    first_reply: timedelta
    alarm_every: timedelta


@dataclass(frozen=True, slots=True)
class EscalationTimes:
    """Hold every duration of the state machine.

    watch_every: how often an active talk is looked at. silent_close: both sides silent. expire: a request nobody ever took.
    retention: from closed or withdrawn to deletion (DESIGN 5).
    """

    urgent: Patience = Patience(
        (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10)), timedelta(minutes=3), timedelta(minutes=5)
    )
    normal: Patience = Patience(
        (timedelta(minutes=15), timedelta(minutes=60), timedelta(minutes=120)), timedelta(minutes=15), timedelta(minutes=60)
    )
    watch_every: timedelta = timedelta(seconds=60)
    silent_close: timedelta = timedelta(hours=24)
    expire: timedelta = timedelta(days=7)
    retention: timedelta = timedelta(days=7)

    def patience(self, urgent: bool) -> Patience:
        """Return the durations that hold for an urgency."""
        return self.urgent if urgent else self.normal


@dataclass(frozen=True, slots=True)
class Move:
    """Say what somebody, or a timer, wants to do with a hand-over.

    actor: None for a timer. claimed_by: the peer who takes it (CLAIM). excluded_peer: who must not get it again (PASS_BACK, DECLINE).
    offered_to, offered_until: who is asked, and how long (OFFER). pass_to: to whom the peer would pass it (ASK_TO_PASS).
    limit: what must hold for the claim (CLAIM).
    """

    act: Act
    at: datetime
    actor: Role | None = None
    claimed_by: str | None = None
    excluded_peer: str | None = None
    offered_to: str | None = None
    offered_until: datetime | None = None
    pass_to: PassTo | None = None
    limit: ClaimLimit | None = None


def change(handover: Handover, move: Move, times: EscalationTimes) -> Change:
    """Return the change that a move brings, with the time at which it is due next and the notices to send.

    Raises: WrongState when the act is not allowed in the present state.
    """
    act, now = move.act, move.at
    transition = TRANSITIONS[act]
    if handover.state not in transition.before:
        raise WrongState(f"hand-over {handover.id}: '{act}' is not possible while it is '{handover.state}'.")
    moved = _marked(replace(handover, version=handover.version + 1), move)
    after = transition.state_after(handover.state)
    if after is not handover.state:
        moved = replace(moved, state=after, state_since=now)
    if moved.state in ENDED:
        moved = replace(moved, closed_at=now)
    if moved.state is not _S.OFFERED:
        moved = replace(moved, offered_to=None, offered_until=None)
    moved = replace(moved, due_at=next_due(moved, now, times))
    excluded = move.excluded_peer if act in _EXCLUDING else None
    return Change(act, handover, moved, now, move.actor, _notices(moved, act, now), excluded, _record(handover, move), move.limit)


def _marked(handover: Handover, move: Move) -> Handover:
    """Set the marks of the wait: who holds it, since when it waits, how often it was reminded."""
    match move.act:
        case Act.NOTIFY | Act.REACH:
            handover = replace(handover, notified_at=move.at)
        case Act.CLAIM:
            handover = replace(handover, peer_id=move.claimed_by, peer=Presence(seen_at=move.at))
        case Act.OFFER:
            handover = replace(handover, offered_to=move.offered_to, offered_until=move.offered_until)
        case Act.ASK_TO_PASS:
            handover = replace(handover, pass_asked=move.pass_to)
        case Act.KEEP_PEER:
            handover = replace(handover, pass_asked=None)
        case Act.FALL_BACK:
            handover = replace(handover, for_coordinator=False)  # better any trained peer than nobody
        case Act.REMIND:
            handover = replace(handover, reminders=handover.reminders + 1)
        case Act.ACKNOWLEDGE:
            handover = replace(handover, acknowledged_at=move.at)
        case Act.DANGER:
            handover = replace(handover, urgent=True)
        case Act.HURRY:
            handover = replace(handover, urgent=True)
            handover = _new_wait(handover, move.at) if handover.state in WAITING else handover
        case Act.PASS_BACK | Act.PASS_ON | Act.KEEP_WAITING | Act.REOPEN:
            is_for_coordinator = handover.pass_asked is PassTo.COORDINATOR if move.act is Act.PASS_ON else handover.for_coordinator
            handover = replace(_new_wait(handover, move.at), peer_id=None, peer=Presence(), closed_at=None, pass_asked=None)
            handover = replace(handover, for_coordinator=is_for_coordinator)
        case _:
            pass
    return handover


def _new_wait(handover: Handover, now: datetime) -> Handover:
    return replace(handover, waiting_since=now, reminders=0, notified_at=None, acknowledged_at=None)


def next_due(handover: Handover, now: datetime, times: EscalationTimes) -> datetime:
    """Return when a timer must look at the hand-over next."""
    patience = times.patience(handover.urgent)
    match handover.state:
        case _S.CLAIMED:
            return handover.state_since + patience.first_reply
        case _S.ACTIVE:
            return now + times.watch_every
        case _S.FALLBACK_SHOWN:
            expires = handover.waiting_since + times.expire
            is_quiet = handover.acknowledged_at is not None and not handover.urgent
            return expires if is_quiet else min(expires, now + patience.alarm_every)
        case _S.CLOSED | _S.WITHDRAWN:
            return (handover.closed_at or now) + times.retention
        case _S.OFFERED:
            return handover.offered_until or now
        case _:
            return handover.waiting_since + patience.steps[min(handover.reminders, len(patience.steps) - 1)]


def overdue_act(handover: Handover, now: datetime, times: EscalationTimes) -> Act | None:
    """Return what must happen to a hand-over whose `due_at` has come; None when it has ended and must be erased."""
    patience = times.patience(handover.urgent)
    match handover.state:
        case _S.CLAIMED:
            return Act.PASS_BACK
        case _S.ACTIVE:
            return _overdue_talk(handover, now, times)
        case _S.FALLBACK_SHOWN:
            return Act.EXPIRE if now >= handover.waiting_since + times.expire else Act.ALARM
        case _S.CLOSED | _S.WITHDRAWN:
            return None
        case _S.OFFERED:
            return Act.LAPSE
        case _:
            is_over = handover.reminders + 1 >= len(patience.steps) or now >= handover.waiting_since + patience.steps[-1]
            return Act.FALL_BACK if is_over else Act.REMIND


def _record(before: Handover, move: Move) -> PeerRecord | None:
    """Return the line that an act adds to a peer's load, None when it adds nothing."""
    ended = PeerDeed.ENDED_URGENT if before.urgent else PeerDeed.ENDED
    who, deed = {
        Act.OFFER: (move.offered_to, PeerDeed.OFFERED),
        Act.DECLINE: (before.offered_to, PeerDeed.DECLINED),
        Act.LAPSE: (before.offered_to, PeerDeed.LAPSED),
        Act.CLAIM: (move.claimed_by, PeerDeed.CLAIMED),
        Act.DANGER: (before.peer_id, PeerDeed.DANGER),
        Act.CLOSE: (before.peer_id, ended),
        Act.PASS_ON: (before.peer_id, ended),
        Act.WITHDRAW: (before.peer_id, ended),
    }.get(move.act, (None, ended))
    return PeerRecord(who, deed, move.at) if who is not None else None


def _overdue_talk(handover: Handover, now: datetime, times: EscalationTimes) -> Act:
    """Decide about an active talk: the peer vanished while the employee waits, both are silent for a day, or all is well."""
    employee_wrote = handover.employee.wrote_at or handover.state_since
    peer_wrote = handover.peer.wrote_at or handover.state_since
    peer_seen = max(handover.peer.seen_at or peer_wrote, peer_wrote)
    patience = times.patience(handover.urgent)
    if employee_wrote > peer_wrote and now - max(peer_seen, employee_wrote) >= patience.first_reply:
        return Act.PASS_BACK
    if now - max(employee_wrote, peer_wrote) >= times.silent_close:
        return Act.CLOSE
    return Act.WATCH


def first_notices(handover: Handover, now: datetime, audiences: tuple[Audience, ...]) -> tuple[Notice, ...]:
    """Return the notices of a new request."""
    return tuple(_notice(handover, audience, now) for audience in audiences)


def _notices(handover: Handover, act: Act, now: datetime) -> tuple[Notice, ...]:
    """Say who must hear of an act: the ring grows from those on duty to all peers to the coordinators."""
    match act:
        case Act.PASS_BACK | Act.PASS_ON | Act.KEEP_WAITING | Act.REOPEN | Act.HURRY:
            audiences: tuple[Audience, ...] = () if handover.state in HELD else (Audience.ON_DUTY,)
            audiences = (*audiences, Audience.COORDINATORS) if handover.for_coordinator else audiences
        case Act.REMIND:
            audiences = (Audience.ON_DUTY,) if handover.reminders == 1 else (Audience.ALL_PEERS,)
        case Act.DANGER:
            audiences = (Audience.DANGER,)
        case Act.FALL_BACK | Act.ALARM:
            audiences = (Audience.ALL_PEERS, Audience.COORDINATORS) if handover.urgent else (Audience.COORDINATORS,)
        case _:
            audiences = ()
    return first_notices(handover, now, audiences)


def _notice(handover: Handover, audience: Audience, now: datetime) -> Notice:
    return Notice(f"{handover.id}-{handover.version}-{audience}", handover.id, audience, handover.urgent, now)
