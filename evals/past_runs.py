"""Read what earlier runs found, for the column "last run", the history, and a comparison side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from evals.errors import UsageError

FigureKey = tuple[str, str, str]
"""Suite, metric, split."""
_KIND = ("writer", "knowledge", "model", "cases")
"""What a run says about itself that makes its figures another thing; the commit is what runs are compared for."""


@dataclass(frozen=True, slots=True)
class PastFigure:
    """Hold one figure of a run. value, low, high: 0 to 1."""

    value: float
    low: float
    high: float
    n: int
    title: str
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class PastCase:
    """Hold one case of a run. score: mean of its scores turned so that 1 is best; None when it had none."""

    suite: str
    sample_id: str
    split: str
    text: str
    expected: str
    observed: str
    score: float | None

    @property
    def asked(self) -> tuple[str, str, str]:
        """Return what makes it the same case in another run: part, text and label."""
        return self.split, self.text, self.expected


@dataclass(frozen=True, slots=True)
class PastRun:
    """Hold a run as it was written. cases: by suite and sample id. datasets: suite → first digits of the sum of the rows it asked."""

    folder: Path
    started: datetime
    about: Mapping[str, str]
    figures: Mapping[FigureKey, PastFigure]
    cases: Mapping[tuple[str, str], PastCase]
    datasets: Mapping[str, str] = field(default_factory=dict)


def read_run(folder: Path) -> PastRun:
    """Return the run of a folder, or of its `run.jsonl`.

    Raises: UsageError when there is none, or it cannot be read.
    """
    path = folder / "run.jsonl" if folder.is_dir() else folder
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return _run_of(path.parent, rows)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as exc:
        raise UsageError(f"{path}: no run can be read from it ({type(exc).__name__}). Name a folder below evals/runs.") from exc


def past_runs(out: Path) -> tuple[PastRun, ...]:
    """Return all runs below a folder that can be read, oldest first."""
    found = []
    for path in sorted(out.glob("*/run.jsonl")):
        try:
            found.append(read_run(path.parent))
        except UsageError:
            continue
    return tuple(sorted(found, key=lambda run: run.started))


def comparable(runs: Iterable[PastRun], about: Mapping[str, str], datasets: Mapping[str, str]) -> tuple[PastRun, ...]:
    """Return the runs of the same kind, each with its figures on the same rows only: those that a new run may stand beside.

    about: what the new run says about itself; its writer, knowledge folder, model and own cases make its kind. datasets: suite → sum of its rows. Runs
    with no such figure are left out.
    """
    same = (run for run in runs if _kind(run.about) == _kind(about))
    kept = (replace(run, figures={key: one for key, one in run.figures.items() if _is_on(run, key[0], datasets)}) for run in same)
    return tuple(run for run in kept if run.figures)


def differences(before: PastRun, after: PastRun) -> tuple[str, ...]:
    """Return in plain words what makes two runs different things; empty when their figures may be compared as they stand."""
    kinds = zip(_KIND, _kind(before.about), _kind(after.about), strict=True)
    found = [f"{name}: {old or 'none'} before, {new or 'none'} now" for name, old, new in kinds if old != new]
    return (*found, *(f"{suite}: its rows have changed; its figures are not compared" for suite in other_rows(before, after)))


def other_rows(before: PastRun, after: PastRun) -> tuple[str, ...]:
    """Return the suites of both runs that did not ask the same rows."""
    return tuple(suite for suite, rows in after.datasets.items() if before.datasets.get(suite, rows) != rows)


def last_figures(runs: Iterable[PastRun]) -> Mapping[FigureKey, PastFigure]:
    """Return each figure as the newest of the runs found it. runs: comparable ones, oldest first."""
    return {key: figure for run in runs for key, figure in run.figures.items()}


def _kind(about: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(about.get(name, "") for name in _KIND)


def _is_on(run: PastRun, suite: str, datasets: Mapping[str, str]) -> bool:
    return suite in datasets and run.datasets.get(suite) == datasets[suite]


def _run_of(folder: Path, rows: list[dict[str, object]]) -> PastRun:
    head = rows[0]
    metrics = [row for row in rows if row.get("kind") == "metric"]
    figures = {
        (str(row["suite"]), str(row["metric"]), str(row["split"])): PastFigure(
            float(str(row["value"])),
            float(str(row["low"])),
            float(str(row["high"])),
            int(str(row["n"])),
            str(row.get("title", row["metric"])),
            bool(row["higher_is_better"]),
        )
        for row in metrics
    }
    harms = {(suite, metric) for (suite, metric, _), figure in figures.items() if not figure.higher_is_better}
    cases = [_case_of(row, harms) for row in rows if row.get("kind") == "case"]
    about = {name: str(value) for name, value in head.items() if name not in {"kind", "started", "failed"}}
    datasets = {str(row["suite"]): str(row["dataset_sha"]) for row in rows if row.get("kind") == "suite"}
    started = datetime.fromisoformat(str(head["started"]))
    return PastRun(folder, started, about, figures, {(c.suite, c.sample_id): c for c in cases}, datasets)


def _case_of(row: dict[str, object], harms: set[tuple[str, str]]) -> PastCase:
    suite, scores = str(row["suite"]), row["scores"]
    if not isinstance(scores, list):
        raise TypeError("scores is no list")
    turned = [1 - float(s["value"]) if (suite, s["metric"].split(".")[0]) in harms else float(s["value"]) for s in scores]
    score = sum(turned) / len(turned) if turned else None
    sample_id, split, text, expected, observed = (str(row[name]) for name in ("sample_id", "split", "text", "expected", "observed"))
    return PastCase(suite, sample_id, split, text, expected, observed, score)
