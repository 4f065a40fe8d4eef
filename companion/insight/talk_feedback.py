"""Two taps after a talk with a person: was it of use, did you feel listened to. A number a year each, tied to nobody.

Like the referral counts: of small numbers only "fewer than ten" is shown, else a multiple of ten, so that nobody can be subtracted out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from companion.insight.referrals import STEP
from companion.models_staff import Caller
from companion.network.permissions import Permission, for_anyone, requires
from companion.ports import Clock
from companion.ports_people import ReferralCounts


class TalkTap(StrEnum):
    """Name the four answers; the value is the kind under which it is counted."""

    OF_USE = "talk_of_use"
    NOT_OF_USE = "talk_not_of_use"
    HEARD = "talk_heard"
    NOT_HEARD = "talk_not_heard"


@dataclass(frozen=True)
class TalkFeedback:
    """Count the taps. All methods may raise StoreUnavailable."""

    counts: ReferralCounts
    clock: Clock

    @for_anyone(Permission.GIVE_FEEDBACK)
    def tap(self, answer: TalkTap) -> None:
        """Count one answer."""
        self.counts.add(self.clock.now().year, answer.value)

    @requires(Permission.READ_FEEDBACK)
    def of_year(self, caller: Caller, year: int) -> Mapping[TalkTap, int]:  # noqa: ARG002
        """Return at least how often each answer was given in a year, as a multiple of ten; 0 stands for fewer than ten."""
        counts = self.counts.by_year().get(year, {})
        return {answer: counts.get(answer.value, 0) // STEP * STEP for answer in TalkTap}
