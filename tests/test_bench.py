"""The bench: figures beside the budgets of the design, from real parts; no test asserts a time."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from evals.bench import run_bench
from evals.bench.figures import Figure, percentile, print_figures, write_figures
from evals.bench.library import measure_scale
from evals.bench.writing import measure_writer
from evals.errors import UsageError
from evals.subject import eval_settings


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("turn", "p50", 11.9, "ms", 12.0), "met"),
        (Figure("turn", "p50", 12.1, "ms", 12.0), "missed"),
        (Figure("indexing", "rate", 84.0, "a second", 83.3, is_rate=True), "met"),
        (Figure("indexing", "rate", 80.0, "a second", 83.3, is_rate=True), "missed"),
        (Figure("turn", "p95", 1000.0, "ms"), "–"),
    ],
)
def test_a_figure_is_held_against_its_budget(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_percentiles_lie_between_the_values() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([1.0, 2.0], 100) == 2.0


def test_a_missed_budget_is_seen_in_the_table_and_in_the_file(tmp_path: Path) -> None:
    figures = [Figure("start", "first page", 9.0, "s", 2.0)]
    page = io.StringIO()

    print_figures(figures, Console(file=page, width=110))
    write_figures(figures, tmp_path / "runs" / "bench.jsonl")

    about, row = map(json.loads, (tmp_path / "runs" / "bench.jsonl").read_text("utf-8").splitlines())
    assert "missed" in page.getvalue()
    assert (row["what"], row["verdict"]) == ("first page", "missed")
    assert "cores" in about["machine"]


def test_what_companion_adds_to_a_model_is_the_difference_to_the_bare_endpoint() -> None:
    bare, turn, added = measure_writer(eval_settings(writer="curated"))

    assert added.value == pytest.approx(turn.value - bare.value)
    assert min(bare.value, turn.value) > 0


def test_a_large_library_is_built_edited_and_asked() -> None:
    said = [figure.what for figure in measure_scale([100])]

    assert said[0].startswith("1,000 passages, built")
    assert any("searchable" in what for what in said)
    assert any("search p99" in what for what in said)


def test_a_part_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no part speed"):
        run_bench(eval_settings(writer="curated"), ["speed"], tmp_path)
