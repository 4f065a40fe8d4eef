"""Gaps: topics that were asked and not covered, shown from ten on in steps of ten, with nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from companion.curation.gaps import OTHER, GapDesk
from companion.errors import EmbeddingFailed, NotAllowed, StoreUnavailable
from companion.models import RedactedMessage, Reply, TriageDecision, TriageLevel, Turn, WriterName
from companion.models_staff import EMPLOYEE, Caller, Role

COORDINATOR = Caller(frozenset({Role.COORDINATOR}), "c1", "Wren")


@dataclass
class Counts:
    kept: dict[tuple[str, str], int] = field(default_factory=dict)
    is_down: bool = False

    def add(self, month: str, topic: str) -> None:
        if self.is_down:
            raise StoreUnavailable("the database did not answer.")
        self.kept[month, topic] = self.kept.get((month, topic), 0) + 1

    def counts(self, month: str) -> dict[str, int]:
        return {topic: count for (kept_month, topic), count in self.kept.items() if kept_month == month}

    def months(self) -> tuple[str, ...]:
        return tuple(sorted({month for month, _ in self.kept}, reverse=True))


@dataclass
class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)


def not_covered(text: str = "how do pensions work") -> Turn:
    reply = Reply("The library has nothing on this.", (), (), WriterName.CURATED, covered=False)
    return Turn(RedactedMessage(text), TriageDecision(TriageLevel.NONE, 0.0), reply)


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def desk(counts: Counts) -> GapDesk:
    return GapDesk(counts, Noon(), lambda message: "money_worry" if "pension" in message.text else None)


@pytest.mark.parametrize(("asked", "shown"), [(0, []), (1, []), (9, []), (10, [10]), (11, [10]), (19, [10]), (20, [20]), (37, [30])])
def test_a_topic_is_shown_from_ten_on_in_steps_of_ten(desk: GapDesk, asked: int, shown: list[int]) -> None:
    for _ in range(asked):
        desk.note(not_covered())

    assert [gap.at_least for gap in desk.shown(COORDINATOR)] == shown


@pytest.mark.parametrize("asked", [5, 9, 13, 18, 25])
def test_without_one_persons_question_the_same_is_shown(desk: GapDesk, counts: Counts, asked: int) -> None:
    for _ in range(asked):
        desk.note(not_covered())
    before = desk.shown(COORDINATOR)

    counts.kept["2026-11", "money_worry"] -= 1

    assert desk.shown(COORDINATOR) == before


def test_a_question_near_no_topic_is_counted_as_other(desk: GapDesk, counts: Counts) -> None:
    desk.note(not_covered("who won the cup"))

    assert counts.kept == {("2026-11", OTHER): 1}


def test_nothing_of_the_message_is_kept(desk: GapDesk, counts: Counts) -> None:
    desk.note(not_covered("my pension and my secret canary"))

    assert "canary" not in repr(counts.kept)


def _covered(turn: Turn) -> Turn:
    return replace(turn, reply=replace(turn.reply, covered=True))


def _fixed(turn: Turn) -> Turn:
    return replace(turn, reply=replace(turn.reply, writer=WriterName.FIXED))


def _at_risk(turn: Turn) -> Turn:
    return replace(turn, triage=TriageDecision(TriageLevel.RISK, 1.0))


@pytest.mark.parametrize("change", [_covered, _fixed, _at_risk])
def test_only_an_ordinary_question_without_an_answer_counts(desk: GapDesk, counts: Counts, change: object) -> None:
    desk.note(change(not_covered()))

    assert counts.kept == {}


def test_a_store_that_is_down_disturbs_no_chat(desk: GapDesk, counts: Counts) -> None:
    counts.is_down = True

    desk.note(not_covered())

    assert counts.kept == {}


def test_a_model_that_is_down_disturbs_no_chat(counts: Counts) -> None:
    def broken(_message: RedactedMessage) -> str | None:
        raise EmbeddingFailed("no model")

    GapDesk(counts, Noon(), broken).note(not_covered())

    assert counts.kept == {}


@pytest.mark.parametrize("caller", [EMPLOYEE, Caller(frozenset({Role.PEER}), "p"), Caller(frozenset({Role.AUDITOR}), "a")])
def test_only_coordinators_see_gaps(desk: GapDesk, caller: Caller) -> None:
    with pytest.raises(NotAllowed):
        desk.shown(caller)
