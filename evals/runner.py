"""Run suites over their samples, and keep what came out."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from companion.settings import ROOT
from evals.comparison import Comparison
from evals.samples import Sample
from evals.scores import Case, results_of
from evals.subject import Subject
from evals.suites.suite import Suite
from evals.thresholds import Judged, Thresholds, Verdict, judge, unmeasured

OnCase = Callable[[str], None]
"""Called with the suite's name after each case."""


@dataclass(frozen=True, slots=True)
class Task:
    """Hold one suite with the samples to run. dataset_sha: first 12 hex digits of the file's SHA-256."""

    suite: Suite[Any, Any]
    samples: tuple[Sample, ...]
    dataset_sha: str


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """Hold what one suite brought out. samples: those behind the cases, in their order, for a baseline to be asked as well."""

    suite: Suite[Any, Any]
    cases: tuple[Case, ...]
    judged: tuple[Judged, ...]
    dataset_sha: str
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Hold a whole run.

    unmeasured: thresholds that nothing was measured for. about: writer, commit and the like, for the record. comparisons: with plain set-ups.
    """

    started: datetime
    suites: tuple[SuiteRun, ...]
    unmeasured: tuple[str, ...]
    about: Mapping[str, str]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def datasets(self) -> Mapping[str, str]:
        """Return suite → first digits of the sum of the rows it asked."""
        return {one.suite.name: one.dataset_sha for one in self.suites}

    @property
    def has_failed(self) -> bool:
        """Tell whether a figure is below its threshold, or a threshold was not measured."""
        return bool(self.unmeasured) or any(one.verdict is Verdict.FAIL for suite in self.suites for one in suite.judged)


def task_for(suite: Suite[Any, Any], *, path: Path | None = None, splits: Sequence[str] = ("dev", "test")) -> Task:
    """Return a suite with its samples of the given splits.

    Raises: DatasetError.
    """
    samples = tuple(sample for sample in suite.samples(path) if sample.split in splits)
    digest = hashlib.sha256((path or suite.dataset).read_bytes()).hexdigest()[:12]
    return Task(suite, samples, digest)


def run_tasks(
    tasks: Sequence[Task],
    subject: Subject,
    thresholds: Thresholds,
    *,
    on_case: OnCase = lambda _suite: None,
    about: Mapping[str, str] | None = None,
) -> Run:
    """Put every sample to the subject and judge the figures. A threshold counts as unmeasured only when its suite ran on test samples."""
    started = datetime.now(UTC)
    runs = tuple(_run(task, subject, thresholds, on_case) for task in tasks)
    tested = [run.suite.name for run in runs if any(case.split == "test" for case in run.cases)]
    missing = unmeasured([one for run in runs for one in run.judged], thresholds, tested)
    return Run(started, runs, missing, about or {})


def commit_id() -> str:
    """Return the short id of the commit under test, with "+" for uncommitted changes, or "unknown" outside a repository."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return described.stdout.strip()


def _run(task: Task, subject: Subject, thresholds: Thresholds, on_case: OnCase) -> SuiteRun:
    facts = subject.known_facts()
    cases = []
    for sample in task.samples:
        cases.append(task.suite.judge(sample, subject, facts))
        on_case(task.suite.name)
    results = [
        result
        for split in ("dev", "test")
        for result in results_of(task.suite.name, task.suite.metrics, (case for case in cases if case.split == split), split)
    ]
    order = list(dict.fromkeys(result.metric.name for result in results))
    results.sort(key=lambda result: order.index(result.metric.name))  # both splits of a figure side by side
    return SuiteRun(task.suite, tuple(cases), judge(results, thresholds), task.dataset_sha, task.samples)
