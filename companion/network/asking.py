"""The employee's side of a hand-over: ask, wait, hurry, leave, erase. The token is the only key and is never stored."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from companion.errors import NotFound, WrongState
from companion.models_people import Act, Asked, Asker, Audience, Availability, Handover, HandoverState, Preference, Wish
from companion.network.escalation import Move, change, first_notices, next_due
from companion.network.handover_parts import MAX_UNIT_CHARS, HandoverParts, checked_text, hash_token, letter_context, new_token
from companion.network.permissions import Permission, for_anyone

MAX_LETTER_CHARS = 2000


class Asking(HandoverParts):
    """Serve the employee who asks for a person. All methods may raise StoreUnavailable: then nothing was changed."""

    @for_anyone(Permission.ASK_FOR_PERSON)
    def request(
        self,
        letter: str,
        *,
        urgent: bool,
        country: str | None,
        wish: Wish,
        token: str | None = None,
        preference: Preference = Preference(),  # noqa: B008  frozen
    ) -> Asked:
        """Store a request with the letter that the employee approved, and tell the peers.

        token: from `new_token`, so that a second press with the same one returns the first request; made here when None.
        preference: whom the employee would rather meet, and rather not.
        When no peer is on duty the request stands at `fallback_shown` at once, and stays open for whoever comes.

        Raises: InputRefused (empty, too_long).
        """
        token = token or new_token()
        known = self._known(token)
        if known is not None:
            return Asked(known.id, token)
        now = self.clock.now()
        is_staffed = self.turns.availability(now) is not Availability.NONE
        handover = self._new_handover(checked_text(letter, MAX_LETTER_CHARS), urgent, country, wish, now)
        handover = replace(handover, avoid_unit=_unit_or_none(preference.avoid_unit), language=code_or_none(preference.language, str.lower))
        audiences = (Audience.ON_DUTY,) if is_staffed else (Audience.ALL_PEERS, Audience.COORDINATORS)
        if not is_staffed:
            handover = change(handover, Move(Act.FALL_BACK, now), self.times).after
        if not self.store.add(handover, hash_token(token), first_notices(handover, now, audiences)):
            return Asked(self.store.get_by_token(hash_token(token)).id, token)
        self.wake()
        return Asked(handover.id, token)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def withdraw(self, token: str) -> None:
        """Take a request back, at any time before it is closed. Raises: NotFound, WrongState."""
        self._act(Asker(token), Act.WITHDRAW)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def keep_waiting(self, token: str) -> None:
        """Go back to the queue after nobody was free. Raises: NotFound, WrongState."""
        self._act(Asker(token), Act.KEEP_WAITING)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def hurry(self, token: str) -> None:
        """Make an open request urgent. Raises: NotFound, WrongState."""
        self._act(Asker(token), Act.HURRY)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def ask_for_another(self, token: str) -> None:
        """Leave the present peer and wait for another, who will read the letter and the messages; calling it is the consent to that.

        Raises: NotFound, WrongState.
        """
        self._act(Asker(token), Act.PASS_BACK)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def agree_to_pass(self, token: str) -> None:
        """Let the peer pass the talk on, as they asked; the next reads the letter and the messages. Raises: NotFound, WrongState."""
        self._answer_pass(token, Act.PASS_ON)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def let_read(self, token: str) -> None:
        """Let whoever takes the request next, or has just taken it, read the talk that broke off.

        Raises: NotFound; WrongState when there is none that they may not read yet.
        """
        broken = self._broken_off(self._find(Asker(token)))
        if broken is None or broken.is_open:
            raise WrongState("no talk of this request is closed to the next peer.")
        self._act(Asker(token), Act.LET_READ)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def keep_peer(self, token: str) -> None:
        """Say no to being passed on; the talk goes on. Raises: NotFound, WrongState."""
        self._answer_pass(token, Act.KEEP_PEER)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def reopen(self, token: str) -> None:
        """Ask again after the talk was closed, within the retention. Raises: NotFound, WrongState."""
        self._act(Asker(token), Act.REOPEN)

    @for_anyone(Permission.ASK_FOR_PERSON)
    def erase(self, token: str) -> None:
        """Delete the letter, the messages and everything about them at once. Raises: NotFound."""
        self.store.erase((self.store.get_by_token(hash_token(token)).id,))

    def _answer_pass(self, token: str, act: Act) -> None:
        if self._find(Asker(token)).pass_asked is None:
            raise WrongState("the peer has not asked to pass this talk on.")
        self._act(Asker(token), act)

    def _new_handover(self, letter: str, urgent: bool, country: str | None, wish: Wish, now: datetime) -> Handover:
        handover_id = secrets.token_hex(16)
        key = self.box.new_key()
        sealed = self.box.seal(key, letter, letter_context(handover_id))
        state, country = HandoverState.REQUESTED, code_or_none(country)
        fresh = Handover(handover_id, state, 1, urgent, country, Wish(wish), now, now, now, now, key, sealed)
        return replace(fresh, due_at=next_due(fresh, now, self.times))

    def _known(self, token: str) -> Handover | None:
        try:
            return self.store.get_by_token(hash_token(token))
        except NotFound:
            return None


def code_or_none(code: str | None, in_case: Callable[[str], str] = str.upper) -> str | None:
    """Return a code of two letters (country, language); None for anything else, since a request must never fail over it."""
    is_code = code is not None and len(code) == 2 and code.isascii() and code.isalpha()
    return in_case(code) if code is not None and is_code else None


def _unit_or_none(unit: str | None) -> str | None:
    return unit.strip()[:MAX_UNIT_CHARS] or None if unit else None
