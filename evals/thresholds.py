"""The bar that each figure must reach, with the date and the reason it was set."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.errors import ThresholdError
from evals.samples import Split
from evals.scores import Result

THRESHOLDS = Path(__file__).resolve().parent / "thresholds.toml"


class Verdict(StrEnum):
    """Say how a figure stands to its threshold; `dev` figures are shown and never judged."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    BELOW_GOAL = "below goal"
    FAIL = "FAIL"
    NOT_JUDGED = "–"


class Threshold(BaseModel):
    """Hold one bar: the smallest value allowed, or for a rate of harm the largest. 0 to 1.

    value: below it the run fails, so that nothing gets worse unnoticed. goal: what the named issue must still reach; a figure between the
    two is reported as below its goal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(ge=0, le=1)
    goal: float | None = Field(default=None, ge=0, le=1)
    date: date
    reason: str = Field(min_length=10)


Thresholds = Mapping[str, Mapping[str, Threshold]]
"""Suite → metric → threshold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold a result beside its threshold, if it has one."""

    result: Result
    threshold: Threshold | None
    verdict: Verdict


def read_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """Return suite → metric → threshold.

    Raises: ThresholdError when the file is missing or an entry lacks value, date or reason.
    """
    try:
        suites = tomllib.loads(path.read_text(encoding="utf-8"))
        return {suite: {name: Threshold.model_validate(entry) for name, entry in entries.items()} for suite, entries in suites.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError, AttributeError) as exc:
        raise ThresholdError(f"{path}: {exc}. Every entry needs value (0 to 1), date and reason.") from exc


def judge(results: Iterable[Result], thresholds: Thresholds) -> tuple[Judged, ...]:
    """Return each result with its verdict. The value itself is compared, not the interval; only the test split is judged."""
    return tuple(_judged(result, thresholds.get(result.suite, {}).get(result.metric.name)) for result in results)


def unmeasured(judged: Iterable[Judged], thresholds: Thresholds, suites: Iterable[str]) -> tuple[str, ...]:
    """Return the "suite.metric" of thresholds in these suites that nothing was measured for, so that no bar is lost by a typo."""
    measured = {(one.result.suite, one.result.metric.name) for one in judged if one.result.split == Split.TEST}
    return tuple(f"{suite}.{name}" for suite in suites for name in thresholds.get(suite, {}) if (suite, name) not in measured)


def _judged(result: Result, threshold: Threshold | None) -> Judged:
    if threshold is None or result.split != Split.TEST:
        return Judged(result, threshold, Verdict.NOT_JUDGED)

    def reaches(bar: float) -> bool:
        return result.value >= bar if result.metric.higher_is_better else result.value <= bar

    if not reaches(threshold.value):
        return Judged(result, threshold, Verdict.FAIL)
    is_there = threshold.goal is None or reaches(threshold.goal)
    return Judged(result, threshold, Verdict.PASS if is_there else Verdict.BELOW_GOAL)
