"""Runs of the evals are kept, shown over time, and compared case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.changes import compare_runs
from evals.comparison import FIGURES, System, compared
from evals.errors import UsageError
from evals.past_runs import comparable, last_figures, past_runs, read_run
from evals.report import write_run
from evals.runner import Run, SuiteRun
from evals.samples import Sample
from evals.scores import Case, Metric, Score, results_of
from evals.suites.suite import Suite
from evals.thresholds import judge

FOUND = Metric("found", "Right ones found")
HARM = Metric("harm", "Harm done", higher_is_better=False)
SUITE: Suite[Any, Any] = Suite("retrieval", Sample, (FOUND, HARM), lambda _sample, _subject: None, lambda _sample, _seen, _facts: None)  # type: ignore[arg-type, return-value]
START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def case(name: str, found: float, harm: float, observed: str = "an answer") -> Case:
    return Case(name, "test", f"text of {name}", "expected", observed, (Score("found", found), Score("harm", harm)))


def run_of(*cases: Case, days: int = 0, rows: str = "sha", **about: str) -> Run:
    judged = judge(results_of("retrieval", SUITE.metrics, cases, "test"), {})
    return Run(
        START + timedelta(days=days), (SuiteRun(SUITE, cases, judged, rows),), (), {"writer": "curated", "knowledge": "knowledge", **about}
    )


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_run(run_of(case("a", 1, 0), case("b", 0, 1)), tmp_path / "first")

    read = read_run(tmp_path / "first")

    assert read.figures["retrieval", "found", "test"].value == 0.5
    assert (read.cases["retrieval", "a"].score, read.cases["retrieval", "b"].score) == (1.0, 0.0)


def test_cases_that_changed_are_told_apart(tmp_path: Path) -> None:
    write_run(
        run_of(case("better", 0, 0), case("worse", 1, 0), case("harms", 1, 0), case("other", 1, 0), case("gone", 1, 0)), tmp_path / "a"
    )
    write_run(
        run_of(case("better", 1, 0), case("worse", 0, 0), case("harms", 1, 1), case("other", 1, 0, "else"), case("new", 1, 0)),
        tmp_path / "b",
    )

    changes = compare_runs(read_run(tmp_path / "a"), read_run(tmp_path / "b"))

    assert [change.after.sample_id for change in changes.better] == ["better"]
    assert [change.after.sample_id for change in changes.worse] == ["worse", "harms"]
    assert [change.after.sample_id for change in changes.answered] == ["other"]
    assert changes.alone == 2
    assert [(one.title, one.gain) for one in changes.figures] == [("Harm done", -0.2)]


OF_ANOTHER_KIND = [
    {"writer": "model", "model": "m"},
    {"knowledge": "/srv/other/knowledge"},
    {"cases": "mine.jsonl"},
    {"rows": "other rows"},
]


@pytest.mark.parametrize("other", OF_ANOTHER_KIND)
def test_only_a_run_of_the_same_kind_and_rows_stands_beside_the_figure(other: dict[str, str], tmp_path: Path) -> None:
    write_run(run_of(case("a", 0, 0)), tmp_path / "0")
    write_run(run_of(case("a", 1, 0), days=1, commit="later"), tmp_path / "1")
    write_run(run_of(case("a", 0.5, 0), days=2, **other), tmp_path / "2")
    new = run_of(case("a", 1, 0), days=3)

    past = comparable(past_runs(tmp_path), new.about, new.datasets)

    assert [run.folder.name for run in past] == ["0", "1"]
    assert last_figures(past)["retrieval", "found", "test"].value == 1.0


@pytest.mark.parametrize("other", OF_ANOTHER_KIND)
def test_the_line_over_time_is_of_one_kind_and_says_what_was_left_out(other: dict[str, str], tmp_path: Path) -> None:
    write_run(run_of(case("a", 0.125, 0)), tmp_path / "0")
    write_run(run_of(case("a", 0.625, 0), days=1, **other), tmp_path / "1")

    _, page = write_run(run_of(case("a", 0.875, 0), days=2), tmp_path / "2")

    html = page.read_text("utf-8").replace(" ", "")
    assert '"y":[0.125,0.875]' in html
    assert "0.625" not in html.split("</script>")[-2]
    assert "Leftout:1earlierruns" in html


def test_runs_on_other_rows_are_compared_case_by_case_where_text_and_label_are_the_same(tmp_path: Path) -> None:
    relabelled = replace(case("relabelled", 1, 0), expected="another label")
    write_run(run_of(case("a", 0, 0), case("relabelled", 0, 0)), tmp_path / "a")
    write_run(run_of(case("a", 1, 0), relabelled, rows="changed"), tmp_path / "b")

    changes = compare_runs(read_run(tmp_path / "a"), read_run(tmp_path / "b"))

    assert [change.after.sample_id for change in changes.better] == ["a"]
    assert (changes.reworded, changes.figures) == (1, ())
    assert changes.differences == ("retrieval: its rows have changed; its figures are not compared",)


def test_two_writers_may_be_compared_and_the_report_says_so(tmp_path: Path) -> None:
    write_run(run_of(case("a", 0, 0)), tmp_path / "a")

    _, page = write_run(run_of(case("a", 1, 0), writer="model", model="m"), tmp_path / "b", compared_with=read_run(tmp_path / "a"))

    assert "Not the same: writer: curated before, model now" in page.read_text("utf-8")


def test_a_folder_that_holds_no_run_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "1"
    folder.mkdir(parents=True)
    (folder / "run.jsonl").write_text("{}", "utf-8")

    with pytest.raises(UsageError, match=r"run\.jsonl"):
        read_run(folder)
    assert past_runs(folder.parent) == ()


def test_the_report_opens_without_a_network_and_shows_time_and_changes(tmp_path: Path) -> None:
    write_run(run_of(case("a", 0, 0)), tmp_path / "1")
    earlier = read_run(tmp_path / "1")

    _, page = write_run(replace(run_of(case("a", 1, 0), days=1)), tmp_path / "2", compared_with=earlier)

    html = page.read_text("utf-8")
    assert "Over time, test half" in html
    assert "Side by side" in html
    assert "1 cases better" in html
    assert 'src="http' not in html


def test_plain_set_ups_and_how_far_ours_leads_stand_in_the_report(tmp_path: Path) -> None:
    figures = dict.fromkeys(FIGURES, 1.0)
    beside = compared("test", [System("Companion", [figures, figures]), System("BM25 alone", [dict.fromkeys(FIGURES, 0.25), figures])])

    _, page = write_run(replace(run_of(case("a", 1, 0)), comparisons=(beside,)), tmp_path / "1")

    html = page.read_text("utf-8")
    assert "Ours beside plain set-ups on the same questions" in html
    assert "BM25 alone" in html
    assert "ours leads by" in html
    assert "+0.375" in html


def test_the_calibration_curve_shows_what_came_true_beside_what_was_stated(tmp_path: Path) -> None:
    stated = Metric("stated", "Truly at risk", headline=False)
    suite = replace(SUITE, metrics=(stated,))
    cases = tuple(
        Case(f"{name}{number}", "test", "text", "", "", (Score(name, float(number < true)),))
        for name, true in (("stated.00_to_20", 1), ("stated.80_to_100", 9))
        for number in range(10)
    )
    judged = judge(results_of("retrieval", suite.metrics, cases, "test"), {})

    _, page = write_run(Run(START, (SuiteRun(suite, cases, judged, "sha"),), (), {"writer": "curated"}), tmp_path)

    html = page.read_text("utf-8")
    assert "by the chance that was stated" in html
    assert '"x":[0.1,0.9],"y":[0.1,0.9]' in html.replace(" ", "")
