"""Who is there: duty status of peers, whether anybody is on duty, and the alarms of coordinators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from companion.errors import NotAllowed, WrongState
from companion.models_people import Act, Availability, Handover, HandoverState, QueueEntry
from companion.models_staff import AccessEntry, Caller, DutyChange, DutyStatus, Role
from companion.network.acting import MAX_TRIES, act_on
from companion.network.assignment import DUTY_EXPIRES_AFTER
from companion.network.escalation import EscalationTimes, Move, change
from companion.network.permissions import Permission, for_anyone, requires
from companion.network.turns import Turns
from companion.ports import Clock
from companion.ports_people import AccessLog, HandoverStore, StaffDirectory

_LOOK_EVERY = timedelta(seconds=30)
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
    turns: Turns
    wake: Callable[[], None]

    @for_anyone(Permission.ASK_FOR_PERSON)
    def availability(self) -> Availability:
        """Tell whether any trained peer is on duty now, and free; a bucket, never a promise."""
        return self.turns.availability(self.clock.now())

    @for_anyone(Permission.ASK_FOR_PERSON)
    def units(self) -> tuple[str, ...]:
        """Return the parts of the organisation from which an employee may ask to meet nobody; empty when fewer than two are known."""
        return self.turns.units(self.clock.now())

    @requires(Permission.SET_OWN_DUTY)
    def status(self, caller: Caller) -> DutyStatus:
        """Return the caller's own status; one declared more than 12 hours ago counts as away."""
        member = self.staff.get(staff_id_of(caller))
        is_stale = self.clock.now() - member.status_since >= DUTY_EXPIRES_AFTER
        return DutyStatus.AWAY if is_stale else member.status

    @requires(Permission.SET_OWN_DUTY)
    def look(self, caller: Caller) -> None:
        """Note that the caller's desk is open; requests are offered first to peers who look. Writes at most every 30 seconds."""
        member, now = self.staff.get(staff_id_of(caller)), self.clock.now()
        if member.seen_at is None or now - member.seen_at >= _LOOK_EVERY:
            self.staff.look(member.id, now)

    @requires(Permission.SET_OWN_DUTY)
    def set_status(self, caller: Caller, status: DutyStatus) -> None:
        """Set the caller's own status. `not_today` passes all their talks to others in the same transaction."""
        self._stand(DutyChange(staff_id_of(caller), DutyStatus(status), self.clock.now()))

    @requires(Permission.MANAGE_STAFF)
    def suspend(self, caller: Caller, staff_id: str) -> None:
        """Lock an account, end its sessions and pass all its talks to others in one transaction. Raises: NotFound."""
        self._stand(DutyChange(staff_id, DutyStatus.NOT_TODAY, self.clock.now(), is_suspended=True))
        self._note(caller, "suspended")

    @requires(Permission.MANAGE_STAFF)
    def reinstate(self, caller: Caller, staff_id: str) -> None:
        """Unlock an account; its owner signs in again and stands at `away`. Raises: NotFound."""
        self._stand(DutyChange(staff_id, DutyStatus.AWAY, self.clock.now(), is_suspended=False))
        self._note(caller, "reinstated")

    @requires(Permission.SEE_ALARMS)
    def alarms(self, caller: Caller) -> tuple[QueueEntry, ...]:  # noqa: ARG002
        """Return requests that nobody took in time, and urgent ones that nobody on duty can take just now; urgent first, without letter."""
        return tuple(
            QueueEntry(h.id, h.state, h.urgent, h.wish, h.country, h.asked_at) for h in self.store.waiting() if self._is_alarming(h)
        )

    def _is_alarming(self, handover: Handover) -> bool:
        if handover.state is HandoverState.FALLBACK_SHOWN:
            return handover.urgent or handover.acknowledged_at is None
        # The only one on duty rests after a heavy talk, or has just passed this one on: a coordinator must know now, not in ten minutes.
        return handover.urgent and not self.turns.can_be_taken(handover, self.clock.now())

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

    def _note(self, caller: Caller, act: str) -> None:
        role = Role.COORDINATOR if Role.COORDINATOR in caller.roles else Role.OPERATOR
        self.access_log.append(AccessEntry(self.clock.now(), caller.pseudonym, role, act, "account"))

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


def staff_id_of(caller: Caller) -> str:
    """Return the account behind a caller. Raises: NotAllowed when there is none."""
    if caller.staff_id is None:
        raise NotAllowed("sign in first.")
    return caller.staff_id
