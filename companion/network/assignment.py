"""Who may take a request, and whose turn it is. Pure: no clock, no store. The simulation in evals runs exactly this.

Fair turns: among the peers who may, the one with the least recent load comes first, then the one whose last talk lies furthest back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from companion.models_duty import ClaimLimit, DutyRules, Hindrance, PeerDeed, PeerLoad, PeerRecord
from companion.models_staff import DutyStatus, Role, StaffMember

DUTY_EXPIRES_AFTER = timedelta(hours=12)
"""Chosen by us: longer than any shift; who forgot to sign off does not count as on duty the day after."""
DAY = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TAXING = frozenset({PeerDeed.ENDED_URGENT, PeerDeed.HEAVY})


@dataclass(frozen=True, slots=True)
class Need:
    """Hold what a request asks of a peer.

    excluded: peers who gave it back or were left. avoid_unit: a part of the organisation that the employee does not want to meet.
    language: ISO 639-1, preferred and never demanded. for_coordinator: passed on to a coordinator who is a trained peer as well.
    """

    excluded: frozenset[str] = frozenset()
    avoid_unit: str | None = None
    language: str | None = None
    for_coordinator: bool = False


def load_of(peer_id: str, held: int, records: Iterable[PeerRecord], *, now: datetime, rules: DutyRules) -> PeerLoad:
    """Return the load of one peer, counted from all records of at least the last `rules.recent_days`."""
    mine = [record for record in records if record.staff_id == peer_id and record.at <= now]
    taken = [record.at for record in mine if record.deed is PeerDeed.CLAIMED]
    taxing = [record.at for record in mine if record.deed in _TAXING]
    recent = now - timedelta(days=rules.recent_days)
    rests_until = max(taxing) + rules.cool_down if taxing else None
    return PeerLoad(
        peer_id=peer_id,
        held=held,
        taken_day=sum(at > now - DAY for at in taken),
        taken_recent=sum(at > recent for at in taken),
        heavy_recent=sum(at > recent for at in taxing),
        last_taken_at=max(taken, default=None),
        rests_until=rests_until if rests_until is not None and rests_until > now else None,
    )


def is_signed_off(member: StaffMember, now: datetime) -> bool:
    """Tell whether the training sign-off holds on this day (UTC)."""
    today = now.date()
    has_begun = member.trained_since is not None and member.trained_since <= today
    return has_begun and (member.trained_until is None or today <= member.trained_until)


def is_trained(member: StaffMember, now: datetime) -> bool:
    """Tell whether a member may talk at all: a peer, not suspended, with a training sign-off that has not run out."""
    return Role.PEER in member.roles and not member.is_suspended and is_signed_off(member, now)


def is_on_duty(member: StaffMember, now: datetime) -> bool:
    """Tell whether a member declared to be on duty within the last 12 hours."""
    return member.status is DutyStatus.ON_DUTY and now - member.status_since < DUTY_EXPIRES_AFTER


def misfit(member: StaffMember, need: Need) -> Hindrance | None:
    """Return why a request is not for this peer at all, whatever their own state is; they do not even see that it waits."""
    tests = (
        (Hindrance.GAVE_IT_BACK, member.id in need.excluded),
        (Hindrance.SAME_UNIT, need.avoid_unit is not None and member.unit == need.avoid_unit),
        (Hindrance.FOR_COORDINATORS, need.for_coordinator and Role.COORDINATOR not in member.roles),
    )
    return next((reason for reason, stands_against in tests if stands_against), None)


def hindrance(member: StaffMember, load: PeerLoad, need: Need, *, now: datetime, rules: DutyRules) -> Hindrance | None:
    """Return the first reason why a peer cannot take a request now, None when nothing stands against it.

    Fit comes before state: who will never get this request learns that, and not that they should go on duty.
    """
    tests = (
        (Hindrance.SUSPENDED, member.is_suspended),
        (Hindrance.NOT_TRAINED, Role.PEER not in member.roles or member.trained_since is None),
        (Hindrance.SIGN_OFF_EXPIRED, not is_signed_off(member, now)),
        (misfit(member, need), True),
        (Hindrance.NOT_ON_DUTY, not is_on_duty(member, now)),
        (Hindrance.HOLDS_ENOUGH, load.held >= rules.max_held),
        (Hindrance.DAY_IS_FULL, load.taken_day >= rules.max_per_day),
        (Hindrance.RESTING, load.rests_until is not None),
    )
    return next((reason for reason, stands_against in tests if reason is not None and stands_against), None)


def in_turn(
    members: Iterable[StaffMember], loads: Mapping[str, PeerLoad], need: Need, *, now: datetime, rules: DutyRules
) -> tuple[str, ...]:
    """Return the ids of the peers who may take a request, whose turn it is first; empty when nobody may.

    loads: by peer; who has none carries nothing.
    """
    able = [
        (member, load)
        for member in members
        if hindrance(member, load := loads.get(member.id, PeerLoad(member.id)), need, now=now, rules=rules) is None
    ]
    able.sort(key=lambda pair: _turn(pair[0], pair[1], need))
    return tuple(member.id for member, _ in able)


def claim_limit(peer_id: str, *, now: datetime, rules: DutyRules) -> ClaimLimit:
    """Return what the store must still find true when this peer's claim is written."""
    return ClaimLimit(peer_id, rules.max_held, rules.max_per_day, now - DAY, now - DUTY_EXPIRES_AFTER, now - rules.cool_down)


def is_present(member: StaffMember, now: datetime, rules: DutyRules) -> bool:
    """Tell whether the peer's desk was looked at within `rules.present_within`."""
    return member.seen_at is not None and now - member.seen_at <= rules.present_within


def _turn(member: StaffMember, load: PeerLoad, need: Need) -> tuple[bool, int, datetime, str]:
    is_foreign = need.language is not None and need.language not in member.languages
    return is_foreign, load.weight, load.last_taken_at or _NEVER, member.id
