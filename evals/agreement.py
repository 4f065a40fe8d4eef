"""How far two judges agree beyond chance, and how well one finds what the other saw, each with a 95 % interval.

Point values come from scikit-learn. The interval is scipy's percentile bootstrap over lines; inside it the same figures are computed from the four
counts at once, since two thousand calls of scikit-learn per figure would take minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import cohen_kappa_score, f1_score

_RESAMPLES = 2000
_CONFIDENCE = 0.95
_Counts = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


class Agreement(StrEnum):
    """Name a figure of agreement. Both are 1 when judge and reference agree everywhere; kappa is 0 at chance and may fall below."""

    KAPPA = "kappa"
    F1 = "f1"


def agreement_of(kind: Agreement, labels: Sequence[bool], predicted: Sequence[bool]) -> tuple[float, float, float]:
    """Return the value with the bounds of its 95 % interval. Where neither judge ever says yes, both figures are 1."""
    truth, said = np.asarray(labels, dtype=int), np.asarray(predicted, dtype=int)
    if not truth.any() and not said.any():
        return 1.0, 0.0, 1.0
    value = float(cohen_kappa_score(truth, said) if kind is Agreement.KAPPA else f1_score(truth, said, zero_division=0))
    value = 1.0 if np.isnan(value) else value  # both say yes everywhere
    codes = truth * 2 + said
    if np.ptp(codes) == 0:
        return value, value, value
    statistic = kappa_of if kind is Agreement.KAPPA else f1_of
    drawn = stats.bootstrap(
        (codes,),
        lambda c, axis: statistic(_counts(c, axis)),
        confidence_level=_CONFIDENCE,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=7,
    )
    return value, float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)


def kappa_of(counts: _Counts) -> NDArray[np.float64]:
    """Return Cohen's kappa from the counts (neither, only judge, only reference, both)."""
    neither, judge, reference, both = counts
    n = neither + judge + reference + both
    observed = (both + neither) / n
    chance = ((both + judge) * (both + reference) + (neither + judge) * (neither + reference)) / n**2
    return np.where(chance < 1, (observed - chance) / np.where(chance < 1, 1 - chance, 1), 1.0)


def f1_of(counts: _Counts) -> NDArray[np.float64]:
    """Return F1 from the same counts; 1 where nobody says yes."""
    _, judge, reference, both = counts
    all_yes = 2 * both + judge + reference
    return np.where(all_yes > 0, 2 * both / np.where(all_yes > 0, all_yes, 1), 1.0)


def _counts(codes: NDArray[np.int_], axis: int) -> _Counts:
    neither, judge, reference, both = (np.sum(codes == code, axis=axis).astype(float) for code in range(4))
    return neither, judge, reference, both
