"""Triage's second opinion reads a message with the turns before it, and can fail without anybody being missed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from companion.adapters.turn_reader import CORRECTIONS, EARLIER_TOKENS, LEVELS, MESSAGE_TOKENS, TurnPieces, TurnReader
from companion.errors import EmbeddingFailed
from companion.letter_grams import Clues
from companion.models import RedactedMessage, TriageLevel, Vector
from companion.opinions import JoinedOpinion, opinion
from companion.stages.triage import ClassifierBars

BARS = ClassifierBars(0.7, 0.5, 0.4, 0.35, 0.7, 0.95, 0.8, 0.75, reader_share=0.5, reader_share_elsewhere=0.5)
NOWHERE: Vector = np.zeros(384, dtype=np.float32)


@pytest.fixture(scope="module")
def reader() -> TurnReader:
    return TurnReader()


def at_risk(chances: Mapping[TriageLevel, float]) -> float:
    return sum(share for level, share in chances.items() if level.is_at_risk)


def said(*texts: str) -> list[RedactedMessage]:
    return [RedactedMessage(text) for text in texts]


class TestWhatItReads:
    def test_chances_of_all_six_levels_sum_to_one(self, reader: TurnReader) -> None:
        chances = reader.read(RedactedMessage("the rota is out"))
        assert set(chances) == set(LEVELS) == set(TriageLevel)
        assert sum(chances.values()) == pytest.approx(1.0)

    def test_a_danger_said_without_any_keyword_outweighs_a_complaint(self, reader: TurnReader) -> None:
        danger = reader.read(RedactedMessage("i have written to each of them and the letters are on the table. the pills are beside me"))
        complaint = reader.read(RedactedMessage("the printer on the second floor has eaten my letters again"))
        assert at_risk(danger) > 0.5 > at_risk(complaint)

    def test_what_came_before_changes_what_a_message_means(self, reader: TurnReader) -> None:
        message = RedactedMessage("yes. tonight")
        before_a_meal = reader.read(message, said("are we still going to the pub after the shift"))
        before_the_end = reader.read(message, said("i can't go on living like this, i have decided to end it"))
        assert at_risk(before_the_end) > at_risk(before_a_meal)

    def test_very_long_turns_are_read_from_both_ends_and_newest_first(self) -> None:
        pieces = TurnPieces()
        ids, own = pieces.of_turn("start " + "word " * 500 + "finish", ["older " * 100, "newer " * 100])
        assert own == MESSAGE_TOKENS + 2
        assert len(ids) <= own + EARLIER_TOKENS
        newer, _ = pieces.of_turn("newer", [])
        assert ids[own] == newer[1]


class TestDamage:
    def test_corrections_of_another_version_are_refused(self, tmp_path: Path) -> None:
        copy = tmp_path / "turn_reader.npz"
        shutil.copy(CORRECTIONS, copy)
        with copy.open("r+b") as out:
            out.seek(200)
            out.write(b"\xff\xff")
        with pytest.raises(EmbeddingFailed, match=r"turn_reader\.npz"):
            TurnReader(path=copy)

    def test_missing_corrections_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(EmbeddingFailed, match=r"turn_reader\.npz"):
            TurnReader(path=tmp_path / "turn_reader.npz")


class SureOf:
    """A classifier, or a reader, that is quite sure of one level."""

    def __init__(self, level: TriageLevel, share: float = 0.95) -> None:
        self._odds = {other: share if other is level else (1 - share) / 5 for other in TriageLevel}

    def probabilities(self, embedding: Vector, clues: Clues = Clues()) -> Mapping[TriageLevel, float]:  # noqa: B008
        return self._odds

    def read(self, message: RedactedMessage, earlier: Sequence[RedactedMessage] = ()) -> Mapping[TriageLevel, float]:
        return self._odds


class Broken:
    def read(self, message: RedactedMessage, earlier: Sequence[RedactedMessage] = ()) -> Mapping[TriageLevel, float]:
        raise EmbeddingFailed("broken")


class TestTwoOpinions:
    def test_where_both_agree_the_joined_opinion_is_as_sure(self) -> None:
        joined = JoinedOpinion(SureOf(TriageLevel.RISK), SureOf(TriageLevel.RISK).read(RedactedMessage("")), 0.5)
        assert joined.probabilities(NOWHERE)[TriageLevel.RISK] == pytest.approx(0.95)

    def test_where_they_differ_neither_is_believed(self) -> None:
        joined = JoinedOpinion(SureOf(TriageLevel.RISK), SureOf(TriageLevel.NONE).read(RedactedMessage("")), 0.5)
        odds = joined.probabilities(NOWHERE)
        assert odds[TriageLevel.RISK] == pytest.approx(odds[TriageLevel.NONE])
        assert sum(odds.values()) == pytest.approx(1.0)

    def test_a_reader_sure_beyond_measure_cannot_silence_the_classifier(self) -> None:
        sure = {level: float(level is TriageLevel.NONE) for level in TriageLevel}
        odds = JoinedOpinion(SureOf(TriageLevel.IMMINENT), sure, 0.5).probabilities(NOWHERE)
        assert odds[TriageLevel.IMMINENT] > 0.01

    @pytest.mark.parametrize("reader", [Broken(), None], ids=["breaks", "is missing"])
    def test_when_the_reader_is_down_the_classifier_counts_alone(self, reader: Broken | None) -> None:
        first = SureOf(TriageLevel.RISK)
        found = opinion(parts_with(first, reader), RedactedMessage("x"), (), BARS)
        assert found is not None
        assert found.probabilities(NOWHERE)[TriageLevel.RISK] == pytest.approx(0.95)

    def test_while_the_classifier_is_still_being_trained_the_reader_counts_alone(self) -> None:
        found = opinion(parts_with(None, SureOf(TriageLevel.RISK)), RedactedMessage("x"), (), BARS)
        assert found is not None
        assert found.probabilities(NOWHERE)[TriageLevel.RISK] == pytest.approx(0.95)

    def test_in_other_languages_the_reader_is_never_believed_alone(self) -> None:
        assert opinion(parts_with(None, SureOf(TriageLevel.RISK)), RedactedMessage("x"), (), BARS, is_english=False) is None

    def test_without_either_the_rules_decide_alone(self) -> None:
        assert opinion(parts_with(None, Broken()), RedactedMessage("x"), (), BARS) is None


def parts_with(first: object | None, reader: object | None) -> SimpleNamespace:
    def hand_out(part: object | None) -> object:
        if part is None:
            raise EmbeddingFailed("missing")
        return part

    return SimpleNamespace(risk_model=lambda: hand_out(first), turn_reader=lambda: hand_out(reader))
