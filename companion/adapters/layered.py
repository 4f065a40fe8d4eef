"""A small change laid over a large library that stays as it is: its articles replace those of the same id, and hidden ones are gone.

Vectors of the change are compared exactly. Its words are scored with BM25 over the large library's own statistics (how many passages hold a word,
how long they are), so that scores of both are on one scale; the statistics are refreshed when the change is folded into a new library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from math import log

from companion.adapters.bm25_index import BM25Index, words_of_message, words_of_text
from companion.adapters.stored_shelf import StoredShelf
from companion.errors import NotFound
from companion.models import Article, Matrix, Passage, RedactedMessage, Vector
from companion.ports import PassageIndex

_K1 = 1.5
_B = 0.75
"""As in bm25s, whose scores these are merged with."""


class LayeredShelf:
    """Hand out texts of the change first, then those of the library beneath that are not hidden; fulfils `Shelf`."""

    def __init__(self, base: StoredShelf, change: StoredShelf, hidden: Set[str]) -> None:
        """hidden: ids of articles of the base that were changed or removed."""
        self._base = base
        self._change = change
        self._hidden = hidden
        self._changed = frozenset(change.article_ids)

    @property
    def articles(self) -> tuple[Article, ...]:
        """Return all articles; reads every one of them."""
        kept = (self._base.article(each) for each in self._base.article_ids if each not in self._hidden)
        return tuple(sorted((*kept, *self._change.articles), key=lambda article: article.path))

    def article(self, article_id: str) -> Article:
        """Return one article."""
        return self._layer(article_id).article(article_id)

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return all passages of an article in reading order."""
        return self._layer(article_id).passages(article_id)

    def passage(self, passage_id: str) -> Passage:
        """Return one passage."""
        return self._layer(article_of(passage_id)).passage(passage_id)

    def quote_vectors(self, passage_id: str) -> Matrix:
        """Return the vectors of a passage's quotes, in their order."""
        return self._any_layer(article_of(passage_id)).quote_vectors(passage_id)

    def article_quote_vectors(self, article_id: str) -> Matrix:
        """Return the vectors of an article's quotes in reading order, then of the ways in which people ask for it."""
        return self._any_layer(article_id).article_quote_vectors(article_id)

    def _layer(self, article_id: str) -> StoredShelf:
        if article_id in self._hidden and article_id not in self._changed:
            raise NotFound(f"the library has no article {article_id!r}")
        return self._any_layer(article_id)

    def _any_layer(self, article_id: str) -> StoredShelf:
        return self._change if article_id in self._changed or article_id in self._hidden else self._base


class LayeredVectors:
    """Search both layers by vector; fulfils `PassageIndex`."""

    def __init__(self, base: PassageIndex, change: PassageIndex, hidden: Set[str]) -> None:
        self._base = base
        self._change = change
        self._hidden = hidden

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity of at most k passages, best first."""
        found = _unhidden(lambda n: self._base.nearest_passages(embedding, n), k, lambda i: article_of(i) in self._hidden)
        return _best(found, self._change.nearest_passages(embedding, k), k)

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity of at most k articles, best first."""
        found = _unhidden(lambda n: self._base.nearest_documents(embedding, n), k, lambda i: i in self._hidden)
        return _best(found, self._change.nearest_documents(embedding, k), k)


class LayeredWords:
    """Search both layers by words; fulfils `LexicalIndex`."""

    def __init__(self, base: BM25Index, change: tuple[Sequence[str], Sequence[str]], hidden: Set[str]) -> None:
        """change: (ids, texts) of the passages of the change."""
        self._base = base
        self._hidden = hidden
        self._scores = _scores_of(base, *change)

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        """Return passage id → BM25 score of at most k passages, best first."""
        found = _unhidden(lambda n: self._base.scores(query, n), k, lambda i: article_of(i) in self._hidden)
        changed: Counter[str] = Counter()
        for word in words_of_message(query):
            for passage_id, score in self._scores.get(word, ()):
                changed[passage_id] += score  # type: ignore[assignment]
        return _best(found, changed, k)

    def passages_with(self, word: str) -> int:
        """Return how many passages hold a word; one that was changed lately may count twice, which spelling does not mind."""
        return self._base.passages_with(word) + max((len(self._scores.get(stem, ())) for stem in words_of_text(word)), default=0)


def article_of(passage_id: str) -> str:
    """Return the id of the article that a passage belongs to."""
    return passage_id.rpartition("#")[0]


def _unhidden(search: Callable[[int], Mapping[str, float]], k: int, is_hidden: Callable[[str], bool]) -> dict[str, float]:
    """Return the best k that are not hidden; looks deeper until there are enough or no more."""
    wanted = k
    while True:
        found = search(wanted)
        kept = {key: score for key, score in found.items() if not is_hidden(key)}
        if len(kept) >= k or len(found) < wanted:
            return kept
        wanted *= 2


def _best(one: Mapping[str, float], other: Mapping[str, float], k: int) -> Mapping[str, float]:
    if not other:
        return one if len(one) <= k else dict(list(one.items())[:k])
    return dict(sorted({**one, **other}.items(), key=lambda found: -found[1])[:k])


def _scores_of(base: BM25Index, passage_ids: Sequence[str], texts: Sequence[str]) -> Mapping[str, Sequence[tuple[str, float]]]:
    """Return word → (passage id, BM25 score) (Lucene variant, as in bm25s; Kamphuis et al. 2020, https://doi.org/10.1007/978-3-030-45442-5_4)."""
    counted = [(passage_id, Counter(words_of_text(text))) for passage_id, text in zip(passage_ids, texts, strict=True)]
    own = Counter(word for _, words in counted for word in words)
    statistics = base.statistics
    n_passages = max(statistics.n_passages, len(counted), 1)
    mean_length = statistics.mean_length or sum(words.total() for _, words in counted) / n_passages or 1.0
    scores: dict[str, list[tuple[str, float]]] = {}
    for passage_id, words in counted:
        length = words.total()
        for word, times in words.items():
            holding = max(base.passages_with_stem(word), min(own[word], n_passages))
            rarity = log(1 + (n_passages - holding + 0.5) / (holding + 0.5))
            weight = times / (_K1 * (1 - _B + _B * length / mean_length) + times)
            scores.setdefault(word, []).append((passage_id, rarity * weight))
    return scores
