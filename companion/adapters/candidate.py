"""A library in memory, to see what an edit would change before anybody publishes it. Touches neither the knowledge folder nor the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.adapters.bm25_index import BM25Index
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.exact_index import ExactIndex
from companion.adapters.generations import Ingredients
from companion.adapters.opened_library import lexical_texts
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.risk_store import RiskStore
from companion.adapters.risk_training import train
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.library.chunks import cut, document_text, search_text
from companion.models import Article
from companion.ports import Embedder


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Candidate:
    """Hold everything that a turn looks up: `Stacks(vectors, words, shelf)`, the shelf of a curated writer, and triage's classifier."""

    shelf: LibraryShelf
    vectors: ExactIndex
    words: BM25Index
    risk: RiskClassifier


def build_candidate(ingredients: Ingredients, embedder: Embedder, cache: EmbeddingCache) -> Candidate:
    """Return the library that these articles and exemplars would make; only texts that are new are embedded.

    A classifier of exactly these exemplars is taken from the index's own folder when it is there. Else one is trained with the calibration
    of the newest kept one, which takes about a second; a published library finds its own.

    Raises: EmbeddingFailed, IndexUnavailable.
    """
    return Candidate(*shelved(ingredients.articles, cache), _risk(ingredients, embedder, cache))


def shelved(articles: Sequence[Article], cache: EmbeddingCache) -> tuple[LibraryShelf, ExactIndex, BM25Index]:
    """Return the texts, vectors and words of a library in memory.

    Raises: EmbeddingFailed, IndexUnavailable.
    """
    entries = [(article, cut(article)) for article in articles]
    passages = [passage for _, some in entries for passage in some]
    ids = [passage.id for passage in passages]
    documents = [document_text(article) for article, _ in entries]
    return (
        LibraryShelf(entries, cache.embed(all_quotes(entries))),
        ExactIndex(
            (ids, cache.embed([search_text(passage) for passage in passages])),
            ([article.id for article, _ in entries], cache.embed(documents)),
        ),
        BM25Index.build(ids, lexical_texts(entries)),
    )


def _risk(ingredients: Ingredients, embedder: Embedder, cache: EmbeddingCache) -> RiskClassifier:
    store = RiskStore(cache.folder / "risk")
    found = store.find(store.key(ingredients.exemplars, embedder.model_id), embedder.model_id)
    if found is not None:
        return found
    newest = store.newest(embedder.model_id)
    vectors = cache.embed([text for text, _ in ingredients.exemplars])
    return train(ingredients.exemplars, embedder, vectors, calibration=newest.calibration if newest else None)
