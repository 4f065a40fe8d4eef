"""Thanks in a group, and groups that people would like to have: counts alone, in steps, never who thanked, who was thanked, or who asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companion.errors import WrongState
from companion.models_meetings import Counted, Standing
from companion.models_staff import Caller
from companion.network.meetings import MembershipService
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports_meetings import GroupCounts

THANKS_STEP = 5
"""Members of a group know each other; a step of five keeps a single thank-you from being tied to a meeting (DESIGN 5: numbers ≥ 5)."""
WISH_STEP = 10
"""Smallest number shown to coordinators, and the step of those above it (DESIGN 5)."""


@dataclass(frozen=True)
class RecognitionService:
    """Count thanks and wishes. All methods may raise StoreUnavailable."""

    counts: GroupCounts
    memberships: MembershipService

    @for_anyone(Permission.JOIN_GROUP)
    def thank(self, code: str) -> None:
        """Count a thank-you to the group of a member. Raises: NotFound; WrongState for who is no member."""
        own = self.memberships.mine(code).membership
        if own.standing is not Standing.MEMBER:
            raise WrongState("only members give thanks in a group.")
        self.counts.add(Counted.THANKS, own.group_key, self._month())

    @for_anyone(Permission.JOIN_GROUP)
    def thanks(self, group_key: str) -> int:
        """Return how many thanks were given in a group, down to a multiple of five; 0 stands for fewer than five."""
        return self.counts.total(Counted.THANKS, group_key) // THANKS_STEP * THANKS_STEP

    @for_anyone(Permission.JOIN_GROUP)
    def wish(self, topic: str) -> None:
        """Count that somebody would like a group about a topic. topic: a slug of `topics.yaml`, or "other"."""
        self.counts.add(Counted.WISH, topic, self._month())

    @requires(Permission.ASSIGN_LEADERS)
    def wishes(self, caller: Caller) -> Mapping[str, int]:  # noqa: ARG002
        """Return topic → how often a group was wished for, down to a multiple of ten, most first; topics below ten are left out."""
        shown = {topic: count // WISH_STEP * WISH_STEP for topic, count in self.counts.totals(Counted.WISH).items() if count >= WISH_STEP}
        return dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))

    def _month(self) -> str:
        return f"{self.memberships.clock.now():%Y-%m}"
