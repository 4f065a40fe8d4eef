"""Leaving a page, or leaving it still, erases its chat in the server's memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.testclient import TestClient

from companion.settings import load_settings
from companion.ui.chat_state import ChatState, View
from companion.ui.open_chats import OpenChats, open_chats
from companion.ui.server import own_routes

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


def a_chat(last_used_at: datetime = NOW) -> ChatState:
    chat = ChatState(last_used_at=last_used_at)
    chat.session.raw_history.append("something only I know")
    chat.session.hidden_words.add("bluebird")
    return chat


def test_erasing_by_token_forgets_every_word() -> None:
    chats, chat = OpenChats(), a_chat()
    token = chats.add(chat)

    assert chats.erase(token)

    assert chat.is_erased
    assert chat.session.raw_history == []
    assert chat.session.hidden_words == set()


def test_a_turn_still_being_written_ends_in_an_orphaned_session() -> None:
    chat = a_chat()
    session_of_the_turn = chat.session

    chat.erase()
    session_of_the_turn.raw_history.append("written too late")

    assert chat.session.raw_history == []


def test_an_unknown_token_erases_nothing() -> None:
    chats, chat = OpenChats(), a_chat()
    chats.add(chat)

    assert not chats.erase("guessed")

    assert not chat.is_erased


def test_a_chat_left_still_for_half_an_hour_is_erased() -> None:
    chats, still, fresh = OpenChats(), a_chat(NOW - HALF_AN_HOUR), a_chat(NOW - timedelta(minutes=29))
    chats.add(still)
    chats.add(fresh)

    assert chats.erase_idle(NOW, HALF_AN_HOUR) == 1

    assert still.is_erased
    assert not fresh.is_erased


def test_a_closed_page_is_forgotten_with_its_last_reference() -> None:
    chats = OpenChats()
    chats.add(a_chat())

    assert len(chats) == 0


def test_the_leave_route_erases_and_always_answers_the_same() -> None:
    chat = a_chat()
    token = open_chats().add(chat)
    browser = TestClient(Starlette(routes=own_routes(load_settings())))

    known, unknown = browser.post("/session/erase", content=token), browser.post("/session/erase", content="x" * 10_000)

    assert chat.is_erased
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")


def test_the_notice_comes_again_after_three_hours() -> None:
    chat = a_chat()
    assert chat.needs_notice(NOW, timedelta(hours=3))

    chat.accepted_at = NOW

    assert not chat.needs_notice(NOW + timedelta(hours=2, minutes=59), timedelta(hours=3))
    assert chat.needs_notice(NOW + timedelta(hours=3), timedelta(hours=3))


def test_hiding_a_word_hides_it_in_earlier_turns_that_a_writer_may_see() -> None:
    from companion.models import Exchange, RedactedMessage

    chat = a_chat()
    chat.session.exchanges.append(Exchange(RedactedMessage("the Falcon launch, falconry aside"), "Yes."))

    chat.hide("falcon")

    assert chat.session.exchanges[0].message.text == "the [hidden] launch, falconry aside"


def test_a_new_page_shows_the_chat_from_its_top() -> None:
    chat = a_chat()

    chat.show(View.HELD)

    assert (chat.view, chat.scroll_mark) == (View.HELD, 1)
