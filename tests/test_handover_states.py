"""The states of a hand-over, written down here a second time from the words of PROMISES: a wrong row in the code's own table fails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companion.errors import WrongState
from companion.models_people import Act, Handover, HandoverState, Wish
from companion.models_staff import SealedKey
from companion.network.escalation import TRANSITIONS, EscalationTimes, Move, change

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
STAYS = {
    # what happens without a change of state
    Act.REACH: "offered fallback_shown",
    Act.REMIND: "requested notified offered requeued",
    Act.ALARM: "fallback_shown",
    Act.ACKNOWLEDGE: "fallback_shown",
    Act.HURRY: "requested notified requeued fallback_shown claimed active",
    Act.DANGER: "claimed active",
    Act.ASK_TO_PASS: "active",
    Act.KEEP_PEER: "active",
    Act.WATCH: "active",
    Act.LET_READ: "requested notified offered requeued fallback_shown claimed active",
}
GOES = {
    # a peer is told, asked, says no, or does not answer
    Act.NOTIFY: ("requested requeued", "notified"),
    Act.OFFER: ("requested notified requeued", "offered"),
    Act.DECLINE: ("offered", "requeued"),
    Act.LAPSE: ("offered", "requeued"),
    # a peer takes it, answers, gives it back, hands it on
    Act.CLAIM: ("requested notified offered requeued fallback_shown", "claimed"),
    Act.ANSWER: ("claimed", "active"),
    Act.PASS_BACK: ("claimed active", "requeued"),
    Act.PASS_ON: ("active", "requeued"),
    # nobody is free; the employee waits on, gives up, hurries, comes back
    Act.FALL_BACK: ("requested notified offered requeued", "fallback_shown"),
    Act.KEEP_WAITING: ("fallback_shown", "requeued"),
    Act.HURRY: ("offered", "requeued"),
    Act.WITHDRAW: ("requested notified offered requeued fallback_shown claimed active", "withdrawn"),
    Act.EXPIRE: ("requested notified offered requeued fallback_shown", "closed"),
    Act.CLOSE: ("claimed active", "closed"),
    Act.REOPEN: ("closed", "requeued"),
}


def expected(act: Act, state: HandoverState) -> HandoverState | None:
    """Return the state that the promises let follow, None when the act is not possible."""
    before, after = GOES.get(act, ("", ""))
    if state.value in before.split():
        return HandoverState(after)
    return state if state.value in STAYS.get(act, "").split() else None


def in_state(state: HandoverState) -> Handover:
    return Handover("0" * 32, state, 1, False, None, Wish.UNSURE, NOW, NOW, NOW, NOW, SealedKey("key", b""), b"")


def test_every_act_that_moves_a_request_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(GOES) | set(STAYS) == set(Act) - {Act.REQUEST}


@pytest.mark.parametrize("state", list(HandoverState))
@pytest.mark.parametrize("act", [act for act in Act if act is not Act.REQUEST])
def test_every_act_leads_where_the_promises_say_and_is_refused_elsewhere(act: Act, state: HandoverState) -> None:
    move = Move(act, NOW, claimed_by="peer", offered_to="peer", offered_until=NOW)
    follows = expected(act, state)

    if follows is None:
        with pytest.raises(WrongState):
            change(in_state(state), move, EscalationTimes())
    else:
        assert change(in_state(state), move, EscalationTimes()).after.state is follows
