"""The values around peers on duty: their rules, their load, what they did, and the roster. Times are timezone-aware UTC.

Load is counted, never read: nothing here names a hand-over, an employee or a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class PeerDeed(StrEnum):
    """Name what a peer did, or what happened to them, as far as their load depends on it."""

    OFFERED = "offered"
    DECLINED = "declined"
    LAPSED = "lapsed"  # an offer that ran out unanswered
    CLAIMED = "claimed"
    ENDED = "ended"
    ENDED_URGENT = "ended_urgent"
    HEAVY = "heavy"  # the peer said so in the debrief
    DANGER = "danger"  # the peer pressed the safety button
    DANGER_AGAIN = "danger_again"  # nobody has taken it yet, and the coordinators are told once more
    DANGER_TAKEN = "danger_taken"  # a coordinator sees to it
    DANGER_DONE = "danger_done"  # and has done so
    WANTS_DEBRIEF = "wants_debrief"
    DEBRIEFED = "debriefed"  # the peer answered the debrief; not how


@dataclass(frozen=True, slots=True)
class PeerRecord:
    """Hold one line of a peer's load: who, what, when. It names no hand-over."""

    staff_id: str
    deed: PeerDeed
    at: datetime


@dataclass(frozen=True, slots=True)
class SafetyAlert:
    """Hold that a peer pressed the safety button, as coordinators see it: no word of the talk, and not whose it is.

    pseudonym: of the peer. taken_at: since when a coordinator sees to it, None while nobody does; taken_by: their pseudonym, None when it is
    not known any more.
    """

    staff_id: str
    pseudonym: str
    at: datetime
    taken_at: datetime | None = None
    taken_by: str | None = None


@dataclass(frozen=True, slots=True)
class DutyRules:
    """Hold the limits that keep volunteers well. All chosen by us; coordinators change them in the settings.

    max_held: talks at the same time; a volunteer listens well to one person, and to three at the most.
    max_per_day: requests taken within 24 hours. cool_down: pause after an urgent talk, or after one that the peer called heavy.
    offer_for: how long a request is offered to one peer before the next. max_offers: single offers before everybody on duty sees it.
    present_within: a desk that was looked at so recently counts as open. recent_days: span over which load is compared.
    sign_off_days: how long a training sign-off lasts.
    """

    max_held: int = 3
    max_per_day: int = 4
    cool_down: timedelta = timedelta(minutes=60)
    offer_for: timedelta = timedelta(minutes=3)
    max_offers: int = 3
    present_within: timedelta = timedelta(minutes=2)
    recent_days: int = 7
    sign_off_days: int = 365


@dataclass(frozen=True, slots=True)
class ClaimLimit:
    """Hold what must still be true, inside the transaction, for a peer to take one more request.

    on_duty_since: the duty status must be newer. since: requests taken after it count towards `max_taken`.
    rested_since: no heavy or urgent talk may have ended after it.
    """

    peer_id: str
    max_held: int
    max_taken: int
    since: datetime
    on_duty_since: datetime
    rested_since: datetime


@dataclass(frozen=True, slots=True)
class PeerLoad:
    """Hold how much a peer carries. held: open talks. taken_day: within 24 hours. taken_recent, heavy_recent: within `recent_days`.

    last_taken_at: None when there was none in the kept records. rests_until: end of the pause after a heavy talk, None when rested.
    """

    peer_id: str
    held: int = 0
    taken_day: int = 0
    taken_recent: int = 0
    heavy_recent: int = 0
    last_taken_at: datetime | None = None
    rests_until: datetime | None = None

    @property
    def weight(self) -> int:
        """Return the load that fair turns compare: a talk counts one, a heavy talk two, an open one twice as well."""
        return self.taken_recent + self.heavy_recent + self.held


class Hindrance(StrEnum):
    """Say why a peer cannot take a request now."""

    NOT_TRAINED = "not_trained"
    SIGN_OFF_EXPIRED = "sign_off_expired"
    SUSPENDED = "suspended"
    NOT_ON_DUTY = "not_on_duty"
    HOLDS_ENOUGH = "holds_enough"
    DAY_IS_FULL = "day_is_full"
    RESTING = "resting"
    GAVE_IT_BACK = "gave_it_back"
    SAME_UNIT = "same_unit"
    FOR_COORDINATORS = "for_coordinators"


@dataclass(frozen=True, slots=True)
class NoticeHealth:
    """Hold when the notice path last worked, last failed, and was last tested by itself; None for never."""

    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    drilled_at: datetime | None = None


# --- the roster ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeeklyShift:
    """Hold a shift that comes every week. weekday: 0 is Monday. starts: by the clock on the wall in `timezone` (IANA name).

    minutes: by the same clock, so that two shifts which touch on the wall also touch in the night when the clocks change.
    first_day, last_day: both included; None is open.
    """

    id: str
    staff_id: str
    weekday: int
    starts: time
    minutes: int
    timezone: str
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class ShiftTime:
    """Hold one occurrence of a shift. starts_at, ends_at: UTC, end exclusive."""

    staff_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """Hold a span in which nobody is on the roster. starts_at, ends_at: UTC, end exclusive."""

    starts_at: datetime
    ends_at: datetime
