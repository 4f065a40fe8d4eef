"""What the stages need from the outside world, as protocols. Adapters fulfil them; tests hold every adapter to the same contract.

Nothing vendor-typed crosses a port: adapters translate vendor errors into `companion.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from companion.letter_grams import Clues
from companion.models import (
    Article,
    EntityType,
    Matrix,
    Passage,
    RawMessage,
    RedactedMessage,
    ReplyRequest,
    ReplySentence,
    TriageLevel,
    Vector,
    WriterName,
)

Progress = Callable[[int, int], None]
"""Called with (done, all) passages while an index is built."""


class Clock(Protocol):
    """Tell the time, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """Mark a span that a redactor believes to be a personal detail.

    start, end: 0-based, end exclusive, in characters of the raw text. score: 0 to 1, higher is surer.
    """

    start: int
    end: int
    type: EntityType
    score: float


class Redactor(Protocol):
    """Find personal details. Together with triage's rules the only port that sees a raw message."""

    def find(self, raw: RawMessage) -> tuple[FoundEntity, ...]:
        """Return the spans to hide, in any order; they may overlap.

        Raises: RedactionFailed when a recogniser is broken or the deadline has passed.
        """
        ...


class Embedder(Protocol):
    """Turn text into vectors. One model per index; `model_id` changes whenever vectors would."""

    @property
    def model_id(self) -> str:
        """Name of the model with its weights' hash, recorded in every index."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def embed_message(self, message: RedactedMessage) -> Vector:
        """Return the vector of one message: float32, (dim,), L2-normalised.

        Raises: EmbeddingFailed.
        """
        ...

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of curated texts: float32, (n_texts, dim), rows L2-normalised.

        Raises: EmbeddingFailed.
        """
        ...


class PassageIndex(Protocol):
    """Search curated text by vector. A rebuildable cache of `knowledge/`."""

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity (-1 to 1) of at most k passages, best first.

        Raises: IndexUnavailable.
        """
        ...

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity (-1 to 1) of at most k articles, best first.

        Raises: IndexUnavailable.
        """
        ...


class LexicalIndex(Protocol):
    """Score passages by the words they share with a query."""

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        """Return passage id → BM25 score (above 0, no upper bound) of at most k passages, best first; empty when no word matches.

        Raises: IndexUnavailable.
        """
        ...

    def passages_with(self, word: str) -> int:
        """Return how many passages hold a word in any of its forms; 0 for a word that the library never uses.

        Raises: IndexUnavailable.
        """
        ...


class Speller(Protocol):
    """Set slips of the keyboard right, for search only."""

    def corrected(self, word: str, passages_with: Callable[[str], int]) -> str:
        """Return the word that is meant by one in lower case; the word itself when it is known or nothing is near.

        passages_with: how many passages of the library hold a word; the library's words are known and are the first guess.
        """
        ...


class Shelf(Protocol):
    """Hand out the texts behind the ids that an index returns: one generation of the library."""

    def article(self, article_id: str) -> Article:
        """Return one article.

        Raises: NotFound.
        """
        ...

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return all passages of an article in reading order.

        Raises: NotFound.
        """
        ...

    def passage(self, passage_id: str) -> Passage:
        """Return one passage.

        Raises: NotFound.
        """
        ...

    def quote_vectors(self, passage_id: str) -> Matrix:
        """Return the vectors of `Passage.quotes`, in their order: float32, (n_quotes, dim), rows L2-normalised; no rows when unknown."""
        ...

    def article_quote_vectors(self, article_id: str) -> Matrix:
        """Return the vectors of an article's quotes, in reading order, then of its `asked_as`; no rows when unknown."""
        ...


class RiskModel(Protocol):
    """Estimate the triage level from an embedding and the pieces of the words; a small classifier trained at index time."""

    def probabilities(self, embedding: Vector, clues: Clues = ..., /) -> Mapping[TriageLevel, float]:
        """Return calibrated probabilities per level; they sum to 1. clues: without them the embedding alone is judged.

        Raises: EmbeddingFailed when the model does not fit the embedding.
        """
        ...


class TurnReader(Protocol):
    """Estimate the triage level from the words of a message and of the turns before it; shipped, never trained here."""

    def read(self, message: RedactedMessage, earlier: Sequence[RedactedMessage] = ..., /) -> Mapping[TriageLevel, float]:
        """Return a chance for each of the six levels; they sum to 1. earlier: of the same person, oldest first.

        Raises: EmbeddingFailed when the model breaks.
        """
        ...


class ReplyWriter(Protocol):
    """Write a reply, sentence by sentence. It proposes; `stages/grounding` decides what is shown."""

    @property
    def name(self) -> WriterName:
        """Tell which writer this is."""
        ...

    def write(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        """Yield finished sentences in order.

        Raises: WriterFailed when nothing usable comes in time.
        """
        ...
