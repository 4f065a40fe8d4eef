"""The bench: figures beside the budgets of the design, from real parts; no test asserts a time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from companion.bootstrap import build
from evals.bench import run_bench
from evals.bench.figures import Figure, percentile, print_figures, write_figures
from evals.bench.library import measure_scale
from evals.bench.serving import measure_sessions, measure_start, prepared_state
from evals.bench.turns import STAGES, measure_turns, questions
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
    bare, turn, added = measure_writer(eval_settings(writer="curated"), rounds=2)

    assert added.value == pytest.approx(turn.value - bare.value)
    assert min(bare.value, turn.value) > 0


@pytest.mark.parametrize(("articles", "named"), [(20, "200 passages"), (100, "1,000 passages")])
def test_a_made_up_library_is_built_edited_and_asked(articles: int, named: str) -> None:
    said = [figure.what for figure in measure_scale([articles])]

    assert said[0] == f"{named}, built without embedding"
    assert any("searchable" in what for what in said)
    assert {what.rsplit(" ", 1)[1] for what in said if "search alone" in what} == {"p50", "p95", "p99"}


@pytest.mark.timeout(400)  # torch is imported in a process of its own, which takes long on a busy machine
def test_stages_throughput_and_the_reference_are_measured_in_one_run() -> None:
    said = {figure.what: figure.value for figure in measure_turns(eval_settings(), questions(2), most_articles=2)}

    assert all(said[f"{stage}, p{share}"] >= 0 for stage in STAGES for share in (50, 95, 99))
    assert said["throughput of one thread"] > 0
    for ratio, theirs in (
        ("ours to theirs, p50", "stock presidio + LangChain + Chroma, our ONNX embedder, p50"),
        ("ours to theirs on torch, p50", "the same with sentence-transformers on torch, p50"),
    ):
        assert said[ratio] == pytest.approx(said["total, p50"] / said[theirs])


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A state folder whose index and models' graphs stand, as on every start but the first."""
    with prepared_state() as folder:
        app = build(eval_settings().model_copy(update={"state_dir": Path(folder)}))
        app.warm_up()
        app.parts.close()
        yield Path(folder)


def apart(measure: Callable[[], tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """Measure in a thread of its own: where a browser test ran before, this one has a loop that is running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(measure).result()


def test_the_first_page_counts_from_when_it_can_be_used(state: Path) -> None:
    frame, usable, answered, memory = apart(lambda: tuple(measure_start(state)))

    assert frame.value < usable.value < answered.value
    assert (frame.budget, usable.budget, answered.budget) == (None, 2.0, 4.0)
    assert memory.value > 50


def test_a_message_that_had_to_be_sent_again_counts_as_an_error(state: Path) -> None:
    figures = {figure.what: figure for figure in apart(lambda: tuple(measure_sessions(state, [2], questions(2), think_s=(0.1, 0.2))))}

    assert figures["2 browsers, answered at this pace"].value > 0
    for what in ("stuck", "stood still for 20 s, drawn anew", "messages sent again"):
        assert (figures[f"2 browsers, {what}"].value, figures[f"2 browsers, {what}"].verdict) == (0.0, "met")


def test_all_stands_for_every_part(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no part speed.*or all"):
        run_bench(eval_settings(writer="curated"), ["all", "speed"], tmp_path)


def test_a_part_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no part speed"):
        run_bench(eval_settings(writer="curated"), ["speed"], tmp_path)
