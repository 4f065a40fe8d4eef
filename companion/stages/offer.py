"""Decide how a human peer stands in this turn: not yet, offered, asked for, or urgent."""

from __future__ import annotations

import re

from companion.models import HumanOffer, RedactedMessage, TriageDecision, TriageLevel
from companion.phrases import Wording

_PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]")
LATEST_OFFER_TURN = 4
"""By this turn a way to a person is on the table (DESIGN 1, promise 4)."""


def decide(message: RedactedMessage, triage: TriageDecision, *, requests: Wording, turn_number: int, covered: bool) -> HumanOffer:
    """Return how a human peer stands in this turn.

    Urgent from `risk` upwards. Requested when the message asks for a person. Offered on concern, when the library does not cover the
    message, and from the fourth turn on. requests: the wordings of `knowledge/triage_rules.yaml` that ask for a person.
    turn_number: from 1. covered: whether retrieval found a passage above the threshold.
    """
    if triage.level.is_at_risk:
        return HumanOffer.URGENT
    if requests.occurs_in(_PLACEHOLDER.sub("~", message.text)):  # "[Person A]" asks for nobody
        return HumanOffer.REQUESTED
    if triage.level is TriageLevel.CONCERN or not covered or turn_number >= LATEST_OFFER_TURN:
        return HumanOffer.OFFERED
    return HumanOffer.NONE
