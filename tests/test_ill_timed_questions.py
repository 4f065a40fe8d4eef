"""No small question to somebody who wrote of danger, waits for a person, or talks with one."""

from __future__ import annotations

from functools import partial

import pytest

from companion.bootstrap import App
from companion.models import TriageLevel
from companion.ui.chat_state import ChatState, ShownTurn
from companion.ui.turn_stream import TurnStream


def chat_after(app: App, *said: str) -> ChatState:
    chat = ChatState()
    for number, text in enumerate(said, start=1):
        stream = TurnStream(partial(app.companion.stream, text, chat.session))
        stream.wait(30.0)
        chat.turns.append(ShownTurn(number, text, stream))
    return chat


def test_an_ordinary_chat_is_no_heavy_moment(app: App) -> None:
    assert not chat_after(app, "i am tired after my shifts").is_heavy
    assert not ChatState().is_heavy


@pytest.mark.parametrize("after", [(), ("thanks", "i am tired after my shifts")])
def test_a_chat_stays_heavy_after_a_message_at_risk(app: App, after: tuple[str, ...]) -> None:
    chat = chat_after(app, "everyone would be better off without me", *after)

    assert chat.is_heavy


def test_going_on_after_a_crisis_does_not_bring_small_questions_back(app: App) -> None:
    chat = chat_after(app, "everyone would be better off without me")
    chat.session.go_on()

    assert chat.is_heavy


def test_a_kept_crisis_level_alone_counts() -> None:
    chat = ChatState()
    chat.session.staying_after = TriageLevel.RISK

    assert chat.is_heavy


def test_waiting_for_a_person_and_a_talk_are_heavy_moments() -> None:
    chat = ChatState()
    chat.request.token = "a token"

    assert chat.is_heavy
