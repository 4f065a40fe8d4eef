"""When a group meets on the clock of somebody elsewhere, and whether that is at night for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from companion.library.meeting_dates import WEEKDAYS, next_meeting
from companion.models_groups import PeerGroup, Rhythm
from companion.models_wishes import TimeOfDay
from companion.phrases import Phrases
from companion.spelling import PlainText

_NIGHT_FROM, _NIGHT_UNTIL = 23, 6
"""Chosen by us: hours at which hardly anybody can come who does not work then."""
_MORNING_UNTIL, _EVENING_FROM = 11, 17
_WEEKEND = frozenset({WEEKDAYS.index("Saturday"), WEEKDAYS.index("Sunday")})
NIGHT_WORK = "shift_work"
"""The topic whose people may be awake at night."""
_NIGHT_WORDS = (
    "night (shift*|duty|duties|porter*|nurse*|guard*|watch|worker*|staff|rota*|team)", "nightshift*", "graveyard",
    "(on|off|do|doing|work*|after|permanent|between|run of|starting|start|coming off) [my|the|permanent] nights", "nights [and|then] (days|lates|earlies)",
    "turno* de noche", "turno* nocturno*", "nachtschicht*", "nachtdienst*", "nachtwache*", "(equipe|travail*|poste) de nuit",
)  # fmt: skip
"""How people say that they work at night; never shown."""


@dataclass(frozen=True, slots=True)
class OwnTime:
    """Hold the clock of somebody: their zone, and now (timezone-aware)."""

    zone: ZoneInfo
    now: datetime

    def of(self, rhythm: Rhythm) -> datetime:
        """Return when a group meets next, in this zone. Where no dates follow from its rhythm, the next such weekday stands for all of them."""
        begins = next_meeting(rhythm, self.now) or next_meeting(replace(rhythm, every="week", starts_on=None), self.now)
        if begins is None:
            raise ValueError("a weekly rhythm has a next meeting")
        return begins.astimezone(self.zone)


def time_of(group: PeerGroup, own: OwnTime | None = None) -> TimeOfDay:
    """Return when a group meets, on somebody's own clock or else the group's: at a weekend, before 11, from 17 on, or between."""
    if own is not None:
        begins = own.of(group.rhythm)
        weekday, hour = begins.weekday(), begins.hour
    else:
        weekday, hour = WEEKDAYS.index(group.rhythm.weekday), int(group.rhythm.time[:2])
    if weekday in _WEEKEND:
        return TimeOfDay.WEEKEND
    return TimeOfDay.MORNING if hour < _MORNING_UNTIL else TimeOfDay.EVENING if hour >= _EVENING_FROM else TimeOfDay.DAYTIME


def is_at_night(begins: datetime) -> bool:
    """Tell whether a meeting begins at night, from 23:00 to before 06:00. begins: on the clock of whoever would come."""
    return begins.hour >= _NIGHT_FROM or begins.hour < _NIGHT_UNTIL


def works_nights(said: Iterable[PlainText]) -> bool:
    """Tell whether somebody spoke of working at night, so that they may be awake then."""
    return any(_night_words().found_in(text) for text in said)


@cache
def _night_words() -> Phrases:
    return Phrases(_NIGHT_WORDS)
