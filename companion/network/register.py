"""The rules of a group's register: who gets a place, who waits, to whom a free place is offered. Pure; nothing is stored here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from companion.models_meetings import Membership, Register, Seats, Standing

OFFER_DAYS = 7
"""Chosen by us: a place that became free is kept a week for the first in line, who may look in only once between two meetings."""
KEPT_MONTHS = 6
"""Chosen by us: who has not come back to their place for half a year has left without saying so."""


def kept_until(today: date) -> date:
    """Return the end of the month half a year ahead; the same day for all who come in one month."""
    months = today.year * 12 + today.month + KEPT_MONTHS
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def joined(register: Register, newcomer: Membership, seats: Seats, today: date) -> Register:
    """Return the register with a newcomer: as a member while a place is free and nobody waits, else at the end of the line."""
    register = settled(register, seats, today)
    has_place = seats.takes_people and register.taken < seats.total
    added = replace(newcomer, standing=Standing.MEMBER) if has_place else _at_the_end(register, newcomer)
    return replace(register, memberships=(*register.memberships, added))


def left(register: Register, membership: Membership, seats: Seats, today: date) -> Register:
    """Return the register without a membership; a place that becomes free is offered to the first in line."""
    others = tuple(each for each in register.memberships if each.id != membership.id)
    return settled(replace(register, memberships=others), seats, today)


def accepted(register: Register, membership: Membership) -> Register:
    """Return the register after an offered place was taken; unchanged when none is offered to this membership."""
    if membership.standing is not Standing.OFFERED:
        return register
    return put(register, replace(membership, standing=Standing.MEMBER, place=None, offered_until=None))


def settled(register: Register, seats: Seats, today: date) -> Register:
    """Return the register with lapsed offers at the end of the line again and every free place offered, first come first served."""
    for each in register.memberships:
        if each.standing is Standing.OFFERED and each.offered_until is not None and each.offered_until < today:
            register = put(register, _at_the_end(register, each))
    free = seats.total - register.taken if seats.takes_people else 0
    for first in register.waiting[: max(free, 0)]:
        register = put(register, replace(first, standing=Standing.OFFERED, offered_until=today + timedelta(days=OFFER_DAYS)))
    return register


def put(register: Register, membership: Membership) -> Register:
    """Return the register with one membership as given instead of as it was."""
    return replace(register, memberships=tuple(membership if each.id == membership.id else each for each in register.memberships))


def _at_the_end(register: Register, membership: Membership) -> Membership:
    last = max((each.place or 0 for each in register.memberships), default=0)
    return replace(membership, standing=Standing.WAITING, place=last + 1, offered_until=None)
