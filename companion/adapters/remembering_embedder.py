"""An embedder that remembers the messages it was asked about: for test questions that are put again and again, never for employees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.models import Matrix, RedactedMessage, Vector
from companion.ports import Embedder

_MOST_REMEMBERED = 10_000
"""At 1.5 kB each."""


@dataclass(frozen=True, slots=True)
class RememberingEmbedder:
    """Ask the embedder behind it once per message; fulfils `ports.Embedder`.

    known: the vectors so far, text → vector; shared, so that the same questions asked again cost nothing.
    """

    embedder: Embedder
    known: dict[str, Vector]

    @property
    def model_id(self) -> str:
        """Name and hash of the weights."""
        return self.embedder.model_id

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.embedder.dim

    def embed_message(self, message: RedactedMessage) -> Vector:
        """Return the vector of one curated question."""
        vector = self.known.get(message.text)
        if vector is None:
            vector = self.embedder.embed_message(message)
            if len(self.known) < _MOST_REMEMBERED:
                self.known[message.text] = vector
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of curated texts, in their order; not remembered."""
        return self.embedder.embed_passages(texts)
