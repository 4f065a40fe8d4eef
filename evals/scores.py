"""What a scorer says about a case, and what many scores say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from evals.agreement import Agreement, agreement_of

CONFIDENCE = 0.95
RESAMPLES = 2000
"""Bootstrap resamples: enough for two stable digits, little enough for seconds. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Declare one figure of a suite.

    title: what it says, in words a coordinator reads. higher_is_better: False for rates of harm. headline: whether the printed table shows
    it; the report shows all. agreement: how the pairs of its scores become one figure; None takes the mean of their values.
    """

    name: str
    title: str
    higher_is_better: bool = True
    headline: bool = True
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Hold one judgement. value: 0 to 1. A case may give several to the same metric, e.g. one per personal detail. explanation: why.

    pair: whether the reference and whether the subject says yes, for figures of agreement, which are no mean.
    """

    metric: str
    value: float
    explanation: str = ""
    pair: tuple[bool, bool] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one sample, what was expected, what the subject did, and its scores. label, predicted: for suites that classify."""

    sample_id: str
    split: str
    text: str
    expected: str
    observed: str
    scores: tuple[Score, ...]
    tags: tuple[str, ...] = ()
    label: str | None = None
    predicted: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold the bounds of a 95 % interval, each 0 to 1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """Hold one figure over one split. n: number of scores behind it. failing: ids of the cases that pull it away from perfect, in order."""

    suite: str
    metric: Metric
    split: str
    n: int
    value: float
    interval: Interval
    failing: tuple[str, ...] = field(default=())


def interval_of(values: Sequence[float]) -> Interval:
    """Return the 95 % interval of a mean: Wilson's for yes-or-no values, a percentile bootstrap (fixed seed) for others.

    Both come from scipy. Several details of one message are counted as independent, which makes intervals slightly too narrow.
    """
    sample = np.asarray(values, dtype=float)
    if sample.size == 0:
        return Interval(0.0, 1.0)
    if np.isin(sample, (0.0, 1.0)).all():
        wilson = stats.binomtest(int(sample.sum()), sample.size).proportion_ci(CONFIDENCE, method="wilson")
        return Interval(float(wilson.low), float(wilson.high))
    if sample.size == 1 or np.ptp(sample) == 0:
        return Interval(float(sample[0]), float(sample[0]))
    drawn = stats.bootstrap((sample,), np.mean, confidence_level=CONFIDENCE, n_resamples=RESAMPLES, method="percentile", rng=7)
    return Interval(float(drawn.confidence_interval.low), float(drawn.confidence_interval.high))


def results_of(suite: str, metrics: Sequence[Metric], cases: Iterable[Case], split: str) -> tuple[Result, ...]:
    """Return one result per metric that has at least one score: the declared ones in their order, then the rest by name.

    A score of an undeclared metric ("hidden.PERSON") becomes a detail of the declared one before its first dot.
    """
    scored: dict[str, list[Score]] = {}
    failing: dict[str, dict[str, None]] = {}
    declared = {metric.name: metric for metric in metrics}
    for case in cases:
        for score in case.scores:
            scored.setdefault(score.metric, []).append(score)
            if score.value != (1.0 if metric_named(score.metric, declared).higher_is_better else 0.0):
                failing.setdefault(score.metric, {})[case.sample_id] = None
    names = [name for name in declared if name in scored] + sorted(set(scored) - set(declared))
    figures = {name: _figure(metric_named(name, declared), scored[name]) for name in names}
    return tuple(
        Result(suite, metric_named(name, declared), split, len(scored[name]), *figures[name], tuple(failing.get(name, ())))
        for name in names
    )


def _figure(metric: Metric, scores: Sequence[Score]) -> tuple[float, Interval]:
    """Return the figure of all scores of one metric, with its interval."""
    if metric.agreement is None:
        values = [score.value for score in scores]
        return float(np.mean(values)), interval_of(values)
    pairs = [score.pair for score in scores if score.pair is not None]
    value, low, high = agreement_of(metric.agreement, [truth for truth, _ in pairs], [said for _, said in pairs])
    return value, Interval(low, high)


def metric_named(name: str, declared: Mapping[str, Metric]) -> Metric:
    """Return the declared metric, or the detail that "metric.detail" names.

    Raises: KeyError when a scorer uses a metric that its suite does not declare.
    """
    if name in declared:
        return declared[name]
    parent_name, _, detail = name.partition(".")
    parent = declared[parent_name]
    return Metric(
        name, f"{parent.title}: {detail.replace('_', ' ').lower()}", parent.higher_is_better, headline=False, agreement=parent.agreement
    )
