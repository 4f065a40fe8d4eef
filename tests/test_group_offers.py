"""What the pages offer of groups: never a place in a full one, never a group that was set aside or that one's own manager leads."""

from __future__ import annotations

from typing import cast

import pytest

from companion.library.catalogue import load_groups
from companion.models import RedactedMessage, Reply, TriageDecision, TriageLevel, Turn, WriterName
from companion.models_groups import GroupMatch
from companion.models_meetings import Places
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


def test_a_group_that_filled_up_here_comes_last_and_offers_its_waiting_list(words: Words) -> None:
    full = GROUPS[0].key

    places = {group.key: FULL if group.key == full else FREE for group in GROUPS}
    cards = cast(list[Plain], drawn(chat_of(MATCHES), words, 1, places)["groups"])

    assert [(card["key"] == full, card["see"]) for card in cards] == [
        (False, words("meetings.card.see")),
        (False, words("meetings.card.see")),
        (True, words("meetings.card.see_full")),
    ]


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
