"""The peer's side of the queue: see what waits, take it, give it back."""

from __future__ import annotations

from datetime import datetime

from companion.errors import NotAllowed, WrongState
from companion.models_duty import Hindrance
from companion.models_people import Act, Handover, HandoverState, PassTo, PeerSeat, QueueEntry
from companion.models_staff import Caller, Role, StaffMember
from companion.network.acting import act_on
from companion.network.assignment import Need, claim_limit, hindrance, is_trained, misfit
from companion.network.duty import staff_id_of
from companion.network.escalation import UNCLAIMED, Move, change
from companion.network.handover_parts import HandoverParts
from companion.network.permissions import Permission, requires

_FITTING = frozenset({Hindrance.GAVE_IT_BACK, Hindrance.SAME_UNIT, Hindrance.FOR_COORDINATORS})
"""Reasons that lie in the request: this peer does not see it."""


class PeerDesk(HandoverParts):
    """Serve the peer who takes requests. All methods raise NotAllowed without the permission, StoreUnavailable without a database."""

    @requires(Permission.SEE_QUEUE)
    def queue(self, caller: Caller) -> tuple[QueueEntry, ...]:
        """Return what this peer may claim once on duty and rested: urgent ones first, then what is offered to them, then oldest first.

        What is offered to somebody else just now is not in it.
        """
        member = self.staff.get(staff_id_of(caller))
        found = [handover for handover in self.store.waiting() if self._is_open_to(handover, member)]
        found.sort(key=lambda handover: (not handover.urgent, handover.offered_to != member.id))
        return tuple(_entry(handover) for handover in found)

    @requires(Permission.SEE_QUEUE)
    def hindrance(self, caller: Caller) -> Hindrance | None:
        """Return why this peer could take no request at all just now, None when they could."""
        peer_id, now = staff_id_of(caller), self.clock.now()
        return hindrance(self.staff.get(peer_id), self.turns.loads(now)[peer_id], Need(), now=now, rules=self.turns.rules)

    @requires(Permission.SEE_QUEUE)
    def held(self, caller: Caller) -> tuple[QueueEntry, ...]:
        """Return the open hand-overs that this peer holds, oldest first."""
        return tuple(_entry(handover) for handover in self.store.held_by(staff_id_of(caller)))

    @requires(Permission.TALK)
    def claim(self, caller: Caller, handover_id: str) -> PeerSeat:
        """Take a request; of several peers at the same instant exactly one gets it.

        Raises: NotAllowed with the reason (`Hindrance`) when the peer may not take it now: not signed off, not on duty, holding enough,
        resting …; WrongState when somebody else was quicker, or it is offered to another; NotFound.
        """
        peer_id, now = staff_id_of(caller), self.clock.now()
        limit = claim_limit(peer_id, now=now, rules=self.turns.rules)
        act_on(
            self.store,
            lambda: self._claimable(handover_id, peer_id, now),
            lambda handover: change(handover, Move(Act.CLAIM, now, Role.PEER, claimed_by=peer_id, limit=limit), self.times),
        )
        self._log(caller, "claimed", "request", handover_id)
        return PeerSeat(caller, handover_id)

    @requires(Permission.TALK)
    def decline(self, caller: Caller, handover_id: str) -> None:
        """Say no to a request that is offered to this peer; it goes to the next at once, and not to this one again.

        Raises: WrongState when it is no longer offered to them; NotFound.
        """
        peer_id, now = staff_id_of(caller), self.clock.now()
        act_on(
            self.store,
            lambda: self._offered(handover_id, peer_id),
            lambda handover: change(handover, Move(Act.DECLINE, now, Role.PEER, excluded_peer=peer_id), self.times),
        )
        self.wake()

    @requires(Permission.TALK)
    def ask_to_pass(self, caller: Caller, handover_id: str, to: PassTo) -> None:
        """Ask the employee whether another peer, or a coordinator who is a trained peer, may go on; only their consent passes it on.

        Raises: WrongState before the first reply (`pass_back` then) and after the end; NotAllowed when no such coordinator exists; NotFound.
        """
        now, seat = self.clock.now(), PeerSeat(caller, handover_id)
        if to is PassTo.COORDINATOR and not self.can_pass_to_coordinator(caller):
            raise NotAllowed("no coordinator of this organisation is a trained peer as well.")
        act_on(
            self.store,
            lambda: self._find(seat),
            lambda handover: change(handover, Move(Act.ASK_TO_PASS, now, Role.PEER, pass_to=to), self.times),
        )

    @requires(Permission.TALK)
    def raise_danger(self, caller: Caller, handover_id: str) -> None:
        """Mark a talk as urgent because a life may be in danger: the lines stay on the employee's page, coordinators are told, without a word.

        Raises: WrongState when it is not held; NotFound.
        """
        self._act(PeerSeat(caller, handover_id), Act.DANGER)

    @requires(Permission.TALK)
    def can_pass_to_coordinator(self, caller: Caller) -> bool:
        """Tell whether somebody else here is both a coordinator and a trained peer."""
        now = self.clock.now()
        return any(Role.COORDINATOR in m.roles and is_trained(m, now) and m.id != caller.staff_id for m in self.staff.members())

    @requires(Permission.TALK)
    def pass_back(self, caller: Caller, handover_id: str) -> None:
        """Give a request back before the first reply, so that another peer gets it.

        Raises: WrongState once the talk has begun (then the employee decides: `ask_for_another`); NotFound.
        """
        seat = PeerSeat(caller, handover_id)
        if self._find(seat).state is not HandoverState.CLAIMED:
            raise WrongState(f"hand-over {handover_id}: the talk has begun; only the employee may ask for another peer.")
        self._act(seat, Act.PASS_BACK)

    def _claimable(self, handover_id: str, peer_id: str, now: datetime) -> Handover:
        handover = self.store.get(handover_id)
        if handover.state not in UNCLAIMED or handover.offered_to not in (None, peer_id):
            raise WrongState(f"hand-over {handover_id} is not open to this peer any more.")
        reason = self.turns.hindrance(peer_id, handover, now)
        if reason in _FITTING:
            raise WrongState(f"hand-over {handover_id} is not open to this peer ({reason}).")
        if reason is not None:
            raise NotAllowed(reason.value)
        return handover

    def _offered(self, handover_id: str, peer_id: str) -> Handover:
        handover = self.store.get(handover_id)
        if handover.offered_to != peer_id:
            raise WrongState(f"hand-over {handover_id} is not offered to this peer any more.")
        return handover

    def _is_open_to(self, handover: Handover, member: StaffMember) -> bool:
        """Tell whether a request fits this peer, whatever their own state is just now."""
        return handover.offered_to in (None, member.id) and misfit(member, self.turns.need(handover)) is None


def _entry(handover: Handover) -> QueueEntry:
    h = handover
    return QueueEntry(h.id, h.state, h.urgent, h.wish, h.country, h.asked_at, h.offered_until, h.language)
