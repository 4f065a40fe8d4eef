"""Who is there: duty status of peers, whether anybody is on duty, and the alarms of coordinators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.errors import NotAllowed, WrongState
from companion.models_people import Act, Availability, HandoverState, QueueEntry
from companion.models_staff import AccessEntry, Caller, DutyChange, DutyStatus, Role, StaffMember
from companion.network.acting import MAX_TRIES, act_on
from companion.network.escalation import EscalationTimes, Move, change
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports import Clock
from companion.ports_people import AccessLog, HandoverStore, StaffDirectory

DUTY_EXPIRES_AFTER = timedelta(hours=12)
"""Chosen by us: longer than any shift; who forgot to sign off does not count as on duty the day after."""
TROUBLED_AFTER_ATTEMPTS = 5
"""Chosen by us: about half a minute of retries; a notice that failed so often shows on the coordinator's page."""


@dataclass(frozen=True)
class DutyService:
    """Keep the duty status of peers and the coordinators' alarms. All methods may raise StoreUnavailable."""

    store: HandoverStore
    staff: StaffDirectory
    access_log: AccessLog
    clock: Clock
    times: EscalationTimes
    wake: Callable[[], None]

    @for_anyone(Permission.ASK_FOR_PERSON)
    def availability(self) -> Availability:
        """Tell whether any trained peer is on duty now; a bucket, never a promise."""
        return availability(self.staff, self.clock.now())

    @requires(Permission.SET_OWN_DUTY)
    def status(self, caller: Caller) -> DutyStatus:
        """Return the caller's own status; a duty declared more than 12 hours ago counts as away."""
        member = self.staff.get(staff_id_of(caller))
        is_stale = member.status is DutyStatus.ON_DUTY and not _is_recent(member, self.clock.now())
        return DutyStatus.AWAY if is_stale else member.status

    @requires(Permission.SET_OWN_DUTY)
    def set_status(self, caller: Caller, status: DutyStatus) -> None:
        """Set the caller's own status. `not_today` passes all their talks to others in the same transaction."""
        self._stand(DutyChange(staff_id_of(caller), DutyStatus(status), self.clock.now()))

    @requires(Permission.MANAGE_STAFF)
    def suspend(self, caller: Caller, staff_id: str) -> None:
        """Lock an account, end its sessions and pass all its talks to others in one transaction. Raises: NotFound."""
        self._stand(DutyChange(staff_id, DutyStatus.NOT_TODAY, self.clock.now(), is_suspended=True))
        role = Role.COORDINATOR if Role.COORDINATOR in caller.roles else Role.OPERATOR
        self.access_log.append(AccessEntry(self.clock.now(), caller.pseudonym, role, "suspended", "account"))

    @requires(Permission.MANAGE_STAFF)
    def reinstate(self, caller: Caller, staff_id: str) -> None:  # noqa: ARG002
        """Unlock an account; its owner signs in again and stands at `away`. Raises: NotFound."""
        self._stand(DutyChange(staff_id, DutyStatus.AWAY, self.clock.now(), is_suspended=False))

    @requires(Permission.SEE_ALARMS)
    def alarms(self, caller: Caller) -> tuple[QueueEntry, ...]:  # noqa: ARG002
        """Return requests that nobody took in time, urgent first; without letter."""
        return tuple(
            QueueEntry(h.id, h.state, h.urgent, h.wish, h.country, h.asked_at)
            for h in self.store.waiting()
            if h.state is HandoverState.FALLBACK_SHOWN and (h.urgent or h.acknowledged_at is None)
        )

    @requires(Permission.SEE_ALARMS)
    def acknowledge(self, caller: Caller, handover_id: str) -> None:  # noqa: ARG002
        """Stop the repeated alarm of a request; an urgent one alerts on until somebody takes it. Raises: NotFound, WrongState."""
        now = self.clock.now()
        act_on(
            self.store,
            lambda: self.store.get(handover_id),
            lambda handover: change(handover, Move(Act.ACKNOWLEDGE, now, Role.COORDINATOR), self.times),
        )

    @requires(Permission.SEE_ALARMS)
    def count_troubled_notices(self, caller: Caller) -> int:  # noqa: ARG002
        """Return how many notices still wait after five or more tries; above 0 the notice channel is broken."""
        return self.store.count_unsent(TROUBLED_AFTER_ATTEMPTS)

    def _stand(self, duty: DutyChange) -> None:
        """Store a status, with all talks of the member passed back when they leave."""
        self.staff.get(duty.staff_id)
        for _ in range(MAX_TRIES):
            is_leaving = duty.status is DutyStatus.NOT_TODAY
            held = self.store.held_by(duty.staff_id) if is_leaving else ()
            leaving = Move(Act.PASS_BACK, duty.at, Role.PEER, excluded_peer=duty.staff_id)
            moves = [change(handover, leaving, self.times) for handover in held]
            if self.store.apply(moves, duty):
                self.wake()
                return
        raise WrongState("the talks keep changing; set the status again.")


def availability(staff: StaffDirectory, now: datetime) -> Availability:
    """Tell whether any trained peer has been on duty for less than 12 hours. Raises: StoreUnavailable."""
    on_duty = (m for m in staff.members() if m.status is DutyStatus.ON_DUTY and is_trained(m, now) and _is_recent(m, now))
    return Availability.SOME if any(on_duty) else Availability.NONE


def is_trained(member: StaffMember, now: datetime) -> bool:
    """Tell whether a member may talk: a peer, not suspended, with a training sign-off."""
    is_signed_off = member.trained_since is not None and member.trained_since <= now.date()
    return Role.PEER in member.roles and not member.is_suspended and is_signed_off


def staff_id_of(caller: Caller) -> str:
    """Return the account behind a caller. Raises: NotAllowed when there is none."""
    if caller.staff_id is None:
        raise NotAllowed("sign in first.")
    return caller.staff_id


def _is_recent(member: StaffMember, now: datetime) -> bool:
    return now - member.status_since < DUTY_EXPIRES_AFTER
