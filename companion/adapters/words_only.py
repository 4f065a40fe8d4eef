"""The stand-in for an index that is being built: the articles of the knowledge folder, searched by words alone."""

from __future__ import annotations

import numpy as np

from companion.adapters.bm25_index import BM25Index
from companion.adapters.exact_index import NoVectors
from companion.adapters.generations import Ingredients
from companion.adapters.opened_library import Generation, lexical_texts
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.library.chunks import cut

NAME = "words-only"


def words_only(ingredients: Ingredients, dim: int, risk: RiskClassifier | None) -> Generation:
    """Return a library that needs no vectors and no file. dim: length of a vector; quotes have zeros, so that none is preferred."""
    entries = [(article, cut(article)) for article in ingredients.articles]
    ids = [passage.id for _, passages in entries for passage in passages]
    nothing = np.broadcast_to(np.zeros((1, dim), np.float32), (len(all_quotes(entries)), dim))
    return Generation(NAME, LibraryShelf(entries, nothing), NoVectors(), BM25Index.build(ids, lexical_texts(entries)), risk)
