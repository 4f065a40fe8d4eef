"""The part "Quality" of the console, drawn: how far a run is, its figures in plain words, their history, and the report to take away."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from test_quality import COORDINATOR, figure, written

from companion.adapters.evals_runner import EvalsRunner
from companion.curation.quality import QualityDesk
from companion.models_quality import OwnCase, RunStanding
from companion.settings import ROOT
from companion.ui.text import load_console_words

ROWS = {"kind": "suite", "suite": "groups", "dataset_sha": "rows"}


class AtWork(EvalsRunner):
    """A runner that is asking message 30 of 120."""

    def standing(self) -> RunStanding:
        return RunStanding(is_running=True, done=30, total=120)


class Beginning(EvalsRunner):
    """A runner that has begun and has counted nothing yet."""

    def standing(self) -> RunStanding:
        return RunStanding(is_running=True)


class Judging(EvalsRunner):
    """A runner that has asked every message."""

    def standing(self) -> RunStanding:
        return RunStanding(is_running=True, done=120, total=120)


def draw(console: object) -> None:
    """Draw the part; the page of `AppTest` is this function."""
    from companion.ui.coordinator.quality import draw_quality

    draw_quality(console)  # type: ignore[arg-type]


def drawn(folder: Path, runner: type[EvalsRunner] = EvalsRunner) -> AppTest:
    desk = QualityDesk(runner(folder, ROOT / "knowledge", ROOT), tuple)
    console = SimpleNamespace(
        words=load_console_words(ROOT / "prompts"), curation=SimpleNamespace(quality=desk), caller=COORDINATOR, people=None
    )
    page = AppTest.from_function(draw, default_timeout=30, kwargs={"console": console}).run()
    assert not page.exception
    return page


def test_before_the_first_run_it_says_so_and_offers_one(tmp_path: Path) -> None:
    page = drawn(tmp_path)

    assert "Nothing has been measured here yet." in [each.value for each in page.markdown]
    assert not page.button(key="quality_all").disabled


def test_a_run_shows_how_far_it_is_and_cannot_be_started_twice(tmp_path: Path) -> None:
    page = drawn(tmp_path, AtWork)

    (bar,) = page.get("progress")
    assert (bar.proto.value, "30 of 120 messages" in bar.proto.text) == (25, True)
    assert page.button(key="quality_all").disabled
    assert page.button(key="quality_quick").disabled


@pytest.mark.parametrize(
    ("runner", "filled", "said"),
    [(Beginning, 0, "The models are opened and the messages counted"), (Judging, 100, "All 120 messages are answered")],
)
def test_before_the_messages_are_counted_and_after_they_are_answered_words_say_what_goes_on(
    tmp_path: Path, runner: type[EvalsRunner], filled: int, said: str
) -> None:
    (bar,) = drawn(tmp_path, runner).get("progress")

    assert (bar.proto.value, said in bar.proto.text, "?" in bar.proto.text) == (filled, True, False)


def test_figures_stand_in_plain_words_with_what_changed_and_what_is_below_its_bar(tmp_path: Path) -> None:
    written(tmp_path, "1", ROWS, figure())
    written(tmp_path, "2", ROWS, figure(verdict="FAIL") | {"value": 0.5}, started="2026-11-21T09:00:00+00:00")

    page = drawn(tmp_path)

    (table,) = page.table
    row = table.value.iloc[0].to_dict()
    assert row["What"] == "First suggestion fits"
    assert (row["Value"], row["Bar"]) == ("50.0%", "≥ 60%")
    assert (row["Since the run before"], row["Verdict"]) == ("worse by 20.0%", "below the bar")
    assert any("1 below the bar: First suggestion fits" in each.value for each in page.error)


def test_two_runs_make_a_line_over_time_and_the_report_can_be_taken_away(tmp_path: Path) -> None:
    written(tmp_path, "1", ROWS, figure())
    written(tmp_path, "2", ROWS, figure(), started="2026-11-21T09:00:00+00:00")

    page = drawn(tmp_path)

    assert page.selectbox[0].options == ["First suggestion fits"]
    assert len(page.get("vega_lite_chart")) == 1
    assert [each.proto.label for each in page.get("download_button")] == ["Download the report with every case"]


@pytest.mark.parametrize(
    ("case", "shown"),
    [
        (OwnCase("cant sleep", ("night-shift-sleep-by-day",), history=("on nights",)), "on nights ⏎ cant sleep: night-shift-sleep-by-day"),
        (OwnCase("cant sleep", None, level="none", groups=()), "cant sleep: Safety: ordinary message; No group"),
    ],
)
def test_own_cases_are_listed_with_the_messages_before_them_and_what_they_ask(case: OwnCase, shown: str, tmp_path: Path) -> None:
    EvalsRunner(tmp_path, ROOT / "knowledge", ROOT).add_case(case)

    assert shown in [each.value for each in drawn(tmp_path).text]
