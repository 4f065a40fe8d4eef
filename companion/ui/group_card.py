"""A peer group as employees see it, in plain values for the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from companion.library.meeting_times import OwnTime, is_at_night
from companion.models_groups import GroupMatch, PeerGroup, Rhythm
from companion.models_meetings import Places
from companion.stages.matching import is_full
from companion.ui.components import Plain
from companion.ui.text import Words


def group_card(group: PeerGroup, words: Words, own_time: OwnTime | None = None) -> Plain:
    """Return name, description, when, how and size of a group in words. own_time: the reader's clock, if it is known."""
    return {
        "key": group.key,
        "name": group.name,
        "description": group.description,
        "when": meets_when(group, words, own_time),
        "how": _place(group, words),
        "size": _size(group, words),
        "sample": words("groups.sample") if group.is_sample else None,
    }


def meets_when(group: PeerGroup, words: Words, own_time: OwnTime | None = None) -> str:
    """Return the rhythm of a group in words, with the hour on the reader's own clock where it differs."""
    rhythm = group.rhythm
    there = words(
        "groups.rhythm",
        every=rhythm.every,
        weekday=rhythm.weekday.capitalize(),
        time=rhythm.time,
        timezone=rhythm.timezone,
        minutes=rhythm.minutes,
    )
    own = on_own_clock(own_time.of(rhythm), rhythm, words) if own_time else None
    return words("groups.and_own", there=there, own=own) if own else there


def on_own_clock(begins: datetime, rhythm: Rhythm, words: Words) -> str | None:
    """Return when a meeting begins on the reader's clock, and by how much that differs, in words; None when it is the same hour.

    begins: in the reader's zone.
    """
    ahead = _offset(begins) - _offset(begins.astimezone(ZoneInfo(rhythm.timezone)))
    if not ahead:
        return None
    hours, minutes = divmod(abs(ahead), timedelta(hours=1))
    span = words("groups.hours", hours=hours)
    if minutes:
        span = words("groups.hours_and_minutes", hours=hours, minutes=minutes // timedelta(minutes=1))
    weekday, time = f"{begins:%A}", f"{begins:%H:%M}"
    own = words("groups.own_later" if ahead > timedelta() else "groups.own_earlier", weekday=weekday, time=time, span=span)
    return words("groups.own_at_night", own=own) if is_at_night(begins) else own


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def places_in_words(places: Places, words: Words) -> str:
    """Return how full a group is now, in words."""
    taken = words("meetings.group.taken", taken=places.taken, capacity=places.capacity)
    parts = [taken, *([words("meetings.group.waiting", waiting=places.waiting)] if places.waiting else [])]
    return ", ".join([*parts, *([words("meetings.group.can_wait")] if places.can_wait and not places.can_join else [])])


def has_no_place(group: PeerGroup, places: Places | None) -> bool:
    """Tell whether nobody can join a group just now: the list says so, or the register of those who joined here."""
    return is_full(group) or (places is not None and not places.can_join)


def offered(matches: Sequence[GroupMatch], places_of: Callable[[str], Places | None]) -> list[GroupMatch]:
    """Return the groups to show of those that fit: with a place free, or else the best full one, for its waiting list."""
    free = [match for match in matches if not has_no_place(match.group, places_of(match.group.key))]
    return free or list(matches[:1])


def why(match: GroupMatch, places: Places | None, words: Words) -> str:
    """Return why a group is shown; that it is full is said in the same words, whether the list or the register knows it."""
    full = words("meetings.card.full")
    is_to_tell = has_no_place(match.group, places) and not match.reason.endswith(full)
    return f"{match.reason} {full}" if is_to_tell else match.reason


def see_words(group: PeerGroup, places: Places | None, words: Words) -> str:
    """Return the words of the button that opens a group's page: to join it, or to wait for a place."""
    return words("meetings.card.see_full" if has_no_place(group, places) else "meetings.card.see")


def _place(group: PeerGroup, words: Words) -> str:
    place = str(words.branch("groups.formats").get(group.format, group.format))
    return words("groups.at", format=place, location=group.location) if group.location else place


def _size(group: PeerGroup, words: Words) -> str:
    if group.members is None:
        return words("groups.capacity", capacity=group.capacity)
    return words("groups.members", members=group.members, capacity=group.capacity)
