"""How often a chat was shown the crisis lines or other doors: one count a year, published on the protocol page, tied to nobody.

Counted is a chat, once for each kind of referral. Kept is a number for each year: no day, no chat, no country, no level. Of the running year
and of small numbers only "fewer than ten" is shown, else a multiple of ten, so that watching the page tells nothing about one person.
California's SB 243 asks operators of companion chatbots for such a yearly count of crisis referrals; DESIGN 7 asks for it everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from companion.errors import CompanionError
from companion.models import TriageLevel, Turn
from companion.network.permissions import Permission, for_anyone
from companion.ports import Clock
from companion.ports_people import ReferralCounts

log = logging.getLogger(__name__)
STEP = 10
"""Smallest number shown, and the step of those above it (DESIGN 5)."""


class Referral(StrEnum):
    """Say to whom a chat was pointed."""

    LINES = "lines"
    COLLEAGUE = "colleague"
    DOORS = "doors"


@dataclass(frozen=True, slots=True)
class YearOfReferrals:
    """Hold one year as it may be shown. at_least: referral → a multiple of ten; 0 stands for fewer than ten."""

    year: int
    at_least: Mapping[Referral, int]


def referral_of(turn: Turn) -> Referral | None:
    """Return to whom a turn points, or None when it is an ordinary one."""
    if not turn.triage.level.is_at_risk:
        return None
    if turn.triage.level is TriageLevel.HARM_BY_OTHER:
        return Referral.DOORS
    return Referral.COLLEAGUE if turn.triage.about_other else Referral.LINES


@dataclass(frozen=True)
class ReferralDesk:
    """Count referrals and publish the counts."""

    counts: ReferralCounts
    clock: Clock

    @for_anyone(Permission.ASK_FOR_PERSON)
    def note(self, turn: Turn, noted_before: set[Referral]) -> None:
        """Count a turn's referral unless its chat was counted for it; never fails, since a count must not disturb a chat.

        noted_before: what this chat was counted for; held by the chat, in memory only.
        """
        referral = referral_of(turn)
        if referral is None or referral in noted_before:
            return
        noted_before.add(referral)
        try:
            self.counts.add(self.clock.now().year, referral.value)
        except CompanionError as exc:
            log.warning("a referral was not counted: %s", type(exc).__name__)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def published(self) -> tuple[YearOfReferrals, ...]:
        """Return all years, newest first. Raises: StoreUnavailable."""
        counts = self.counts.by_year()
        return tuple(
            YearOfReferrals(year, {kind: counts[year].get(kind.value, 0) // STEP * STEP for kind in Referral})
            for year in sorted(counts, reverse=True)
        )
