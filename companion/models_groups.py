"""The values around peer groups: when they meet, what they are, and a suggestion of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Say when a group meets: `every` "week", "two weeks" or "month"; `time` local "HH:MM" in `timezone` (IANA).

    starts_on: the day of one meeting, from which the others are counted; on `weekday`.
    """

    every: str
    weekday: str
    time: str
    timezone: str
    minutes: int
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Hold one peer group.

    members: a head count, or None when unknown. status: open, closed, full or paused. asked_as: how people who would fit in speak; never
    shown. only_when_said: phrases (`companion/phrases.py`) of which one must have been said before the group is suggested, for groups that
    would hurt or puzzle others; empty for a group that is for anyone. id: stays when the name changes; None for the name's own. way_in: how
    to come to a meeting, shown to members only. is_sample: ships with the program and is nobody's group. offers: of "listen", "ideas",
    "practical"; empty when nobody said. roles, goals, projects: short words, shown in reasons: who comes, what they want (from a verb on), what they
    are part of.
    """

    name: str
    description: str
    topics: tuple[str, ...]
    for_whom: str
    rhythm: Rhythm
    format: str
    capacity: int
    language: str
    facilitator_role: str
    status: str
    members: int | None = None
    location: str | None = None
    asked_as: tuple[str, ...] = ()
    only_when_said: tuple[str, ...] = ()
    id: str | None = None
    way_in: str | None = None
    offers: tuple[str, ...] = ()
    is_sample: bool = False
    roles: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what memberships and calendar files know the group by."""
        return self.id or group_key(self.name)


def group_key(name: str) -> str:
    """Return the key of a group that has no id of its own: its name in lower case, words joined by dashes, at most 80 characters."""
    return re.sub(r"\W+", "-", name.casefold()).strip("-")[:80]


@dataclass(frozen=True, slots=True)
class GroupMatch:
    """Hold a suggested group, its score (0 to 1) and the reason in plain words."""

    group: PeerGroup
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Hold what was found for a message: groups that can be joined, best first; where none fits, the full one that does, to wait for a place.

    was_looked: False when the groups could not be looked through, so that nothing may be said of what fits.
    """

    groups: tuple[GroupMatch, ...] = ()
    full: tuple[GroupMatch, ...] = ()
    was_looked: bool = True

    @property
    def named(self) -> tuple[GroupMatch, ...]:
        """Return the groups to name: those that can be joined, else the full one."""
        return self.groups or self.full
