"""What either side may know of how a hand-over stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from companion.models_people import Author, Handover, HandoverState, HandoverStatus, PeerCard, Presence
from companion.network.escalation import CHECK_IN_AFTER, HEARTBEAT_LOST_AFTER, HELD, TYPING_SHOWN_FOR, WAITING, EscalationTimes


def status_for(
    handover: Handover, viewer: Author, peer: PeerCard | None, *, now: datetime, times: EscalationTimes, answered_at: datetime | None = None
) -> HandoverStatus:
    """Return the status as `viewer` may see it. peer: the card of who holds it, None when nobody does. answered_at: when they wrote first."""
    other = handover.peer if viewer is Author.EMPLOYEE else handover.employee
    is_held = handover.state in HELD
    return HandoverStatus(
        handover_id=handover.id,
        state=handover.state,
        urgent=handover.urgent,
        wish=handover.wish,
        asked_at=handover.asked_at,
        expected_by=_expected_by(handover, times),
        is_notice_delivered=handover.notified_at is not None or is_held,
        peer=peer,
        other_is_present=is_held and _is_within(other.seen_at, now, HEARTBEAT_LOST_AFTER),
        is_other_typing=is_held and _is_within(other.typing_at, now, TYPING_SHOWN_FOR),
        read_by_other=other.read_seq,
        needs_check_in=handover.state is HandoverState.ACTIVE and _is_silent(handover.employee, handover.peer, now),
        last_seq=handover.last_seq,
        pass_asked=handover.pass_asked,
        is_offered=handover.state is HandoverState.OFFERED,
        waiting_since=handover.waiting_since,
        answered_at=answered_at,
    )


def _expected_by(handover: Handover, times: EscalationTimes) -> datetime | None:
    if handover.state in WAITING:
        return handover.waiting_since + times.patience(handover.urgent).steps[-1]
    return handover.due_at if handover.state is HandoverState.CLAIMED else None


def _is_within(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    return moment is not None and now - moment <= span


def _is_silent(employee: Presence, peer: Presence, now: datetime) -> bool:
    """Tell whether the peer spoke last, and ten minutes ago."""
    if peer.wrote_at is None or (employee.wrote_at is not None and employee.wrote_at > peer.wrote_at):
        return False
    return now - peer.wrote_at >= CHECK_IN_AFTER
