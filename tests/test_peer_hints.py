"""Hints to a peer who writes in a true talk: one at a time, only on what may hurt, off by default, and nothing of a draft is kept."""

from __future__ import annotations

import pytest

from companion.bootstrap import App
from companion.bootstrap_training import Practice, open_practice
from companion.settings import Settings
from companion.training.hints import hint_on

LETTER = "Three nights in a row. I cannot switch off, and my partner is angry with me."


@pytest.fixture(scope="module")
def practice(app: App) -> Practice:
    return open_practice(app)


def hint(practice: Practice, draft: str, before: str = LETTER) -> tuple[str, str] | None:
    found = hint_on(draft, before, practice.scorer(), practice.feedback_words())
    return (found.module_id, found.quote) if found else None


def test_hints_are_off_unless_the_deployer_switches_them_on() -> None:
    assert not Settings().peer_hints


@pytest.mark.parametrize(
    ("draft", "module", "about"),
    [
        ("You should just talk to your manager.", "empathy-without-rescuing", "You should just talk to your manager."),
        ("Others have it much worse.", "empathy-without-rescuing", "Others have it much worse."),
        (
            "That sounds hard. I promise I will never tell anybody.",
            "confidentiality-and-its-limits",
            "I promise I will never tell anybody.",
        ),
    ],
)
def test_what_may_hurt_is_pointed_out_with_the_sentence_and_the_module(practice: Practice, draft: str, module: str, about: str) -> None:
    assert hint(practice, draft) == (module, about)


@pytest.mark.parametrize(
    "draft",
    [
        "Three nights, and no way to switch off.",
        "What is that like for you?",
        "Do you sleep at all?",  # a closed question is for the practice room
        "I am here.",
        "What you say stays with me, unless a life is in danger. Then I would tell you first.",
    ],
)
def test_a_line_that_hurts_nobody_is_left_alone(practice: Practice, draft: str) -> None:
    assert hint(practice, draft) is None


def test_advice_that_was_asked_for_is_left_alone(practice: Practice) -> None:
    assert hint(practice, "You could try a walk after the shift.", "What would you do? Any tips?") is None
    assert hint(practice, "You could try a walk after the shift.") is not None


def test_the_promise_of_secrecy_is_named_before_anything_else(practice: Practice) -> None:
    draft = "Others have it worse. You should rest. I promise I will never tell anybody."

    assert hint(practice, draft) == ("confidentiality-and-its-limits", "I promise I will never tell anybody.")
