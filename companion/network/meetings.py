"""Joining a peer group under a pseudonym, waiting for a place, coming back with a code, and leaving without a reason.

The code is made here, shown once and forgotten; the database holds its hash. Nothing ties a place to a chat, to a browser or to another place
of the same person. Every change is one conditional write of the group's register: two people who join at the same instant never share a place.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from companion.errors import FormRefused, InputRefused, NotFound, OwnManager, TooSoon, WrongState
from companion.models_keeping import CodeTries
from companion.models_meetings import Joined, Membership, OwnPlace, Places, PseudonymLook, Register, Seats, Standing
from companion.models_staff import Caller
from companion.network.handover_parts import checked_text, hash_token
from companion.network.keeping import WAITS, WrongCodes, bare_code, new_code
from companion.network.permissions import Permission, for_anyone, requires
from companion.network.register import accepted, joined, kept_until, left, put, settled
from companion.ports import Clock
from companion.ports_meetings import MembershipStore

MAX_PSEUDONYM_CHARS = 30
FEW_MEMBERS = 6
"""Chosen by us: in a group smaller than this somebody is soon recognised by what they tell; people are told so before they join."""
_MOST_TRIES = 200
"""Chosen by us: each lost try means that somebody else's act on the same group succeeded."""


@dataclass(frozen=True)
class MembershipService:
    """Serve the employee who joins a group. All methods may raise StoreUnavailable: then nothing was changed.

    seats_of: what a group gives now, by key; no seats for a group that is not listed any more. outside_of: how many came to it without
    Companion. look: what redaction thinks of a pseudonym; raises RedactionFailed. own_managers_groups: keys of the groups led by whoever
    manages a department.
    """

    store: MembershipStore
    clock: Clock
    seats_of: Callable[[str], Seats]
    outside_of: Callable[[str], int]
    look: Callable[[str], PseudonymLook]
    wrong_codes: WrongCodes = field(default_factory=WrongCodes)
    own_managers_groups: Callable[[str], frozenset[str]] = field(default_factory=lambda: _no_directory)

    @for_anyone(Permission.JOIN_GROUP)
    def places(self, group_key: str) -> Places:
        """Return how full a group is now."""
        seats, register = self.seats_of(group_key), self._settled(group_key)
        outside = self.outside_of(group_key)
        can_join = seats.takes_people and register.taken < seats.total and not register.waiting
        return Places(register.taken + outside, seats.total + outside, len(register.waiting), can_join, seats.has_list)

    @for_anyone(Permission.JOIN_GROUP)
    def look_at(self, pseudonym: str) -> PseudonymLook:
        """Return whether a pseudonym looks like a real name or a direct identifier. Raises: InputRefused, RedactionFailed."""
        return self.look(checked_text(pseudonym, MAX_PSEUDONYM_CHARS))

    @for_anyone(Permission.JOIN_GROUP)
    def join(self, group_key: str, pseudonym: str, works_in: str | None = None) -> Joined:
        """Take a place in a group, or the last place in its waiting list, and return the code that proves it.

        works_in: department that the person named, if any; it is looked up and forgotten.

        Raises: InputRefused (empty, too_long, identifier); FormRefused when the pseudonym is taken in this group; WrongState for a group
        that takes nobody; OwnManager; RedactionFailed, and then nothing is stored.
        """
        self._keep_managers_out(group_key, works_in)
        name = checked_text(pseudonym, MAX_PSEUDONYM_CHARS)
        if not compared(name):
            raise InputRefused("empty")
        if self.look(name) is PseudonymLook.DETAIL:
            raise InputRefused("identifier")
        code, today = new_code(), self._today()
        token_hash = hash_token(bare_code(code))
        newcomer = Membership(secrets.token_hex(16), group_key, token_hash, name, Standing.MEMBER, kept_until(today))

        def add(register: Register, seats: Seats) -> Register:
            if not seats.has_list:
                raise WrongState(f"group {group_key} takes nobody in now.")
            if compared(name) in {compared(each.pseudonym) for each in register.memberships}:
                raise FormRefused("pseudonym", "is taken in this group; choose a different one.")
            return joined(register, newcomer, seats, today)

        self._change(group_key, add)
        return Joined(code, self._found(token_hash))

    @for_anyone(Permission.JOIN_GROUP)
    def open(self, code: str, tries: CodeTries) -> OwnPlace:
        """Return the place that a code proves, as people type it.

        Raises: NotFound for every code that proves none; TooSoon after too many wrong ones, without looking at this one.
        """
        now = self.clock.now()
        wait = tries.wait(now, WAITS) or self.wrong_codes.take(now)
        if wait > timedelta():
            raise TooSoon(wait.total_seconds())
        tries.count, tries.last_at = tries.count + 1, now
        place = self.mine(code)
        tries.count = 0
        self.wrong_codes.give_back()
        return place

    @for_anyone(Permission.JOIN_GROUP)
    def mine(self, code: str) -> OwnPlace:
        """Return how the holder of a code stands, and keep the place for the whole time again. Raises: NotFound."""
        found = self._found(hash_token(bare_code(code)))
        register = self._settled(found.group_key)
        own = self._in(register, found)
        until = kept_until(self._today())
        if own.until < until:
            register = self._change(found.group_key, lambda register, _: put(register, replace(self._in(register, found), until=until)))
            own = self._in(register, found)
        in_line = [each.id for each in register.waiting].index(own.id) + 1 if own.standing is Standing.WAITING else None
        return OwnPlace(own, in_line)

    @for_anyone(Permission.JOIN_GROUP)
    def accept(self, code: str, works_in: str | None = None) -> OwnPlace:
        """Take the place that was offered. works_in: as for `join`. Raises: NotFound; WrongState when no place is offered any more; OwnManager."""
        found = self._found(hash_token(bare_code(code)))
        self._keep_managers_out(found.group_key, works_in)
        register = self._change(found.group_key, lambda register, _: accepted(register, self._in(register, found)))
        if self._in(register, found).standing is not Standing.MEMBER:
            raise WrongState("no place is offered to this code now.")
        return self.mine(code)

    @for_anyone(Permission.JOIN_GROUP)
    def leave(self, code: str) -> None:
        """Give a place up at once; nobody is asked or told why. Somebody who is gone already is well."""
        found = self.store.find(hash_token(bare_code(code)))
        if found is not None:
            self._change(found.group_key, lambda register, seats: left(register, found, seats, self._today()))

    @requires(Permission.LEAD_GROUP)
    def free(self, caller: Caller, group_key: str, pseudonym: str) -> None:  # noqa: ARG002
        """Give up a place in somebody's stead; who may do so for which group is the facilitation service's to know. Raises: NotFound."""
        found = next((each for each in self.store.register(group_key).memberships if each.pseudonym == pseudonym), None)
        if found is None:
            raise NotFound("nobody of this name is in the group.")
        self._change(group_key, lambda register, seats: left(register, found, seats, self._today()))

    def _keep_managers_out(self, group_key: str, works_in: str | None) -> None:
        """Refuse a group of the person's own manager. Raises: OwnManager."""
        if works_in is not None and group_key in self.own_managers_groups(works_in):
            raise OwnManager(f"group {group_key} is led by the manager of the department that was named.")

    def _found(self, token_hash: str) -> Membership:
        found = self.store.find(token_hash)
        if found is None:
            raise NotFound("no place in a group belongs to this code.")
        return found

    def _in(self, register: Register, membership: Membership) -> Membership:
        """Return a membership as it stands in a register. Raises: NotFound when it has been given up meanwhile."""
        own = next((each for each in register.memberships if each.id == membership.id), None)
        if own is None:
            raise NotFound("no place in a group belongs to this code.")
        return own

    def _settled(self, group_key: str) -> Register:
        return self._change(group_key, lambda register, _: register)

    def _change(self, group_key: str, act: Callable[[Register, Seats], Register]) -> Register:
        """Return the register after an act, settled before and after it; tried again whenever somebody else was quicker."""
        for _ in range(_MOST_TRIES):
            before, seats = self.store.register(group_key), self.seats_of(group_key)
            after = settled(act(settled(before, seats, self._today()), seats), seats, self._today())
            if after == before or self.store.replace(before, after):
                return after
        raise WrongState("this group keeps changing; try again.")

    def _today(self) -> date:
        return self.clock.now().date()


def _no_directory(_department: str) -> frozenset[str]:
    """Return the groups of a department's manager where nobody can know them."""
    return frozenset()


def compared(pseudonym: str) -> str:
    """Return the form in which pseudonyms of a group are compared, so that "He ron" is not somebody else than "heron"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", pseudonym).casefold())
