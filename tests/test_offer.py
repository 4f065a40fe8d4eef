"""When a human peer is offered, asked for, or urgent."""

from __future__ import annotations

import pytest

from companion.library.triage_words import load_triage_rules
from companion.models import HumanOffer, RedactedMessage, TriageDecision, TriageLevel
from companion.phrases import Wording
from companion.settings import ROOT
from companion.stages.offer import LATEST_OFFER_TURN, decide


@pytest.fixture(scope="module")
def requests() -> Wording:
    return load_triage_rules(ROOT / "knowledge" / "triage_rules.yaml").person_requests


def offer(
    requests: Wording, text: str = "too much work", level: TriageLevel = TriageLevel.NONE, *, turn: int = 1, covered: bool = True
) -> HumanOffer:
    return decide(RedactedMessage(text), TriageDecision(level, 0.9), requests=requests, turn_number=turn, covered=covered)


@pytest.mark.parametrize("level", [level for level in TriageLevel if level.is_at_risk])
def test_every_level_at_risk_is_urgent(level: TriageLevel, requests: Wording) -> None:
    assert offer(requests, "can i talk to a person", level) is HumanOffer.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "can i talk to someone real",
        "I'd like to speak with a human please",
        "is there a real person i can talk to",
        "put me through to somebody who is not a bot",
        "get me a peer supporter",
        "i need someone to talk to",
        "dont want to talk to a machine, want a person please",
        "could someone call me",
        "koi insaan se baat ho sakti hai kya",
        "koi aadmi se baat ho sakti hai",
        "kya koi asli insan hai yahan",
        "quiero hablar con una persona",
        "je voudrais parler à quelqu'un",
        "kann ich mit einem Menschen reden",
        "quero falar com alguém",
        "vorrei parlare con una persona",
        "kan ik met iemand praten",
        "kisi se baat karni hai",
    ],
)
def test_asking_for_a_person_in_any_wording_is_a_request(text: str, requests: Wording) -> None:
    assert offer(requests, text) is HumanOffer.REQUESTED


@pytest.mark.parametrize(
    "text",
    [
        "i have to talk to my boss about the rota",
        "a customer wrote to me again",
        "how do i speak up in meetings",
        "my colleague is a good person",
        "nobody at work has time",
        "koi insan itna kaam nahi kar sakta",
        "mera boss accha insaan hai, kya bolu",
    ],
)
def test_talk_about_other_people_is_no_request(text: str, requests: Wording) -> None:
    assert offer(requests, text) is HumanOffer.NONE


def test_concern_offers_a_person(requests: Wording) -> None:
    assert offer(requests, level=TriageLevel.CONCERN) is HumanOffer.OFFERED


def test_a_gap_in_the_library_offers_a_person(requests: Wording) -> None:
    assert offer(requests, covered=False) is HumanOffer.OFFERED


def test_a_person_is_on_the_table_by_the_fourth_turn(requests: Wording) -> None:
    assert [offer(requests, turn=turn) for turn in (1, 3, 4, 9)] == [HumanOffer.NONE] * 2 + [HumanOffer.OFFERED] * 2
    assert LATEST_OFFER_TURN == 4
