"""Yearly counts of referrals: one for each chat and kind, tied to nobody, and shown only in steps of ten."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.bootstrap_people import People, open_people
from companion.insight.referrals import Referral, ReferralDesk, referral_of
from companion.models import RedactedMessage, Reply, TriageDecision, TriageLevel, Turn, WriterName
from companion.settings import load_settings


@pytest.fixture
def people(tmp_path: Path) -> People:
    return open_people(load_settings(state_dir=tmp_path), SetClock(), RecordingNotifier())


def turn_at(level: TriageLevel, *, about_other: bool = False) -> Turn:
    return Turn(RedactedMessage(""), TriageDecision(level, 1.0, (), about_other), Reply("", (), (), WriterName.FIXED, covered=True))


@pytest.mark.parametrize(
    ("turn", "referral"),
    [
        (turn_at(TriageLevel.RISK), Referral.LINES),
        (turn_at(TriageLevel.IMMINENT), Referral.LINES),
        (turn_at(TriageLevel.HARM_TO_OTHER), Referral.LINES),
        (turn_at(TriageLevel.RISK, about_other=True), Referral.COLLEAGUE),
        (turn_at(TriageLevel.HARM_BY_OTHER), Referral.DOORS),
        (turn_at(TriageLevel.CONCERN), None),
        (turn_at(TriageLevel.NONE), None),
    ],
)
def test_a_turn_at_risk_is_a_referral(turn: Turn, referral: Referral | None) -> None:
    assert referral_of(turn) == referral


def test_a_chat_is_counted_once_for_each_kind(people: People) -> None:
    noted: set[Referral] = set()
    for level in (TriageLevel.RISK, TriageLevel.IMMINENT, TriageLevel.HARM_BY_OTHER, TriageLevel.NONE):
        people.referrals.note(turn_at(level), noted)

    assert people.referrals.counts.by_year() == {people.referrals.clock.now().year: {"lines": 1, "doors": 1}}


@pytest.mark.parametrize(("chats", "shown"), [(9, 0), (10, 10), (19, 10), (20, 20)])
def test_counts_are_shown_in_steps_of_ten(people: People, chats: int, shown: int) -> None:
    for _ in range(chats):
        people.referrals.note(turn_at(TriageLevel.RISK), set())

    assert people.referrals.published()[0].at_least == {Referral.LINES: shown, Referral.COLLEAGUE: 0, Referral.DOORS: 0}


def test_a_broken_database_disturbs_no_chat(tmp_path: Path) -> None:
    (tmp_path / "companion.db").write_bytes(b"not a database" * 100)
    desk: ReferralDesk = open_people(load_settings(state_dir=tmp_path), SetClock(), RecordingNotifier()).referrals

    desk.note(turn_at(TriageLevel.RISK), set())
