"""Search the library with a message: what is said plainly and what came before become one query."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

import numpy as np

from companion.errors import CompanionError, IndexUnavailable
from companion.logs import Told
from companion.models import Passage, RedactedMessage, Vector
from companion.phrasebook import Phrasebook
from companion.ports import Embedder, Speller
from companion.stages.query import Query, build_query, in_plain_words
from companion.stages.retrieval import Ranked, RetrievalOptions, Retrieved, Stacks, retrieve, search

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class QuotedParts(Protocol):
    """Hand out what tells how near a sentence is to the library; part of `conversation.Parts`."""

    def embedder(self) -> Embedder:
        """Return the embedder. Raises: EmbeddingFailed."""
        ...

    def stacks(self) -> Stacks:
        """Return the library in use. Raises: IndexUnavailable."""
        ...


class SearchParts(Protocol):
    """Hand out what a search needs; part of `conversation.Parts`."""

    def embedder(self) -> Embedder:
        """Return the embedder. Raises: EmbeddingFailed."""
        ...

    def speller(self) -> Speller:
        """Return the speller. Raises: CompanionError when it cannot be loaded; a search goes on without it."""
        ...


@dataclass(frozen=True, slots=True)
class Searching:
    """Make queries and search with them."""

    parts: SearchParts
    phrasebook: Phrasebook
    options: RetrievalOptions

    def query(self, message: RedactedMessage, embedding: Vector | None, previous: Vector | None, stacks: Stacks) -> Query:
        """Return the query of a message. previous: `Query.embedding` of the turn before."""
        try:
            plain = in_plain_words(message, self.phrasebook, available(self.parts.speller, "the speller"), stacks.words)
        except IndexUnavailable:
            plain = message
        return build_query(message, embedding, plain, self.embed, previous)

    def retrieve(self, query: Query, stacks: Stacks, today: date) -> Retrieved:
        """Return the passages for a reply, or none when the library does not cover the message, or cannot be searched at all."""
        try:
            return retrieve(query.message, query.embedding, stacks, options=self.options, today=today)
        except IndexUnavailable:
            log.error("no index can be searched; the reply says so")
            return Retrieved()

    def ranked(self, query: Query, stacks: Stacks, today: date, k: int) -> tuple[Ranked, ...]:
        """Return at most k passages, best first, each with what it scored.

        Raises: IndexUnavailable.
        """
        return search(query.message, query.embedding, stacks, options=self.options, today=today, k=k)

    def embed(self, message: RedactedMessage) -> Vector | None:
        """Return the vector of a message, or None when the model is down."""
        return available(lambda: self.parts.embedder().embed_message(message), "embedding")


def nearness(parts: QuotedParts) -> Callable[[str, Sequence[Passage]], float | None]:
    """Return what tells how near in meaning a sentence is to the nearest quote of some passages: -1 to 1, None when no model can tell."""

    def near(sentence: str, passages: Sequence[Passage]) -> float | None:
        stacks = available(parts.stacks, "the library")
        quotes = [vectors for passage in passages if len(vectors := stacks.shelf.quote_vectors(passage.id))] if stacks else []
        embedded = available(lambda: parts.embedder().embed_passages([sentence]), "embedding") if quotes else None
        return None if embedded is None else float(max(np.max(vectors @ embedded[0]) for vectors in quotes))

    return near


def available(get: Callable[[], _T], part: str) -> _T | None:
    """Return the part, or None when it is down; the turn goes on without it."""
    try:
        return get()
    except CompanionError:
        log.error("%s is not available; the turn goes on without it", Told(part))
        return None
