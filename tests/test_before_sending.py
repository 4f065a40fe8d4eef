"""A name or number in a live talk is pointed out to its writer before it goes; they decide, an urgent talk never waits, nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest
from small_companion import Parts, failing

from companion.bootstrap import App
from companion.bootstrap_talk import direct_details
from companion.errors import RedactionFailed
from companion.models import Entity, EntityType
from companion.ui.unsent import Sending, Side, without, words_of

NAMED = "can you ask sarah whitfield about it, 07700 900123"


def found(app: App, text: str, settled: frozenset[str] = frozenset()) -> list[tuple[str, EntityType]]:
    return [(text[each.start : each.end], each.type) for each in direct_details(app, text, settled)]


@dataclass
class Line:
    """Hold one side of a talk over a wire that can be cut; "Sarah" is all it knows of names."""

    sent: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    is_cut: bool = False
    looked: int = 0

    def __post_init__(self) -> None:
        self.side = Side(Sending(), self._post, self._look)

    @property
    def held(self) -> list[str]:
        return [each.text for each in self.side.sending.held]

    def say(self, *texts: str, is_urgent: bool = False) -> None:
        for text in texts:
            self.side.take(text, is_urgent=is_urgent)

    def _post(self, text: str, key: str) -> bool:
        self.keys.append(key)
        if not self.is_cut:
            self.sent.append(text)
        return not self.is_cut

    def _look(self, text: str, settled: frozenset[str]) -> tuple[Entity, ...]:
        self.looked += 1
        at = text.find("Sarah")
        return () if at < 0 or "sarah" in settled else (Entity(at, at + 5, EntityType.PERSON, "[Person A]"),)


# --- what is found -----------------------------------------------------------------------------------------------------


def test_names_and_numbers_that_lead_to_somebody_are_found_as_typed(app: App) -> None:
    assert found(app, NAMED) == [("sarah whitfield", EntityType.PERSON), ("07700 900123", EntityType.PHONE)]


@pytest.mark.parametrize("text", ["I have three nights in a row.", "We were moved from Leeds to Hull.", "hello, I am here", "?", "", "🙂"])
def test_what_leads_to_nobody_is_left_alone(app: App, text: str) -> None:
    assert found(app, text) == []


def test_offsets_are_those_of_the_text_as_typed(app: App) -> None:
    assert ("sarah whitfield", EntityType.PERSON) in found(app, "\u200b\u200bcan you ask sarah whitfield about it")


def test_what_its_writer_sent_before_and_the_two_themselves_are_not_asked_about(app: App) -> None:
    settled = words_of("Sarah Whitfield")

    assert found(app, "Sarah said it again", settled) == []
    assert found(app, "can you ask sarah whitfield about it", settled) == []


def test_with_the_redactor_down_it_goes_as_typed(app: App) -> None:
    broken = cast(
        "App", SimpleNamespace(settings=app.settings, words=app.words, parts=Parts(app, redactor=failing(RedactionFailed("down"))))
    )

    assert direct_details(broken, NAMED, ()) == ()


@pytest.mark.parametrize("text", ["sarah whitfield, i want to kill myself", "my husband tom baker beats me, call 07700 900123"])
def test_a_message_that_speaks_of_danger_goes_at_once_whatever_it_names(app: App, text: str) -> None:
    assert found(app, text) == []


def test_hidden_words_leave_their_kind(app: App) -> None:
    hidden = without(NAMED, direct_details(app, NAMED, ()), lambda kind: {"PERSON": "a name", "PHONE": "a phone number"}[kind.value])

    assert hidden == "can you ask [a name] about it, [a phone number]"


# --- what happens to it ------------------------------------------------------------------------------------------------


def test_a_message_without_a_name_goes_at_once() -> None:
    line = Line()

    line.say("three nights in a row")

    assert (line.sent, line.held) == (["three nights in a row"], [])


def test_a_message_with_a_name_waits_for_its_writer_and_then_goes_as_typed_or_hidden() -> None:
    as_typed, hidden, dropped = Line(), Line(), Line()
    for line in (as_typed, hidden, dropped):
        line.say("Sarah did it")
        assert (line.sent, line.held) == ([], ["Sarah did it"])

    as_typed.side.send_as_typed()
    hidden.side.send_hidden(lambda _kind: "a name")
    dropped.side.drop()

    assert (as_typed.sent, hidden.sent, dropped.sent) == (["Sarah did it"], ["[a name] did it"], [])
    assert not as_typed.held + hidden.held + dropped.held


def test_nobody_is_asked_twice_about_a_name_they_sent() -> None:
    line = Line()
    line.say("Sarah did it")
    line.side.send_as_typed()

    line.say("Sarah again")

    assert line.sent == ["Sarah did it", "Sarah again"]


def test_what_is_typed_behind_a_held_message_goes_after_it() -> None:
    line = Line()
    line.say("Sarah did it", "what shall I do")
    assert line.sent == []

    line.side.send_hidden(lambda _kind: "a name")

    assert line.sent == ["[a name] did it", "what shall I do"]


def test_an_urgent_talk_never_waits_and_is_not_even_looked_at() -> None:
    line = Line()

    line.say("Sarah has a knife", is_urgent=True)

    assert (line.sent, line.looked) == (["Sarah has a knife"], 0)


def test_what_was_held_goes_before_an_urgent_message() -> None:
    line = Line()
    line.say("Sarah did it")

    line.say("I cannot go on", is_urgent=True)

    assert line.sent == ["Sarah did it", "I cannot go on"]


def test_what_cannot_be_delivered_stays_in_order_and_is_sent_once() -> None:
    line = Line(is_cut=True)
    line.say("first", "second")
    assert line.held == ["first", "second"]

    line.is_cut = False
    line.side.send_as_typed()

    assert (line.sent, line.held) == (["first", "second"], [])
    assert len(set(line.keys)) == 2  # each attempt of one message bears its one key
