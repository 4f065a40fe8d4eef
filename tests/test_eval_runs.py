"""Runs of the evals are kept, shown over time, and compared case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.changes import compare_runs
from evals.errors import UsageError
from evals.past_runs import last_figures, past_runs, read_run
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


def run_of(*cases: Case, days: int = 0, writer: str = "curated") -> Run:
    judged = judge(results_of("retrieval", SUITE.metrics, cases, "test"), {})
    return Run(START + timedelta(days=days), (SuiteRun(SUITE, cases, judged, "sha"),), (), {"writer": writer})


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


def test_the_last_run_of_the_same_writer_stands_beside_the_figure(tmp_path: Path) -> None:
    for place, (found, writer) in enumerate([(0.0, "curated"), (1.0, "curated"), (0.5, "model")]):
        write_run(run_of(case("a", found, 0), days=place, writer=writer), tmp_path / str(place))

    assert last_figures(past_runs(tmp_path), "curated")["retrieval", "found", "test"].value == 1.0


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
