"""A peer group as employees see it, in plain values for the browser."""

from __future__ import annotations

from companion.models_groups import PeerGroup
from companion.models_meetings import Places
from companion.ui.components import Plain
from companion.ui.text import Words


def group_card(group: PeerGroup, words: Words) -> Plain:
    """Return name, description, when, how and size of a group in words."""
    return {
        "key": group.key,
        "name": group.name,
        "description": group.description,
        "when": meets_when(group, words),
        "how": _place(group, words),
        "size": _size(group, words),
        "sample": words("groups.sample") if group.is_sample else None,
    }


def meets_when(group: PeerGroup, words: Words) -> str:
    """Return the rhythm of a group in words."""
    rhythm = group.rhythm
    return words(
        "groups.rhythm",
        every=rhythm.every,
        weekday=rhythm.weekday.capitalize(),
        time=rhythm.time,
        timezone=rhythm.timezone,
        minutes=rhythm.minutes,
    )


def places_in_words(places: Places, words: Words) -> str:
    """Return how full a group is now, in words."""
    taken = words("meetings.group.taken", taken=places.taken, capacity=places.capacity)
    parts = [taken, *([words("meetings.group.waiting", waiting=places.waiting)] if places.waiting else [])]
    return ", ".join([*parts, *([words("meetings.group.can_wait")] if places.can_wait and not places.can_join else [])])


def is_full(places: Places | None) -> bool:
    """Tell whether nobody can join a group just now; False when that cannot be read."""
    return places is not None and not places.can_join


def see_words(places: Places | None, words: Words) -> str:
    """Return the words of the button that opens a group's page: to join it, or to wait for a place."""
    return words("meetings.card.see_full" if is_full(places) else "meetings.card.see")


def _place(group: PeerGroup, words: Words) -> str:
    place = str(words.branch("groups.formats").get(group.format, group.format))
    return words("groups.at", format=place, location=group.location) if group.location else place


def _size(group: PeerGroup, words: Words) -> str:
    if group.members is None:
        return words("groups.capacity", capacity=group.capacity)
    return words("groups.members", members=group.members, capacity=group.capacity)
