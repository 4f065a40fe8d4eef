"""Vectors of the library and the exemplars as they are shipped, so that the first index of a new installation is there in seconds.

They are MiniLM's, rounded to half precision (cosine to the embedder's own above 0.9999). A text that was edited since, and every other
model, is embedded as usual: the key is a hash over the model's name, with its weights' hash, and the text. `tools/ship_vectors.py` writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from companion.models import Vector

FILE = Path(__file__).with_name("shipped_vectors.npz")
KEY_BYTES = 16
"""Of the SHA-256 over model and text: 128 bits, so that no two texts ever share a key."""


@dataclass(frozen=True, slots=True)
class ShippedVectors:
    """Hold the vectors. places: key → row. rows: float16, (n, dim). taken: keys that were asked for and found, for the tool that writes them."""

    places: dict[bytes, int]
    rows: NDArray[np.float16]
    taken: set[bytes] = field(default_factory=set)

    def get(self, key: bytes) -> Vector | None:
        """Return the vector of a text, float32, (dim,), L2-normalised, or None when it is not shipped. key: SHA-256 over model and text."""
        place = self.places.get(key[:KEY_BYTES])
        if place is None:
            return None
        self.taken.add(key[:KEY_BYTES])
        vector = self.rows[place].astype(np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@cache
def shipped_vectors() -> ShippedVectors:
    """Return the vectors; none when the file is missing or damaged, which only costs time."""
    try:
        with np.load(FILE, allow_pickle=False) as found:
            keys, rows = found["keys"], found["rows"]
            if keys.dtype != np.uint8 or keys.shape != (len(rows), KEY_BYTES) or rows.dtype != np.float16:
                raise ValueError("another shape")
            return ShippedVectors({key.tobytes(): place for place, key in enumerate(keys)}, rows)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return ShippedVectors({}, np.zeros((0, 0), dtype=np.float16))
