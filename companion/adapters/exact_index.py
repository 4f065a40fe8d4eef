"""Exact vector search in numpy: what a candidate library, a small change and a damaged Chroma store are searched with.

Up to some ten thousand passages it is faster than any approximate index (0.1 ms at 10,000), and it cannot miss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from companion.errors import IndexUnavailable
from companion.models import Matrix, Vector


class ExactIndex:
    """Search passages and whole articles by comparing with all of them; fulfils `PassageIndex`."""

    def __init__(self, passages: tuple[Sequence[str], Matrix], documents: tuple[Sequence[str], Matrix]) -> None:
        """Hold (ids, vectors) of passages and of articles: float32, (n, dim), rows L2-normalised; arrays may be mapped from files."""
        self.passages = passages
        self.documents = documents

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity of at most k passages, best first."""
        return _nearest(*self.passages, embedding, k)

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity of at most k articles, best first."""
        return _nearest(*self.documents, embedding, k)


class NoVectors:
    """Stand for a vector index that is not there; every search says so, and retrieval goes on by words alone."""

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:  # noqa: ARG002 - a port
        """Raise IndexUnavailable."""
        raise IndexUnavailable("there are no vectors yet; the index is being built")

    nearest_documents = nearest_passages


def best_rows(scores: Vector, k: int) -> list[int]:
    """Return the rows of the k highest scores, best first; ties in order of row. Linear in the number of scores."""
    if k < len(scores):
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        rows = np.flatnonzero(scores >= bar)
    else:
        rows = np.arange(len(scores))
    order = np.argsort(-scores[rows], kind="stable")[:k]
    return [int(row) for row in rows[order]]


def _nearest(ids: Sequence[str], vectors: Matrix, embedding: Vector, k: int) -> Mapping[str, float]:
    if k <= 0 or not len(ids):
        return {}
    cosines = np.clip(vectors @ embedding, -1.0, 1.0)
    return {ids[row]: float(cosines[row]) for row in best_rows(cosines, k)}
