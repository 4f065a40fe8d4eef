"""The peer's side of the queue: see what waits, take it, give it back."""

from __future__ import annotations

from companion.errors import NotAllowed, WrongState
from companion.models_people import Act, Handover, HandoverState, PeerSeat, QueueEntry
from companion.models_staff import Caller, Role
from companion.network.acting import act_on
from companion.network.duty import is_trained, staff_id_of
from companion.network.escalation import UNCLAIMED, Move, change
from companion.network.handover_parts import HandoverParts
from companion.network.permissions import Permission, requires

MAX_HELD_PER_PEER = 3
"""Chosen by us: a volunteer listens well to one person, and to three at the most."""


class PeerDesk(HandoverParts):
    """Serve the peer who takes requests. All methods raise NotAllowed without the permission, StoreUnavailable without a database."""

    @requires(Permission.SEE_QUEUE)
    def queue(self, caller: Caller) -> tuple[QueueEntry, ...]:
        """Return what this peer may claim now: urgent first, then oldest first."""
        peer_id = staff_id_of(caller)
        return tuple(_entry(handover) for handover in self.store.waiting() if self._is_offered(handover, peer_id))

    @requires(Permission.SEE_QUEUE)
    def held(self, caller: Caller) -> tuple[QueueEntry, ...]:
        """Return the open hand-overs that this peer holds, oldest first."""
        return tuple(_entry(handover) for handover in self.store.held_by(staff_id_of(caller)))

    @requires(Permission.TALK)
    def claim(self, caller: Caller, handover_id: str) -> PeerSeat:
        """Take a request; of several peers at the same instant exactly one gets it.

        Raises: NotAllowed when not trained, suspended, or already holding three; WrongState when somebody else was quicker; NotFound.
        """
        peer_id, now = staff_id_of(caller), self.clock.now()
        if not is_trained(self.staff.get(peer_id), now):
            raise NotAllowed("a peer needs a training sign-off by a coordinator before the first talk.")
        if len(self.store.held_by(peer_id)) >= MAX_HELD_PER_PEER:
            raise NotAllowed(f"a peer holds at most {MAX_HELD_PER_PEER} talks at a time.")
        act_on(
            self.store,
            lambda: self._offered(handover_id, peer_id),
            lambda handover: change(handover, Move(Act.CLAIM, now, Role.PEER, claimed_by=peer_id), self.times),
        )
        self._log(caller, "claimed", "request", handover_id)
        return PeerSeat(caller, handover_id)

    @requires(Permission.TALK)
    def pass_back(self, caller: Caller, handover_id: str) -> None:
        """Give a request back before the first reply, so that another peer gets it.

        Raises: WrongState once the talk has begun (then the employee decides: `ask_for_another`); NotFound.
        """
        seat = PeerSeat(caller, handover_id)
        if self._find(seat).state is not HandoverState.CLAIMED:
            raise WrongState(f"hand-over {handover_id}: the talk has begun; only the employee may ask for another peer.")
        self._act(seat, Act.PASS_BACK)

    def _offered(self, handover_id: str, peer_id: str) -> Handover:
        handover = self.store.get(handover_id)
        if handover.state not in UNCLAIMED or not self._is_offered(handover, peer_id):
            raise WrongState(f"hand-over {handover_id} is not open to this peer any more.")
        return handover

    def _is_offered(self, handover: Handover, peer_id: str) -> bool:
        """Keep a request from the peer who gave it back, until it is clear that nobody else is there."""
        return handover.state is HandoverState.FALLBACK_SHOWN or peer_id not in self.store.excluded_peers(handover.id)


def _entry(handover: Handover) -> QueueEntry:
    return QueueEntry(handover.id, handover.state, handover.urgent, handover.wish, handover.country, handover.asked_at)
