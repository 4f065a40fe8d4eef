"""Whose turn it is, read from the stores: loads of peers, who may take a request, and whether anybody could."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.models_duty import DutyRules, Hindrance, PeerLoad
from companion.models_people import Availability, Handover, HandoverState
from companion.network.assignment import Need, hindrance, in_turn, is_on_duty, is_present, is_trained, load_of
from companion.ports_duty import DutyBook
from companion.ports_people import HandoverStore, StaffDirectory


@dataclass(frozen=True)
class Turns:
    """Answer from stores what `assignment.py` decides. All methods raise StoreUnavailable."""

    store: HandoverStore
    staff: StaffDirectory
    book: DutyBook
    rules: DutyRules

    def loads(self, now: datetime) -> Mapping[str, PeerLoad]:
        """Return the load of every member, by id."""
        held = self.store.held_counts()
        records = self.book.records(now - timedelta(days=self.rules.recent_days) - self.rules.cool_down)
        ids = [member.id for member in self.staff.members()]
        return {peer_id: load_of(peer_id, held.get(peer_id, 0), records, now=now, rules=self.rules) for peer_id in ids}

    def hindrance(self, peer_id: str, handover: Handover, now: datetime) -> Hindrance | None:
        """Return why a peer cannot take a hand-over now, None when they can. Raises: NotFound for an unknown account."""
        member, load = self.staff.get(peer_id), self.loads(now)[peer_id]
        return hindrance(member, load, self.need(handover), now=now, rules=self.rules)

    def next_to_ask(self, handover: Handover, now: datetime) -> str | None:
        """Return the peer to whom a hand-over is offered next: whose turn it is, of those whose desk is open and who were not asked yet."""
        asked = self.store.offered_peers(handover.id)
        if len(asked) >= self.rules.max_offers:
            return None
        members = [m for m in self.staff.members() if m.id not in asked and is_present(m, now, self.rules)]
        return next(iter(in_turn(members, self.loads(now), self.need(handover), now=now, rules=self.rules)), None)

    def availability(self, now: datetime) -> Availability:
        """Tell whether any trained peer is on duty, and whether one of them could take a request now."""
        on_duty = [m for m in self.staff.members() if is_trained(m, now) and is_on_duty(m, now)]
        if not on_duty:
            return Availability.NONE
        return Availability.SOME if in_turn(on_duty, self.loads(now), Need(), now=now, rules=self.rules) else Availability.BUSY

    def can_be_taken(self, handover: Handover, now: datetime) -> bool:
        """Tell whether anybody on duty could take this request now: free, rested, not passed over by it."""
        on_duty = [m for m in self.staff.members() if is_trained(m, now) and is_on_duty(m, now)]
        return bool(in_turn(on_duty, self.loads(now), self.need(handover), now=now, rules=self.rules))

    def units(self, now: datetime) -> tuple[str, ...]:
        """Return the parts of the organisation in which trained peers work, if there are two or more; one alone would tell too much."""
        found = {m.unit for m in self.staff.members() if m.unit and is_trained(m, now)}
        return tuple(sorted(found)) if len(found) > 1 else ()

    def need(self, handover: Handover) -> Need:
        """Return what a hand-over asks of a peer. Who gave it back may have it after all once it is clear that nobody else is there."""
        is_stranded = handover.state is HandoverState.FALLBACK_SHOWN
        excluded = frozenset[str]() if is_stranded else self.store.excluded_peers(handover.id)
        return Need(excluded, handover.avoid_unit, handover.language, handover.for_coordinator)
