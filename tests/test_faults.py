"""The measurement of promises P5 and P8 runs, here at a size of a few seconds: `python -m evals.faults` at full size is in docs/measured.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.settings import Settings, load_settings
from evals.faults import kill_writers, race_for_claims


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return load_settings(state_dir=tmp_path, database_url=url)


def test_killed_writers_lose_and_double_nothing(settings: Settings) -> None:
    kills = kill_writers(settings, runs=2, writes=30)

    assert (kills.runs, kills.missing, kills.doubled, kills.unsound) == (2, 0, 0, 0)
    assert kills.acknowledged >= 2


def test_of_peers_who_claim_at_the_same_instant_one_wins(settings: Settings) -> None:
    claims = race_for_claims(settings, rounds=3)

    assert (claims.rounds, claims.wrong) == (3, 0)
    assert claims.claims >= 6
