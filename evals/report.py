"""Show a run: a table to read, JSON lines to compute with, and one HTML page to click through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from sklearn.metrics import confusion_matrix

from evals.changes import Changes, compare_runs
from evals.comparison import print_comparisons, rows_of, table_of
from evals.false_alarms import alarm_tables
from evals.past_runs import FigureKey, PastFigure, PastRun, comparable, last_figures, past_runs, read_run
from evals.plots import calibration_plot, history_plots, plot_library
from evals.runner import Run, SuiteRun
from evals.scores import Case, Result
from evals.tables import PlainTable, print_plain
from evals.thresholds import Judged, Verdict

BESIDE_PLAIN = "Ours beside plain set-ups on the same questions"
_TEMPLATE = "report.html.j2"
_MAX_CASES_SHOWN = 200
_STYLES = {Verdict.PASS: "green", Verdict.BELOW_GOAL: "yellow", Verdict.FAIL: "bold red", Verdict.NOT_JUDGED: "dim"}


@dataclass(frozen=True, slots=True)
class Confusion:
    """Hold how labels and predictions met on one split. counts: rows are labels, columns predictions, both in the order of `names`."""

    split: str
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def print_table(run: Run, console: Console, last: Mapping[FigureKey, PastFigure] | None = None) -> None:
    """Print one row per headline figure and split. last: what the runs before found."""
    table = Table(title="Companion evals", title_justify="left", header_style="bold")
    table.add_column("suite")
    table.add_column("metric", overflow="fold")
    table.add_column("split")
    for name in ("n", "value", "95 % interval", "last run", "threshold"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for suite in run.suites:
        for one in suite.judged:
            if one.result.metric.headline or one.verdict is not Verdict.NOT_JUDGED:
                table.add_row(*_row(one, last or {}))
        table.add_section()
    console.print(table)
    for suite in run.suites:
        for beside in alarm_tables([one.result for one in suite.judged]):
            print_plain(beside, console)
    if run.comparisons:
        print_comparisons(BESIDE_PLAIN, run.comparisons, console)
    for name in run.unmeasured:
        console.print(f"[bold red]{name} has a threshold and was not measured.[/] Check the name in evals/thresholds.toml.")


def write_run(run: Run, folder: Path, *, compared_with: PastRun | None = None, beside: Sequence[PlainTable] = ()) -> tuple[Path, Path]:
    """Write `run.jsonl` and `report.html` into a folder, made if missing, and return both paths.

    The report shows the runs beside the folder over time, as far as they are of the same kind and rows. compared_with: a run whose cases are set side by
    side with this one's. beside: tables about others, to stand below the figures, e.g. a judge's opinion; set-ups of `run.comparisons` come by themselves.
    Both hold the samples' texts: keep runs on your own cases as private as the cases.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines, page = folder / "run.jsonl", folder / "report.html"
    lines.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _json_rows(run)), encoding="utf-8")
    changes = compare_runs(compared_with, read_run(folder)) if compared_with else None
    others = tuple(beside) + ((table_of(BESIDE_PLAIN, run.comparisons),) if run.comparisons else ())
    page.write_text(_html(run, _Past.beside(run, folder), changes, others), encoding="utf-8")
    return lines, page


def confusions(suite: SuiteRun) -> tuple[Confusion, ...]:
    """Return a table of labels against predictions for each split of a suite that classifies; empty for others."""
    found = []
    for split in ("dev", "test"):
        pairs = [(case.label, case.predicted) for case in suite.cases if case.split == split and case.label and case.predicted]
        if pairs:
            labels, predictions = zip(*pairs, strict=True)
            names = tuple(dict.fromkeys((*sorted(set(labels)), *sorted(set(predictions)))))
            counts = confusion_matrix(labels, predictions, labels=list(names))
            found.append(Confusion(split, names, tuple(tuple(int(cell) for cell in row) for row in counts)))
    return tuple(found)


def _row(one: Judged, last: Mapping[FigureKey, PastFigure]) -> tuple[str, ...]:
    result = one.result
    sign = "≥" if result.metric.higher_is_better else "≤"
    threshold = f"{sign} {one.threshold.value:.3f}" if one.threshold else "–"
    if one.threshold and one.threshold.goal is not None:
        threshold += f", goal {one.threshold.goal:.2f}"
    style = _STYLES[one.verdict]
    interval = f"{result.interval.low:.3f} to {result.interval.high:.3f}"
    value, verdict = f"{result.value:.3f}", f"[{style}]{one.verdict.value}[/]"
    before = last.get((result.suite, result.metric.name, result.split))
    then = f"{before.value:.3f}" if before else "–"
    return (result.suite, result.metric.title, result.split, str(result.n), value, interval, then, threshold, verdict)


def _json_rows(run: Run) -> Iterator[dict[str, object]]:
    yield {"kind": "run", "started": run.started.isoformat(timespec="seconds"), "failed": run.has_failed, **run.about}
    for suite in run.suites:
        yield {"kind": "suite", "suite": suite.suite.name, "cases": len(suite.cases), "dataset_sha": suite.dataset_sha}
        for one in suite.judged:
            yield _metric_row(one)
        for case in suite.cases:
            yield {"kind": "case", "suite": suite.suite.name, **asdict(case)}
    for comparison in run.comparisons:
        yield from rows_of(comparison)


def _metric_row(one: Judged) -> dict[str, object]:
    result = one.result
    return {
        "kind": "metric",
        "suite": result.suite,
        "metric": result.metric.name,
        "title": result.metric.title,
        "split": result.split,
        "n": result.n,
        "value": round(result.value, 4),
        "low": round(result.interval.low, 4),
        "high": round(result.interval.high, 4),
        "threshold": one.threshold.value if one.threshold else None,
        "goal": one.threshold.goal if one.threshold else None,
        "higher_is_better": result.metric.higher_is_better,
        "verdict": one.verdict.value,
        "failing": list(result.failing),
    }


@dataclass(frozen=True, slots=True)
class _Past:
    """Hold the runs that may stand on one line with this one, itself the last. left_out: how many earlier ones may not, as they are of another kind."""

    runs: tuple[PastRun, ...]
    left_out: int

    @classmethod
    def beside(cls, run: Run, folder: Path) -> _Past:
        earlier = [one for one in past_runs(folder.parent) if one.folder.resolve() != folder.resolve()]
        kept = comparable(earlier, run.about, run.datasets)
        return cls((*kept, read_run(folder)), len(earlier) - len(kept))


def _html(run: Run, past: _Past, changes: Changes | None, beside: Sequence[PlainTable]) -> str:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.get_template(_TEMPLATE)
    plots = history_plots(past.runs, [suite.suite.name for suite in run.suites])
    curves = {suite.suite.name: calibration_plot([one.result for one in suite.judged]) for suite in run.suites}
    return template.render(
        run=run,
        suites=[(suite, confusions(suite)) for suite in run.suites],
        failing=_failing,
        anchor=_anchor,
        last=last_figures(past.runs[:-1]),
        left_out=past.left_out,
        beside=beside,
        plots={suite: Markup(plot) for suite, plot in plots.items()},  # noqa: S704 - plotly's own markup, from figures and titles of ours
        alarms={suite.suite.name: alarm_tables([one.result for one in suite.judged]) for suite in run.suites},
        curves={name: Markup(curve) for name, curve in curves.items() if curve},  # noqa: S704 - plotly's own markup, from figures of ours
        library=Markup(plot_library()) if plots or any(curves.values()) else "",  # noqa: S704 - plotly's own script
        changes=changes,
        most=_MAX_CASES_SHOWN,
    )


def _anchor(result: Result) -> str:
    return f"{result.suite}-{result.split}-{result.metric.name}".replace(".", "-")


def _failing(suite: SuiteRun, result: Result) -> list[tuple[Case, Sequence[str]]]:
    """Return the cases that pull a figure down, each with the scorer's reasons, at most 200."""
    by_id = {case.sample_id: case for case in suite.cases if case.split == result.split}
    cases = [by_id[case_id] for case_id in result.failing[:_MAX_CASES_SHOWN]]
    perfect = 1.0 if result.metric.higher_is_better else 0.0
    return [
        (case, [s.explanation for s in case.scores if s.metric == result.metric.name and s.value != perfect and s.explanation])
        for case in cases
    ]
