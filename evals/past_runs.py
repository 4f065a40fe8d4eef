"""Read what earlier runs found, for the column "last run", the history, and a comparison side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evals.errors import UsageError

FigureKey = tuple[str, str, str]
"""Suite, metric, split."""


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


@dataclass(frozen=True, slots=True)
class PastRun:
    """Hold a run as it was written. cases: by suite and sample id."""

    folder: Path
    started: datetime
    about: Mapping[str, str]
    figures: Mapping[FigureKey, PastFigure]
    cases: Mapping[tuple[str, str], PastCase]


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


def last_figures(runs: Iterable[PastRun], writer: str) -> Mapping[FigureKey, PastFigure]:
    """Return each figure as the newest run with this writer found it. runs: oldest first."""
    last: dict[FigureKey, PastFigure] = {}
    for run in runs:
        if run.about.get("writer", writer) == writer and "cases" not in run.about:
            last.update(run.figures)
    return last


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
    return PastRun(folder, datetime.fromisoformat(str(head["started"])), about, figures, {(c.suite, c.sample_id): c for c in cases})


def _case_of(row: dict[str, object], harms: set[tuple[str, str]]) -> PastCase:
    suite, scores = str(row["suite"]), row["scores"]
    if not isinstance(scores, list):
        raise TypeError("scores is no list")
    turned = [1 - float(s["value"]) if (suite, s["metric"].split(".")[0]) in harms else float(s["value"]) for s in scores]
    score = sum(turned) / len(turned) if turned else None
    sample_id, split, text, expected, observed = (str(row[name]) for name in ("sample_id", "split", "text", "expected", "observed"))
    return PastCase(suite, sample_id, split, text, expected, observed, score)
