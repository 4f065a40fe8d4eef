"""Triage's small classifier on the message's embedding and its word pieces, kept as plain arrays (no pickles, no scikit-learn to serve).

Three estimates are stacked: the levels of the nearest exemplars, near by meaning and by spelling together; a severity from the word pieces
alone, by ridge regression, which knows misspelt words and other languages; and a regression on the embedding. On 770 held-out dev messages, at
risk against harmless (four in ten of them hard look-alikes), the area under the curve was .948 for the classifier before (embedding only),
.942 for the pieces alone and .97 for all three. The stacker is a multinomial regression on held-out estimates, so its probabilities are
calibrated (`python -m evals triage` draws the curve). `risk_training` fits all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.adapters.gram_index import GramIndex
from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.letter_grams import Clues
from companion.models import Matrix, TriageLevel, Vector

CLASSIFIER_VERSION = 4
"""Raise it when the same exemplars would train another classifier; it is part of the name under which one is kept."""
NEIGHBOURS = 20
FOCUS = 10.0
"""How much more a nearer exemplar counts: weights are exp(focus * similarity). This and the next four chosen by us on the dev split."""
SPELLING_SHARE = 0.8
"""What the cosine of word pieces counts beside the cosine of embeddings."""
CLAUSE_DISCOUNT = 0.05
"""How much less severe one part of a longer message counts than the same words alone: with many parts, one will look odd by chance."""
EARLIER_SHARE = 0.5
"""What the most severe of the earlier messages adds to the severity of this one, above `EARLIER_FLOOR`."""
EARLIER_FLOOR = -0.6

Rows = NDArray[np.float64]
_ARRAYS = ("exemplars", "truth", "severity", "weights", "biases", "stack", "offsets")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Hold the stacker: stack: float64, (n_levels, n_features); offsets: (n_levels,)."""

    stack: Rows
    offsets: Rows


@dataclass(frozen=True, slots=True)
class Trained:
    """Hold what training found.

    exemplars: float32, (n_exemplars, dim), rows L2-normalised; truth: (n_exemplars,), row numbers of `levels`; severity: float32, (BUCKETS,),
    what each word piece adds, towards 1 at risk and -1 harmless. weights: float64, (n_levels, dim); biases: (n_levels,).
    """

    levels: tuple[TriageLevel, ...]
    exemplars: Matrix
    truth: NDArray[np.int64]
    index: GramIndex
    severity: NDArray[np.float32]
    weights: Rows
    biases: Rows


class RiskClassifier:
    """Estimate triage levels in about a millisecond."""

    def __init__(self, model_id: str, trained: Trained, calibration: Calibration) -> None:
        self.model_id = model_id
        self.calibration = calibration
        self._trained = trained

    def probabilities(self, embedding: Vector, clues: Clues = Clues()) -> Mapping[TriageLevel, float]:  # noqa: B008 - frozen
        """Return calibrated probabilities per level; they sum to 1."""
        if embedding.shape != (self._trained.weights.shape[1],):
            raise EmbeddingFailed("triage's classifier was trained for another embedding model; run `companion index --rebuild`")
        found = features(self._trained, embedding, clues)
        shares = softmax(found @ self.calibration.stack.T + self.calibration.offsets)
        return {level: float(share) for level, share in zip(self._trained.levels, shares, strict=True)}

    def save(self, path: Path) -> None:
        """Write the model as one archive of plain arrays."""
        trained, index = self._trained, self._trained.index
        held = {name: getattr(trained, name) for name in _ARRAYS if hasattr(trained, name)}
        with path.open("wb") as out:
            np.savez(
                out,
                model_id=np.asarray(self.model_id),
                levels=np.asarray([level.value for level in trained.levels]),
                stack=self.calibration.stack,
                offsets=self.calibration.offsets,
                **held,
                **{f"index_{name}": getattr(index, name) for name in ("rarity", "starts", "rows", "shares")},
            )

    @classmethod
    def load(cls, path: Path, model_id: str) -> RiskClassifier:
        """Read a model.

        Raises: IndexUnavailable when the file is missing or damaged; EmbeddingFailed when it was trained with another embedding model.
        """
        try:
            with np.load(path, allow_pickle=False) as found:
                levels = tuple(TriageLevel(str(level)) for level in found["levels"])
                arrays = {name: np.array(found[name]) for name in _ARRAYS}
                index = GramIndex(
                    len(arrays["truth"]), *(np.array(found[f"index_{name}"]) for name in ("rarity", "starts", "rows", "shares"))
                )
                calibration = Calibration(arrays.pop("stack"), arrays.pop("offsets"))
                model = cls(str(found["model_id"]), Trained(levels=levels, index=index, **arrays), calibration)
        except Exception as exc:
            raise IndexUnavailable("triage's classifier cannot be read; run `companion index --rebuild`") from exc
        if model.model_id != model_id:
            raise EmbeddingFailed("triage's classifier was trained with another embedding model; run `companion index --rebuild`")
        return model


def features(trained: Trained, embedding: Vector, clues: Clues) -> Rows:
    """Return what the stacker sees of one message: float64, (2 * n_levels + 1,)."""
    return features_beside(trained, embedding, clues, trained.exemplars @ embedding, trained.index.similarities(clues.whole))


def features_beside(
    trained: Trained, embedding: Vector, clues: Clues, by_embedding: NDArray[np.float32], by_spelling: NDArray[np.float32]
) -> Rows:
    """Return the same when the cosines to each exemplar are known already: float32, (n_exemplars,), of embeddings and of word pieces."""
    near = _neighbour_shares(trained, by_embedding + SPELLING_SHARE * by_spelling)
    by_meaning = softmax(trained.weights @ embedding.astype(np.float64) + trained.biases)
    return np.concatenate((near, np.log(np.clip(by_meaning, 1e-4, 1.0)) / 4, [_severity(trained, clues)]))


def softmax(logits: Rows) -> Rows:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Rows = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _neighbour_shares(trained: Trained, similarities: NDArray[np.float32]) -> Rows:
    count = min(NEIGHBOURS, len(similarities))
    nearest = np.argpartition(-similarities, count - 1)[:count]
    weights = softmax(FOCUS * similarities[nearest].astype(np.float64))
    shares: Rows = np.bincount(trained.truth[nearest], weights=weights, minlength=len(trained.levels)).astype(np.float64)
    return shares


def _severity(trained: Trained, clues: Clues) -> float:
    """Return how severe a message sounds by its pieces, about -1 to 1: of the whole or of its worst part, with the way that led to it."""
    now = max([_sum(trained, clues.whole), *(_sum(trained, part) - CLAUSE_DISCOUNT for part in clues.clauses)])
    before = max((_sum(trained, earlier) for earlier in clues.earlier), default=EARLIER_FLOOR)
    return now + EARLIER_SHARE * max(0.0, before - EARLIER_FLOOR)


def _sum(trained: Trained, pieces: Sequence[int]) -> float:
    numbers, weights = trained.index.weighed(pieces)
    return float(trained.severity[numbers] @ weights)
