"""What somebody told in a few taps about the group they would like. In memory only, like all of a chat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from companion.models_groups import PeerGroup

ANY_LANGUAGE = "any"
"""What somebody taps to whom every language is as good."""


class HelpKind(StrEnum):
    """Say what would help."""

    LISTEN = "listen"
    IDEAS = "ideas"
    PRACTICAL = "practical"


class TimeOfDay(StrEnum):
    """Say when somebody could come, in the group's local time."""

    MORNING = "morning"
    DAYTIME = "daytime"
    EVENING = "evening"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class GroupWishes:
    """Hold the taps; None where all is well. topic: a slug. format: "remote" or "onsite".

    language: ISO 639-1, or `ANY_LANGUAGE`; None: nothing was told, and the language of the chat counts.
    """

    topic: str | None = None
    help: HelpKind | None = None
    format: str | None = None
    times: TimeOfDay | None = None
    language: str | None = None


def time_of(group: PeerGroup) -> TimeOfDay:
    """Return when a group meets: at a weekend, before 11, from 17 on, or between."""
    if group.rhythm.weekday in {"Saturday", "Sunday"}:
        return TimeOfDay.WEEKEND
    hour = int(group.rhythm.time[:2])
    return TimeOfDay.MORNING if hour < 11 else TimeOfDay.EVENING if hour >= 17 else TimeOfDay.DAYTIME
