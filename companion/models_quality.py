"""Values of the coordinator's quality page: runs of the evals, their figures, and cases that a coordinator added."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class QualityFigure:
    """Hold one figure of a run on the held-out half.

    value, low, high: 0 to 1. bar: what it must reach, None when nothing is asked of it. rows: which rows were asked, by the first digits of their sum.
    """

    suite: str
    title: str
    n: int
    value: float
    low: float
    high: float
    bar: float | None
    higher_is_better: bool
    verdict: str
    rows: str = ""

    @property
    def has_failed(self) -> bool:
        """Tell whether the figure is worse than its bar allows."""
        return self.verdict == "FAIL"


@dataclass(frozen=True, slots=True)
class QualityRun:
    """Hold one run.

    report: the page to open, None when it was not written. of_own_cases: whether it asked a coordinator's own cases only. kind: writer, model and knowledge
    folder; figures of another kind say nothing about these.
    """

    started: datetime
    figures: tuple[QualityFigure, ...]
    report: Path | None
    of_own_cases: bool = False
    kind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStanding:
    """Say how a run that was started stands. done, total: cases; total is 0 until it is known. problem: why it did not end well."""

    is_running: bool
    done: int = 0
    total: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class OwnCase:
    """Hold a message of a coordinator's own and what should come of it; what is None is not asked.

    relevant: the articles that answer it, best first; none when the library ought to say that it does not cover it. history: earlier messages of the same
    person, oldest first. level: how it should be met, one of `TriageLevel`. groups: names of the groups that fit; empty when none does.
    """

    text: str = field(repr=False)
    relevant: tuple[str, ...] | None
    history: tuple[str, ...] = field(default=(), repr=False)
    level: str | None = None
    groups: tuple[str, ...] | None = None
