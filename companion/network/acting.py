"""How services change a hand-over: read, decide, store only if nobody was quicker, else once more."""

from __future__ import annotations

from collections.abc import Callable

from companion.errors import WrongState
from companion.models_people import Change, Handover
from companion.ports_people import HandoverStore

MAX_TRIES = 8
"""Chosen by us: each lost try means that somebody else's act on the same hand-over succeeded."""


def act_on(store: HandoverStore, find: Callable[[], Handover], decide: Callable[[Handover], Change]) -> Handover:
    """Return the hand-over after the act that `decide` makes of its newest state.

    Raises: what `find` and `decide` raise (NotFound, NotAllowed, WrongState); WrongState when others keep changing it; StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        wanted = decide(find())
        if store.apply((wanted,)):
            return wanted.after
    raise WrongState("the hand-over keeps changing; look at it again.")
