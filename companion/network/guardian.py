"""The load guardian: how much each peer carries, for the peer and for coordinators. Counts only; never a word, never a person who asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from companion.models_duty import NoticeHealth, PeerDeed, PeerLoad, PeerRecord
from companion.models_staff import Caller, DutyStatus, Role, StaffMember
from companion.network.assignment import DAY, is_on_duty, is_trained
from companion.network.duty import staff_id_of
from companion.network.permissions import Permission, requires
from companion.network.turns import Turns
from companion.ports import Clock

RENEW_WITHIN = timedelta(days=30)
"""Chosen by us: a month is enough to plan a renewal."""
DEBRIEF_WISHED_FOR = timedelta(days=7)
"""Chosen by us: a wish for a debrief stays on the coordinators' page for a week, and a debrief that was missed is asked again as long."""
_ENDED = frozenset({PeerDeed.ENDED, PeerDeed.ENDED_URGENT})
_ANSWERED = frozenset({PeerDeed.DEBRIEFED, PeerDeed.HEAVY, PeerDeed.WANTS_DEBRIEF})


@dataclass(frozen=True, slots=True)
class PeerStanding:
    """Hold what a coordinator sees of one peer.

    is_full: no more talks today, or as many open as allowed. renew_by: last day of a sign-off that ends within 30 days or has ended, None
    when all is well. wants_debrief: asked for a talk about a talk within the last seven days. danger_at: when they last pressed the safety
    button within the last 24 hours.
    """

    staff_id: str
    pseudonym: str
    status: DutyStatus
    load: PeerLoad
    is_trained: bool
    is_full: bool
    renew_by: date | None
    wants_debrief: bool
    danger_at: datetime | None = None


@dataclass(frozen=True)
class LoadGuardian:
    """Show load and take debriefs. All methods may raise StoreUnavailable."""

    turns: Turns
    clock: Clock

    @requires(Permission.TALK)
    def mine(self, caller: Caller) -> PeerLoad:
        """Return the caller's own load. Raises: NotFound."""
        peer_id = staff_id_of(caller)
        self.turns.staff.get(peer_id)
        return self.turns.loads(self.clock.now())[peer_id]

    @requires(Permission.TALK)
    def renew_by(self, caller: Caller) -> date | None:
        """Return the last day of the caller's own sign-off when it ends within 30 days or has ended, None when all is well. Raises: NotFound."""
        return _renew_by(self.turns.staff.get(staff_id_of(caller)), self.clock.now())

    @requires(Permission.TALK)
    def debrief(self, caller: Caller, *, was_heavy: bool, wants_talk: bool) -> None:
        """Note after a talk that it was heavy, so that the peer may rest, and that they would like to talk about it. Nothing else is kept but
        that the debrief was answered.
        """
        peer_id, now = staff_id_of(caller), self.clock.now()
        self.turns.book.add_record(PeerRecord(peer_id, PeerDeed.DEBRIEFED, now))
        if was_heavy:
            self.turns.book.add_record(PeerRecord(peer_id, PeerDeed.HEAVY, now))
        if wants_talk:
            self.turns.book.add_record(PeerRecord(peer_id, PeerDeed.WANTS_DEBRIEF, now))

    @requires(Permission.TALK)
    def awaits_debrief(self, caller: Caller) -> bool:
        """Tell whether a talk of the caller has ended within the last seven days and no debrief was answered since."""
        peer_id = staff_id_of(caller)
        deeds = [(record.deed in _ENDED, record.deed in _ANSWERED) for record in self._recent() if record.staff_id == peer_id]
        last_end = max((place for place, (ended, _) in enumerate(deeds) if ended), default=-1)
        return last_end >= 0 and not any(answered for _, answered in deeds[last_end + 1 :])

    def _recent(self) -> tuple[PeerRecord, ...]:
        return self.turns.book.records(self.clock.now() - DEBRIEF_WISHED_FOR)

    @requires(Permission.SEE_LOAD)
    def peers(self, caller: Caller) -> tuple[PeerStanding, ...]:  # noqa: ARG002
        """Return all peers: who feared for a life first, then who wishes a debrief, then who carries most."""
        now = self.clock.now()
        loads, records = self.turns.loads(now), self._recent()
        wishing = {record.staff_id for record in records if record.deed is PeerDeed.WANTS_DEBRIEF}
        danger = {record.staff_id: record.at for record in records if record.deed is PeerDeed.DANGER and record.at > now - DAY}
        standings = [
            replace(self._standing(member, loads[member.id], now), wants_debrief=member.id in wishing, danger_at=danger.get(member.id))
            for member in self.turns.staff.members()
            if Role.PEER in member.roles and not member.is_suspended
        ]
        return tuple(
            sorted(standings, key=lambda peer: (peer.danger_at is None, not peer.wants_debrief, -peer.load.weight, peer.pseudonym))
        )

    @requires(Permission.SEE_LOAD)
    def notice_health(self, caller: Caller) -> NoticeHealth:  # noqa: ARG002
        """Return when the notices to peers last worked, last failed and were last tested."""
        return self.turns.book.notice_health()

    def _standing(self, member: StaffMember, load: PeerLoad, now: datetime) -> PeerStanding:
        rules = self.turns.rules
        return PeerStanding(
            staff_id=member.id,
            pseudonym=member.pseudonym,
            status=DutyStatus.AWAY if member.status is DutyStatus.ON_DUTY and not is_on_duty(member, now) else member.status,
            load=load,
            is_trained=is_trained(member, now),
            is_full=load.held >= rules.max_held or load.taken_day >= rules.max_per_day,
            renew_by=_renew_by(member, now),
            wants_debrief=False,
        )


def _renew_by(member: StaffMember, now: datetime) -> date | None:
    until = member.trained_until
    return until if until is not None and until - now.date() <= RENEW_WITHIN else None
