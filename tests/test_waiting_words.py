"""Whoever waits for a person reads one true sentence about it: never that somebody was told, and beside it that nobody was."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from companion.models_people import HandoverState, HandoverStatus, Wish
from companion.settings import ROOT
from companion.ui.hand_over import waiting_key
from companion.ui.text import load_words

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
OPEN = (HandoverState.NOTIFIED, HandoverState.FALLBACK_SHOWN)
CLAIMS_THAT_PEOPLE_KNOW = ("with the people on duty", "Everybody on duty sees", "Nobody has been free", "has been asked")


def status(state: HandoverState, *, urgent: bool, offered: bool, delivered: bool) -> HandoverStatus:
    """Return the status of a request made at three in the morning."""
    return HandoverStatus("h", state, urgent, Wish.UNSURE, AT, AT, delivered, None, False, False, 0, False, 0, is_offered=offered)


@pytest.mark.parametrize(("state", "urgent", "offered"), list(product(OPEN, (False, True), (False, True))))
def test_a_notice_that_went_out_is_told_without_doubt_and_one_that_did_not_without_claims(
    state: HandoverState, urgent: bool, offered: bool
) -> None:
    words = load_words(ROOT / "prompts")
    told, untold = (
        words(waiting_key(status(state, urgent=urgent, offered=offered, delivered=delivered)), time="03:00") for delivered in (True, False)
    )

    assert "not gone out" not in told
    assert "not gone out" in untold
    assert not any(claim in untold for claim in CLAIMS_THAT_PEOPLE_KNOW)


def test_an_urgent_request_of_which_nobody_was_told_points_to_the_lines() -> None:
    key = waiting_key(status(HandoverState.NOTIFIED, urgent=True, offered=False, delivered=False))

    assert "lines" in load_words(ROOT / "prompts")(key, time="03:00")
