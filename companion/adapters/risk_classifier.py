"""Triage's small classifier on the message's embedding, trained at index time and kept as plain arrays (no pickles).

Two estimates are mixed: multinomial logistic regression, which sees the whole of a level, and the levels of the nearest exemplars, which see
rare wordings. On the dev split of evals/datasets/triage.jsonl, at risk against harmless (half of it hard look-alikes), the area under the
curve was .868 for the regression, .919 for the neighbours and .927 for the mixture; a support vector machine reached .886.
The mixture is calibrated by one temperature, fitted on held-out folds (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.models import Matrix, TriageLevel, Vector
from companion.ports import Embedder

CLASSIFIER_VERSION = 1
"""Raise it when the same exemplars would train another classifier; it is part of the name under which one is kept."""
_FOLDS = 5
_STRENGTH = 4.0
"""Inverse regularisation of the regression. This and the next three chosen by us on the same data."""
_NEIGHBOURS = 20
_FOCUS = 20.0
"""How much more a nearer exemplar counts: weights are exp(focus * cosine)."""
_REGRESSION_SHARE = 0.4
_TEMPERATURES = np.geomspace(0.3, 3.0, 47)

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trained:
    """Hold what training found.

    weights: float64, (n_levels, dim); biases: (n_levels,). exemplars: float32, (n_exemplars, dim), rows L2-normalised; truth: (n_exemplars,),
    row numbers of `levels`. temperature: above 0; powers of 1/temperature sharpen or soften the probabilities.
    """

    levels: tuple[TriageLevel, ...]
    weights: Rows
    biases: Rows
    exemplars: Matrix
    truth: NDArray[np.int64]
    temperature: float = 1.0


class RiskClassifier:
    """Estimate triage levels with two matrix products; scikit-learn is needed for training only."""

    def __init__(self, model_id: str, trained: Trained) -> None:
        self.model_id = model_id
        self._trained = trained

    @property
    def temperature(self) -> float:
        """Return the temperature of the calibration; above 0."""
        return self._trained.temperature

    def probabilities(self, embedding: Vector) -> Mapping[TriageLevel, float]:
        """Return calibrated probabilities per level; they sum to 1."""
        if embedding.shape != (self._trained.weights.shape[1],):
            raise EmbeddingFailed("triage's classifier was trained for another embedding model; run `companion index --rebuild`")
        shares = _sharpened(_mixed(self._trained, embedding[np.newaxis]), self._trained.temperature)[0]
        return {level: float(share) for level, share in zip(self._trained.levels, shares, strict=True)}

    def save(self, path: Path) -> None:
        """Write the model as one archive of plain arrays."""
        trained = self._trained
        with path.open("wb") as out:
            np.savez(
                out,
                model_id=np.asarray(self.model_id),
                levels=np.asarray([level.value for level in trained.levels]),
                weights=trained.weights,
                biases=trained.biases,
                exemplars=trained.exemplars,
                truth=trained.truth,
                temperature=np.asarray(trained.temperature),
            )

    @classmethod
    def load(cls, path: Path, model_id: str) -> RiskClassifier:
        """Read a model.

        Raises: IndexUnavailable when the file is missing or damaged; EmbeddingFailed when it was trained with another embedding model.
        """
        try:
            with np.load(path, allow_pickle=False) as found:
                levels = tuple(TriageLevel(str(level)) for level in found["levels"])
                arrays = {name: np.array(found[name]) for name in ("weights", "biases", "exemplars", "truth")}
                model = cls(str(found["model_id"]), Trained(levels=levels, temperature=float(found["temperature"]), **arrays))
        except Exception as exc:
            raise IndexUnavailable("triage's classifier cannot be read; run `companion index --rebuild`") from exc
        if model.model_id != model_id:
            raise EmbeddingFailed("triage's classifier was trained with another embedding model; run `companion index --rebuild`")
        return model


def train(
    exemplars: Sequence[tuple[str, TriageLevel]], embedder: Embedder, vectors: Matrix | None = None, *, temperature: float | None = None
) -> RiskClassifier:
    """Return a classifier trained on exemplars (text, level).

    vectors: of the exemplars, when the caller has them already: float32, (n_exemplars, dim). temperature: when it is known already, from
    nearly the same exemplars; finding it takes five sixths of the time.

    Raises: EmbeddingFailed; ValueError when a level has fewer than five exemplars or there are fewer than two levels.
    """
    from sklearn.model_selection import StratifiedKFold

    x = embedder.embed_passages([text for text, _ in exemplars]) if vectors is None else vectors
    levels = tuple(level for level in TriageLevel if any(level is other for _, other in exemplars))
    truth = np.asarray([levels.index(level) for _, level in exemplars])
    if temperature is not None:
        return RiskClassifier(embedder.model_id, replace(_fitted(levels, x, truth), temperature=temperature))
    held_out = np.zeros((len(truth), len(levels)))
    for rest, part in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(x, truth):
        held_out[part] = _mixed(_fitted(levels, x[rest], truth[rest]), x[part])
    temperature = min(_TEMPERATURES, key=lambda t: _log_loss(_sharpened(held_out, t), truth))
    return RiskClassifier(embedder.model_id, replace(_fitted(levels, x, truth), temperature=round(float(temperature), 4)))


def _fitted(levels: tuple[TriageLevel, ...], x: Matrix, truth: NDArray[np.int64]) -> Trained:
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=_STRENGTH, max_iter=3000).fit(x, truth)
    return Trained(levels, regression.coef_, regression.intercept_, x, truth)


def _mixed(trained: Trained, x: Matrix) -> Rows:
    by_regression = _softmax(x @ trained.weights.T + trained.biases)
    return _REGRESSION_SHARE * by_regression + (1 - _REGRESSION_SHARE) * _by_neighbours(trained, x)


def _by_neighbours(trained: Trained, x: Matrix) -> Rows:
    similarities = x @ trained.exemplars.T
    count = min(_NEIGHBOURS, len(trained.truth))
    nearest = np.argpartition(-similarities, count - 1, axis=1)[:, :count]
    closeness = np.take_along_axis(similarities, nearest, axis=1).astype(np.float64)
    weights = _softmax(_FOCUS * closeness)
    is_level = trained.truth[nearest][:, :, np.newaxis] == np.arange(len(trained.levels))
    shares: Rows = (weights[:, :, np.newaxis] * is_level).sum(axis=1)
    return shares


def _sharpened(shares: Rows, temperature: float) -> Rows:
    raised = np.clip(shares, 1e-6, 1.0) ** (1.0 / temperature)
    sharpened: Rows = raised / raised.sum(axis=-1, keepdims=True)
    return sharpened


def _log_loss(shares: Rows, truth: NDArray[np.int64]) -> float:
    return float(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-12, 1.0)).mean())


def _softmax(logits: Rows) -> Rows:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Rows = raised / raised.sum(axis=-1, keepdims=True)
    return shares
