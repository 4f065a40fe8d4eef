"""Compare a message's word pieces with those of every exemplar, by postings lists in plain arrays: no scikit-learn or scipy while serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from companion.letter_grams import BUCKETS

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class GramIndex:
    """Hold weighted pieces of exemplars by piece. Weights are TF-IDF with the term counted once; each exemplar has length 1.

    rarity: float32, (BUCKETS,). starts: int32, (BUCKETS + 1,), where the postings of a piece begin in `rows` (exemplar numbers) and `shares`.
    """

    size: int
    rarity: Floats
    starts: Whole
    rows: Whole
    shares: Floats

    @classmethod
    def build(cls, pieces: Sequence[Sequence[int]]) -> GramIndex:
        """Index the piece numbers of exemplars."""
        counts = np.array([len(some) for some in pieces], dtype=np.int64)
        numbers = np.fromiter((number for some in pieces for number in some), dtype=np.int64, count=int(counts.sum()))
        rows = np.repeat(np.arange(len(pieces), dtype=np.int32), counts)
        held_by = np.bincount(numbers, minlength=BUCKETS)
        rarity = (np.log((len(pieces) + 1) / (held_by + 1)) + 1).astype(np.float32)
        lengths = np.sqrt(np.bincount(rows, weights=rarity[numbers].astype(np.float64) ** 2, minlength=len(pieces)))
        order = np.argsort(numbers, kind="stable")
        starts = np.concatenate(([0], np.cumsum(held_by))).astype(np.int32)
        shares = (rarity[numbers] / np.maximum(lengths, 1e-9)[rows]).astype(np.float32)
        return cls(len(pieces), rarity, starts, rows[order], shares[order])

    def weighed(self, pieces: Sequence[int]) -> tuple[NDArray[np.int64], Floats]:
        """Return piece numbers and their weights, of length 1 together."""
        numbers = np.asarray(pieces, dtype=np.int64)
        weights = self.rarity[numbers]
        return numbers, (weights / max(float(np.linalg.norm(weights)), 1e-9)).astype(np.float32)

    def similarities(self, pieces: Sequence[int]) -> Floats:
        """Return the cosine of a message to each exemplar: float32, (size,), 0 to 1."""
        numbers, weights = self.weighed(pieces)
        if not len(numbers):
            return np.zeros(self.size, dtype=np.float32)
        begins, ends = self.starts[numbers], self.starts[numbers + 1]
        places = np.concatenate([np.arange(begin, end) for begin, end in zip(begins, ends, strict=True)])
        shares = self.shares[places] * np.repeat(weights, ends - begins)
        return np.bincount(self.rows[places], weights=shares, minlength=self.size).astype(np.float32)
