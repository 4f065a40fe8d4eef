"""The rules of mentoring pairs: who is offered to whom, what two blind answers make, how a pair ends. Pure; nothing is stored here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from companion.models_mentoring import MentoringBook, Pair, PairState, Seeker, Side

OFFER_DAYS = 7
"""Chosen by us: time to sleep on it. A no is only acted on when these are over, so that nobody can tell it from silence."""
FEWEST_SESSIONS, MOST_SESSIONS = 4, 6
"""Of the issue: enough to get somewhere, few enough to promise."""


def settled(book: MentoringBook, today: date, new_id: str) -> MentoringBook:
    """Return the book with answered offers made pairs, offers whose time is over parted, and the best new offer made, if there is one.

    new_id: of a pair that may be made. Called again it makes the next offer.
    """
    book = replace(book, pairs=tuple(_answered(pair, today) for pair in book.pairs))
    found = _best_offer(book)
    if found is None:
        return book
    mentor, mentee = found
    offer = Pair(new_id, mentor.id, mentee.id, PairState.OFFERED, today + timedelta(days=OFFER_DAYS))
    return replace(book, pairs=(*book.pairs, offer))


def answered(pair: Pair, side: Side, sessions: int) -> Pair:
    """Return an offer with one side's answer: 4 to 6 sessions, or 0 for a no. The first answer counts."""
    if side is Side.MENTOR:
        return pair if pair.mentor_sessions is not None else replace(pair, mentor_sessions=sessions)
    return pair if pair.mentee_sessions is not None else replace(pair, mentee_sessions=sessions)


def held(pair: Pair, today: date) -> Pair:
    """Return a pair with one more session, at most one a day and no more than planned; the last one ends it well."""
    if pair.last_held == today or pair.held >= pair.planned:
        return pair
    after = replace(pair, held=pair.held + 1, last_held=today)
    return replace(after, state=PairState.PARTED) if after.held == after.planned else after


def is_half_time(pair: Pair) -> bool:
    """Tell whether both should say how it goes before they meet again."""
    return pair.state is PairState.MEETING and not pair.is_checked and pair.held >= pair.planned // 2


def checked(pair: Pair, side: Side) -> Pair:
    """Return a pair at half-time after one side said that it goes on; it does when both have."""
    if pair.checked_by not in (None, side):
        return replace(pair, is_checked=True, checked_by=None)
    return replace(pair, checked_by=side)


def current(book: MentoringBook, seeker_id: str) -> Pair | None:
    """Return the offer or pair that somebody is in now."""
    return next((pair for pair in book.pairs if pair.state is not PairState.PARTED and pair.has(seeker_id)), None)


def put(book: MentoringBook, pair: Pair) -> MentoringBook:
    """Return the book with one pair as given."""
    return replace(book, pairs=tuple(pair if each.id == pair.id else each for each in book.pairs))


def put_seeker(book: MentoringBook, seeker: Seeker) -> MentoringBook:
    """Return the book with one person as given."""
    return replace(book, seekers=tuple(seeker if each.id == seeker.id else each for each in book.seekers))


def rested(book: MentoringBook, pair: Pair) -> MentoringBook:
    """Return the book with both people of a pair that met not looking, until they say that they would like to again."""
    return replace(book, seekers=tuple(replace(each, is_looking=False) if pair.has(each.id) else each for each in book.seekers))


def _answered(pair: Pair, today: date) -> Pair:
    if pair.state is not PairState.OFFERED:
        return pair
    if pair.planned:
        return replace(pair, state=PairState.MEETING)
    return replace(pair, state=PairState.PARTED) if pair.offered_until < today else pair


def _best_offer(book: MentoringBook) -> tuple[Seeker, Seeker] | None:
    """Return the mentor and mentee who share most goals of those who look, are free, and were never offered to each other."""
    free = [each for each in book.seekers if each.is_looking and current(book, each.id) is None]
    met = {(pair.mentor_id, pair.mentee_id) for pair in book.pairs}
    couples = [
        (mentor, mentee)
        for mentor in free
        for mentee in free
        if (mentor.side, mentee.side) == (Side.MENTOR, Side.MENTEE)
        and (mentor.id, mentee.id) not in met
        and set(mentor.goals) & set(mentee.goals)
    ]
    # Ids are random, so that nobody is first for having come first.
    return max(couples, key=lambda couple: (len(set(couple[0].goals) & set(couple[1].goals)), couple[0].id, couple[1].id), default=None)
