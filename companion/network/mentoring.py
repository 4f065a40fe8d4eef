"""Mentoring: two employees under made-up names, offered to each other by shared goals, who meet four to six times and close well.

Both answer an offer blind. Two yeses make a pair; a no is never told, since it looks to the other like silence until the offer is over. At
half-time both may go on or end; whoever ends gives no reason, and is never offered the same person again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from companion.errors import FormRefused, InputRefused, NotFound, WrongState
from companion.models_meetings import PseudonymLook
from companion.models_mentoring import MentoringBook, MentoringPlace, Pair, PairState, Seeker, Side, Step
from companion.network.handover_parts import checked_text, hash_token
from companion.network.keeping import bare_code, new_code
from companion.network.meetings import MAX_PSEUDONYM_CHARS, compared
from companion.network.pairing import (
    FEWEST_SESSIONS,
    MOST_SESSIONS,
    answered,
    checked,
    current,
    held,
    is_half_time,
    put,
    put_seeker,
    rested,
    settled,
)
from companion.network.permissions import Permission, for_anyone
from companion.network.register import kept_until
from companion.ports import Clock
from companion.ports_mentoring import MentoringStore

MOST_GOALS = 3
_MOST_TRIES = 100
_MOST_OFFERS = 1000
"""A guard, far above what one change can bring about."""


@dataclass(frozen=True)
class MentoringService:
    """Serve both sides. All methods may raise StoreUnavailable: then nothing was changed. look: what redaction thinks of a pseudonym."""

    store: MentoringStore
    clock: Clock
    look: Callable[[str], PseudonymLook]

    @for_anyone(Permission.JOIN_GROUP)
    def join(self, pseudonym: str, side: Side, goals: Collection[str]) -> str:
        """Begin to look for somebody, and return the code that proves it, for the person's eyes alone. goals: one to three topic slugs.

        Raises: InputRefused (empty, too_long, identifier); FormRefused for goals or a pseudonym that is taken; RedactionFailed.
        """
        name = checked_text(pseudonym, MAX_PSEUDONYM_CHARS)
        if not compared(name):
            raise InputRefused("empty")
        if self.look(name) is PseudonymLook.DETAIL:
            raise InputRefused("identifier")
        if not 1 <= len(set(goals)) <= MOST_GOALS:
            raise FormRefused("goals", f"must be one to {MOST_GOALS}.")
        code = new_code()
        seeker = Seeker(
            secrets.token_hex(16), hash_token(bare_code(code)), side, name, tuple(sorted(set(goals))), True, kept_until(self._today())
        )

        def add(book: MentoringBook) -> MentoringBook:
            if compared(name) in {compared(each.pseudonym) for each in book.seekers}:
                raise FormRefused("pseudonym", "is taken; choose a different one.")
            return replace(book, seekers=(*book.seekers, seeker))

        self._change(add)
        return code

    @for_anyone(Permission.JOIN_GROUP)
    def mine(self, code: str) -> MentoringPlace:
        """Return how the holder of a code stands, and keep them for the whole time again. Raises: NotFound."""
        until = kept_until(self._today())
        book = self._change(lambda book: put_seeker(book, replace(self._own(book, code), until=until)))
        own = self._own(book, code)
        return _place(book, own, current(book, own.id))

    @for_anyone(Permission.JOIN_GROUP)
    def answer(self, code: str, sessions: int) -> MentoringPlace:
        """Answer an offer: 4 to 6 sessions for a yes, 0 for a no; the first answer counts.

        Raises: NotFound; WrongState when nobody is offered; FormRefused for another number.
        """
        if sessions and not FEWEST_SESSIONS <= sessions <= MOST_SESSIONS:
            raise FormRefused("sessions", f"must be {FEWEST_SESSIONS} to {MOST_SESSIONS}, or 0 for a no.")

        def act(book: MentoringBook) -> MentoringBook:
            own, pair = self._in(book, code, PairState.OFFERED)
            return put(book, answered(pair, own.side, sessions))

        self._change(act)
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def note_session(self, code: str) -> MentoringPlace:
        """Note that the two met today; the last one they agreed on ends the pair well. Raises: NotFound; WrongState at half-time, too."""

        def act(book: MentoringBook) -> MentoringBook:
            _, pair = self._in(book, code, PairState.MEETING)
            if is_half_time(pair):
                raise WrongState("both say first how it goes.")
            after = held(pair, self._today())
            return rested(put(book, after), after) if after.state is PairState.PARTED else put(book, after)

        self._change(act)
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def go_on(self, code: str) -> MentoringPlace:
        """Say at half-time that it goes on; it does when both have said so. Raises: NotFound; WrongState before half-time."""

        def act(book: MentoringBook) -> MentoringBook:
            own, pair = self._in(book, code, PairState.MEETING)
            if not is_half_time(pair):
                raise WrongState("it is not half-time.")
            return put(book, checked(pair, own.side))

        self._change(act)
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def part(self, code: str) -> MentoringPlace:
        """End a pair at any time, without a reason; the other sees that it has ended, in the words of a good close. Raises: NotFound; WrongState."""

        def act(book: MentoringBook) -> MentoringBook:
            _, pair = self._in(book, code, PairState.MEETING)
            return rested(put(book, replace(pair, state=PairState.PARTED)), pair)

        self._change(act)
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def look_again(self, code: str) -> MentoringPlace:
        """Be offered to somebody else from now on; never to somebody one has met or been offered to before. Raises: NotFound."""
        self._change(lambda book: put_seeker(book, replace(self._own(book, code), is_looking=True)))
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def leave(self, code: str) -> None:
        """Be forgotten at once, with every pair; somebody who is gone already is well."""

        def act(book: MentoringBook) -> MentoringBook:
            try:
                own = self._own(book, code)
            except NotFound:
                return book
            pair = current(book, own.id)
            if pair is not None and pair.state is PairState.MEETING:
                book = rested(book, pair)
            others = tuple(each for each in book.seekers if each.id != own.id)
            return replace(book, seekers=others, pairs=tuple(each for each in book.pairs if not each.has(own.id)))

        self._change(act)

    def _own(self, book: MentoringBook, code: str) -> Seeker:
        token_hash = hash_token(bare_code(code))
        own = next((each for each in book.seekers if each.token_hash == token_hash), None)
        if own is None:
            raise NotFound("nobody belongs to this code.")
        return own

    def _in(self, book: MentoringBook, code: str, state: PairState) -> tuple[Seeker, Pair]:
        own = self._own(book, code)
        pair = current(book, own.id)
        if pair is None or pair.state is not state:
            raise WrongState(f"there is nobody {state.value} to this code now.")
        return own, pair

    def _change(self, act: Callable[[MentoringBook], MentoringBook]) -> MentoringBook:
        """Return the book after an act, settled before and after it; tried again whenever somebody else was quicker."""
        for _ in range(_MOST_TRIES):
            before = self.store.book()
            after = self._settled(act(self._settled(before)))
            if after == before or self.store.replace(before, after):
                return after
        raise WrongState("others keep changing this at the same moment; try again.")

    def _settled(self, book: MentoringBook) -> MentoringBook:
        for _ in range(_MOST_OFFERS):
            after = settled(book, self._today(), secrets.token_hex(16))
            if after == book:
                break
            book = after
        return book

    def _today(self) -> date:
        return self.clock.now().date()


def _place(book: MentoringBook, own: Seeker, pair: Pair | None) -> MentoringPlace:
    if pair is None:
        return MentoringPlace(own, Step.LOOKING if own.is_looking else Step.RESTING)
    other = next(each for each in book.seekers if pair.has(each.id) and each.id != own.id)
    mine = pair.mentor_sessions if own.side is Side.MENTOR else pair.mentee_sessions
    shared = tuple(goal for goal in own.goals if goal in other.goals)
    if pair.state is PairState.OFFERED:
        if mine == 0:  # who said no looks on at once; the offer lives on for the other's eyes alone
            return MentoringPlace(own, Step.LOOKING)
        return MentoringPlace(own, Step.ASKED if mine is None else Step.WAITING, other.pseudonym, shared, pair.offered_until)
    step = Step.MEETING if not is_half_time(pair) else Step.CHECKED if pair.checked_by is own.side else Step.HALF_TIME
    return MentoringPlace(own, step, other.pseudonym, shared, None, pair.held, pair.planned)
