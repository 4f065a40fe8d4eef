"""Values of the coordinator's quality page: runs of the evals, their figures, and cases that a coordinator added."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class QualityFigure:
    """Hold one figure of a run on the held-out half. value, low, high: 0 to 1. bar: what it must reach, None when nothing is asked of it."""

    suite: str
    title: str
    n: int
    value: float
    low: float
    high: float
    bar: float | None
    higher_is_better: bool
    verdict: str

    @property
    def has_failed(self) -> bool:
        """Tell whether the figure is worse than its bar allows."""
        return self.verdict == "FAIL"


@dataclass(frozen=True, slots=True)
class QualityRun:
    """Hold one run. report: the page to open, None when it was not written. of_own_cases: whether it asked a coordinator's own cases only."""

    started: datetime
    figures: tuple[QualityFigure, ...]
    report: Path | None
    of_own_cases: bool = False


@dataclass(frozen=True, slots=True)
class RunStanding:
    """Say how a run that was started stands. done, total: cases; total is 0 until it is known. problem: why it did not end well."""

    is_running: bool
    done: int = 0
    total: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class OwnCase:
    """Hold a question and the articles that answer it, best first; none when the library ought to say that it does not cover it."""

    text: str = field(repr=False)
    relevant: tuple[str, ...]
