"""What the pages offer of groups: never a place in a full one, never a group that was set aside or that one's own manager leads."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from companion.library.catalogue import load_groups
from companion.models import RedactedMessage, Reply, TriageDecision, TriageLevel, Turn, WriterName
from companion.models_groups import GroupMatch
from companion.models_meetings import Places
from companion.prompts import fixed_entries
from companion.settings import ROOT
from companion.ui.chat_state import ChatState, ShownTurn
from companion.ui.components import Plain
from companion.ui.text import Words, load_words
from companion.ui.turn_stream import TurnStream
from companion.ui.turn_view import TurnView, groups_of

FREE, FULL = Places(3, 8, 0, can_join=True, can_wait=True), Places(8, 8, 1, can_join=False, can_wait=True)
GROUPS = load_groups(ROOT / "knowledge" / "groups.yaml")[:3]
MATCHES = tuple(GroupMatch(group, 0.8, "It is about what you wrote.") for group in GROUPS)


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(ROOT / "prompts")


def chat_of(*suggested: tuple[GroupMatch, ...], level: TriageLevel = TriageLevel.NONE) -> ChatState:
    chat = ChatState()
    for number, groups in enumerate(suggested, 1):
        stream = TurnStream(lambda: iter(()))
        stream.wait(5)
        reply = Reply("That is a lot.", (), (), WriterName.CURATED)
        stream.turn = Turn(RedactedMessage("so tired"), TriageDecision(level, 0.0, ()), reply, groups=groups)
        chat.turns.append(ShownTurn(number, "so tired", stream))
    return chat


def drawn(chat: ChatState, words: Words, number: int, places: dict[str, Places] | None = None) -> Plain:
    view = TurnView(words, None, None, can_feed_back=False, places_of=(places or {}).get)
    return view.of(chat.turns[number - 1], chat, is_last=number == len(chat.turns))


def test_a_group_that_filled_up_here_gives_way_to_those_with_a_place(words: Words) -> None:
    places = {group.key: FULL if group == GROUPS[0] else FREE for group in GROUPS}

    cards = cast(list[Plain], drawn(chat_of(MATCHES), words, 1, places)["groups"])

    assert [(card["key"], card["see"]) for card in cards] == [(group.key, words("meetings.card.see")) for group in GROUPS[1:]]


@pytest.mark.parametrize("known_by", ["the list", "the list alone", "the register"])
def test_with_nothing_else_that_fits_the_full_group_is_named_with_its_waiting_list(known_by: str, words: Words) -> None:
    in_list = replace(GROUPS[0], status="full")
    by_register = GroupMatch(GROUPS[0], 0.8, "It is about what you wrote.")
    by_list = GroupMatch(in_list, 0.8, f"It is about what you wrote. {words('meetings.card.full')}")
    match, places = (by_register, FULL) if known_by == "the register" else (by_list, None if known_by == "the list alone" else FULL)

    (card,) = cast(list[Plain], drawn(chat_of((match,)), words, 1, {GROUPS[0].key: places} if places else None)["groups"])

    assert card["why"] == f"It is about what you wrote. {words('meetings.card.full')}"
    assert card["see"] == words("meetings.card.see_full")


def test_that_a_group_is_full_is_said_in_the_same_words_by_the_matcher_and_the_page(words: Words) -> None:
    assert fixed_entries(ROOT / "prompts", "reasons")["full"] == words("meetings.card.full")


def test_a_full_group_on_the_table_is_not_none(words: Words) -> None:
    chat = chat_of((), (), (), ())
    turn = chat.turns[1].stream.turn
    assert turn is not None
    chat.turns[1].stream.turn = replace(turn, full_groups=MATCHES[:1])

    assert not any(drawn(chat, words, number)["none_fits"] for number in range(1, 5))


def test_who_asks_for_groups_gets_a_door_to_all_of_them(words: Words) -> None:
    chat = chat_of((), ())
    turn = chat.turns[1].stream.turn
    assert turn is not None
    chat.turns[1].stream.turn = replace(turn, asks_for_groups=True)

    assert [drawn(chat, words, number)["groups_door"] for number in (1, 2)] == [False, True]


def test_what_was_set_aside_or_is_led_by_the_own_manager_is_offered_nowhere() -> None:
    chat = chat_of(MATCHES)
    chat.session.not_these.add(GROUPS[0].key)
    chat.session.led_by_own_manager = frozenset({GROUPS[1].key})

    assert [match.group.key for match in groups_of(chat.turns[0], chat)] == [GROUPS[2].key]


def test_by_the_fourth_turn_it_is_said_once_that_no_group_fits(words: Words) -> None:
    chat = chat_of((), (), (), (), ())

    assert [bool(drawn(chat, words, number)["none_fits"]) for number in range(1, 6)] == [False, False, False, True, False]


def test_with_a_group_on_the_table_it_is_not_said_that_none_fits(words: Words) -> None:
    chat = chat_of((), MATCHES, (), ())

    assert not any(drawn(chat, words, number)["none_fits"] for number in range(1, 5))


def test_nobody_at_risk_is_told_about_groups_that_do_not_fit(words: Words) -> None:
    chat = chat_of((), (), (), (), level=TriageLevel.RISK)

    assert not drawn(chat, words, 4)["none_fits"]
