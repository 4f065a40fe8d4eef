"""Triage's small classifier: multinomial logistic regression on the message's embedding, trained at index time, kept as JSON (no pickles).

Probabilities are calibrated by temperature: one number fitted on held-out folds so that the stated probability matches the observed share
(Guo et al. 2017, https://arxiv.org/abs/1706.04599).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.models import Matrix, TriageLevel, Vector
from companion.ports import Embedder

_FOLDS = 5
_STRENGTH = 8.0
"""Inverse regularisation of the regression. Chosen by us by cross-validation on knowledge/exemplars/triage.yaml."""
_TEMPERATURES = np.geomspace(0.25, 4.0, 49)

Logits = NDArray[np.float64]


class RiskClassifier:
    """Estimate triage levels. Prediction is one matrix product; scikit-learn is needed for training only."""

    def __init__(self, model_id: str, levels: Sequence[TriageLevel], weights: Logits, biases: Logits, temperature: float) -> None:
        """Keep a trained model. weights: float64, (n_levels, dim); biases: (n_levels,); temperature: above 0, divides the logits."""
        self.model_id = model_id
        self._levels = tuple(levels)
        self._weights = weights
        self._biases = biases
        self._temperature = temperature

    def probabilities(self, embedding: Vector) -> Mapping[TriageLevel, float]:
        """Return calibrated probabilities per level; they sum to 1."""
        if embedding.shape != (self._weights.shape[1],):
            raise EmbeddingFailed("triage's classifier was trained for another embedding model; run `companion index --rebuild`")
        shares = _softmax((self._weights @ embedding + self._biases) / self._temperature)
        return {level: float(share) for level, share in zip(self._levels, shares, strict=True)}

    def save(self, path: Path) -> None:
        """Write the model as JSON."""
        content = {
            "model_id": self.model_id,
            "levels": [level.value for level in self._levels],
            "weights": np.round(self._weights, 6).tolist(),
            "biases": np.round(self._biases, 6).tolist(),
            "temperature": self._temperature,
        }
        path.write_text(json.dumps(content), "utf-8")

    @classmethod
    def load(cls, path: Path, model_id: str) -> RiskClassifier:
        """Read a model.

        Raises: IndexUnavailable when the file is missing or damaged; EmbeddingFailed when it was trained with another embedding model.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
            levels = tuple(TriageLevel(level) for level in content["levels"])
            weights, biases = np.asarray(content["weights"], dtype=np.float64), np.asarray(content["biases"], dtype=np.float64)
            model = cls(str(content["model_id"]), levels, weights, biases, float(content["temperature"]))
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise IndexUnavailable("triage's classifier cannot be read; run `companion index --rebuild`") from exc
        if model.model_id != model_id:
            raise EmbeddingFailed("triage's classifier was trained with another embedding model; run `companion index --rebuild`")
        return model


def train(exemplars: Sequence[tuple[str, TriageLevel]], embedder: Embedder, vectors: Matrix | None = None) -> RiskClassifier:
    """Return a classifier trained on exemplars (text, level).

    vectors: of the exemplars, when the caller has them already: float32, (n_exemplars, dim).

    Raises: EmbeddingFailed; ValueError when a level has fewer than five exemplars or there are fewer than two levels.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    x = embedder.embed_passages([text for text, _ in exemplars]) if vectors is None else vectors
    y = np.asarray([level.value for _, level in exemplars])
    regression = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2000)
    held_out = cross_val_predict(regression, x, y, cv=_FOLDS, method="decision_function")
    regression.fit(x, y)
    classes = [str(name) for name in regression.classes_]
    truth = np.asarray([classes.index(name) for name in y])
    temperature = min(_TEMPERATURES, key=lambda t: _log_loss(held_out / t, truth))
    levels = tuple(TriageLevel(name) for name in classes)
    return RiskClassifier(embedder.model_id, levels, regression.coef_, regression.intercept_, round(float(temperature), 4))


def _log_loss(logits: Logits, truth: NDArray[np.int64]) -> float:
    shares = _softmax(logits)
    return float(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-12, 1.0)).mean())


def _softmax(logits: Logits) -> Logits:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Logits = raised / raised.sum(axis=-1, keepdims=True)
    return shares
