"""Train triage's classifier from exemplars, at index time, in seconds; the same exemplars give the same classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from companion.adapters.gram_index import GramIndex
from companion.adapters.risk_classifier import Calibration, RiskClassifier, Rows, Trained, features_beside
from companion.letter_grams import BUCKETS, Clues, grams
from companion.models import Matrix, TriageLevel
from companion.ports import Embedder

_FOLDS = 5
_STRENGTH = 4.0
"""Inverse regularisation of the regression on the embedding. This and the next two chosen by us on the dev split."""
_TOLERANCE = 1e-3
"""Of the regression; a tenth of it takes twice as long and moves chances by .01 in the mean. Chosen by us."""
_RIDGE = 0.2
_STACK_STRENGTH = 1.0

_BATCH = 256
"""Messages whose features are found together, 10 MB of cosines for 10,000 exemplars. Chosen by us."""

_Pieces = Sequence[tuple[int, ...]]


def train(
    exemplars: Sequence[tuple[str, TriageLevel]],
    embedder: Embedder,
    vectors: Matrix | None = None,
    *,
    calibration: Calibration | None = None,
) -> RiskClassifier:
    """Return a classifier trained on exemplars (text, level).

    vectors: of the exemplars, when the caller has them already: float32, (n_exemplars, dim). calibration: when it is known already, from
    nearly the same exemplars; finding it takes two thirds of the time.

    Raises: EmbeddingFailed; ValueError when a level has fewer than five exemplars or there are fewer than two levels.
    """
    from threadpoolctl import threadpool_limits

    x = embedder.embed_passages([text for text, _ in exemplars]) if vectors is None else vectors
    levels = tuple(level for level in TriageLevel if any(level is other for _, other in exemplars))
    truth = np.asarray([levels.index(level) for _, level in exemplars])
    pieces = [grams(text) for text, _ in exemplars]
    with threadpool_limits(1):  # the matrices are small: two threads wait for one another, and for the turns that are served meanwhile
        if calibration is None or calibration.stack.shape[0] != len(levels):
            calibration = _calibrated(levels, x, truth, pieces)
        return RiskClassifier(embedder.model_id, fitted(levels, x, truth, pieces), calibration)


def _calibrated(levels: tuple[TriageLevel, ...], x: Matrix, truth: NDArray[np.int64], pieces: _Pieces) -> Calibration:
    """Return the stacker, fitted on what a model of four fifths says of the last fifth; all five took five times as long."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    rest, part = next(StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(x, truth))
    model = fitted(levels, x[rest], truth[rest], [pieces[row] for row in rest])
    held_out = features_of_all(model, x[part], [pieces[row] for row in part])
    stacker = LogisticRegression(C=_STACK_STRENGTH, max_iter=3000).fit(held_out, truth[part])
    stack, offsets = stacker.coef_, stacker.intercept_
    if len(levels) == 2:  # scikit-learn keeps one row for two classes
        stack, offsets = np.concatenate((-stack, stack)) / 2, np.concatenate((-offsets, offsets)) / 2
    return Calibration(np.asarray(stack, dtype=np.float64), np.asarray(offsets, dtype=np.float64))


def features_of_all(trained: Trained, x: Matrix, pieces: _Pieces) -> Rows:
    """Return what the stacker sees of many messages at once: float64, (n_messages, 2 * n_levels + 1), as `features` would for each."""
    found = []
    for start in range(0, len(x), _BATCH):
        batch = slice(start, start + _BATCH)
        cosines = x[batch] @ trained.exemplars.T, _spelling_cosines(trained.index, pieces[batch])
        for vector, some, *beside in zip(x[batch], pieces[batch], *cosines, strict=True):
            found.append(features_beside(trained, vector, Clues(some), *beside))
    return np.asarray(found)


def _spelling_cosines(index: GramIndex, pieces: _Pieces) -> NDArray[np.float32]:
    """Return the cosine of each message to each exemplar by word pieces: float32, (n_messages, size)."""
    from scipy.sparse import csr_matrix

    weighed = [index.weighed(some) for some in pieces]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in weighed)])
    numbers, weights = (np.concatenate(parts) for parts in zip(*weighed, strict=True))
    messages = csr_matrix((weights, numbers, ends), shape=(len(pieces), BUCKETS))
    exemplars = csr_matrix((index.shares, index.rows, index.starts), shape=(BUCKETS, index.size))  # by piece, as the index is
    cosines: NDArray[np.float32] = (messages @ exemplars).toarray()
    return cosines


def fitted(levels: tuple[TriageLevel, ...], x: Matrix, truth: NDArray[np.int64], pieces: _Pieces) -> Trained:
    """Return the three estimates, not yet stacked. x: vectors of the exemplars; truth: their row numbers of `levels`."""
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=_STRENGTH, max_iter=3000, tol=_TOLERANCE).fit(x, truth)
    weights, biases = regression.coef_, regression.intercept_
    if len(levels) == 2:
        weights, biases = np.concatenate((-weights, weights)) / 2, np.concatenate((-biases, biases)) / 2
    index = GramIndex.build(pieces)
    return Trained(
        levels, x, truth, index, _severities(index, levels, truth), np.asarray(weights, np.float64), np.asarray(biases, np.float64)
    )


def _severities(index: GramIndex, levels: tuple[TriageLevel, ...], truth: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what each piece adds to the severity; the goals are 1 at risk, 0 unsure, -1 harmless."""
    from scipy.sparse import csc_matrix
    from sklearn.linear_model import Ridge

    goals: Rows = np.asarray([1.0 if level.is_at_risk else 0.0 if level is TriageLevel.CONCERN else -1.0 for level in levels])
    pieces = csc_matrix((index.shares.astype(np.float64), index.rows, index.starts), shape=(index.size, BUCKETS))
    ridge = Ridge(alpha=_RIDGE, solver="sparse_cg", tol=1e-3, fit_intercept=False).fit(pieces.tocsr(), goals[truth])
    return np.asarray(ridge.coef_, dtype=np.float32)
