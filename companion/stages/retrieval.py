"""Find the passages that answer a message: vectors first, a little of the words, and the courage to find nothing.

The score of a passage is a weighted mean of cosine similarities to the query (the middle of the ways in which people ask for its article, the
article's closest sentence, the passage itself; the article's summary where no ways of asking are written down) plus a small share of BM25 scaled
to the best match of the query, plus a mild prior for evidence and freshness (`library/relevance.py`). What each part brings is measured by
`python -m evals ablation`; the table stands in evals/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

import numpy as np

from companion.errors import IndexUnavailable, NotFound
from companion.library.relevance import Relevance, SaidBefore, prior
from companion.models import Article, Matrix, Passage, RedactedMessage, Vector
from companion.ports import LexicalIndex, PassageIndex, Shelf

_POOL = 100
"""Candidates taken from each index before fusion. Chosen by us: more changes no answer on evals/datasets/retrieval.jsonl."""
_MAX_TOPICS = 3


@dataclass(frozen=True, slots=True)
class Stacks:
    """Hold one generation of the library: two ways to search it, and its texts.

    by_words_only: whether it stands in for an index that is being built, so that nothing is found by meaning yet.
    """

    vectors: PassageIndex
    words: LexicalIndex
    shelf: Shelf
    by_words_only: bool = False


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """Set how passages are found.

    score_threshold: cosine (-1 to 1) below which the library does not cover the message. lexical_weight: what the best BM25 match adds.
    passages_per_reply: how many passages a writer is given.
    """

    score_threshold: float
    lexical_weight: float
    passages_per_reply: int = 4


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Hold what the library has on a message. passages: best first, empty when not covered. best_score: cosine of the best candidate."""

    passages: tuple[Passage, ...] = ()
    topics: tuple[str, ...] = ()
    article: Article | None = None
    best_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold a passage that came up, its score among its fields, and why."""

    passage: Passage
    why: Relevance


def search(
    message: RedactedMessage, embedding: Vector | None, stacks: Stacks, *, options: RetrievalOptions, today: date, k: int
) -> tuple[Ranked, ...]:
    """Return at most k passages of citable articles, best first, with fused scores (0 to 1); of the same text in two articles only the better.

    Without an embedding, or with the vector index down, the words alone rank.

    Raises: IndexUnavailable when neither index can be searched.
    """
    return tuple(_without_repeats(_ranked(message, embedding, stacks, options, today), k))


def retrieve(message: RedactedMessage, embedding: Vector | None, stacks: Stacks, *, options: RetrievalOptions, today: date) -> Retrieved:
    """Return the passages for a reply, or none when the library does not cover the message.

    The best article brings its passages that say what to do, since a message mostly resembles the paragraph that describes it.

    Raises: IndexUnavailable when neither index can be searched.
    """
    ranked = _ranked(message, embedding, stacks, options, today)
    if not ranked or ranked[0].why.dense < options.score_threshold:
        return Retrieved(best_score=ranked[0].why.dense if ranked else 0.0)
    best = stacks.shelf.article(ranked[0].passage.doc)
    chosen = _with_advice(ranked, stacks.shelf, options)
    return Retrieved(chosen, _topics(ranked, stacks.shelf, options), best, ranked[0].why.dense)


def _ranked(message: RedactedMessage, embedding: Vector | None, stacks: Stacks, options: RetrievalOptions, today: date) -> list[Ranked]:
    lexical = _or_none(lambda: stacks.words.scores(message, _POOL))
    near = documents = None
    if embedding is not None:
        near = _or_none(lambda: stacks.vectors.nearest_passages(embedding, _POOL))
        documents = _or_none(lambda: stacks.vectors.nearest_documents(embedding, _POOL))
    if embedding is not None and near is not None and documents is not None:
        found = _by_both(embedding, near, documents, lexical or {}, stacks.shelf, today)
    elif lexical is not None:
        found = _by_words_alone(lexical, stacks.shelf, options)
    else:
        raise IndexUnavailable("neither the vector index nor the lexical index can be searched")
    scored = [
        (why.score(options.lexical_weight), passage, why) for passage, why in found if stacks.shelf.article(passage.doc).is_citable(today)
    ]
    scored.sort(key=lambda each: -each[0])
    return [Ranked(replace(passage, score=_as_score(score)), why) for score, passage, why in scored[:_POOL]]


def _by_both(
    query: Vector, near: Mapping[str, float], documents: Mapping[str, float], lexical: Mapping[str, float], shelf: Shelf, today: date
) -> Iterator[tuple[Passage, Relevance]]:
    farthest = min(near.values(), default=0.0)
    best_word_score = max(lexical.values(), default=1.0)
    of_articles: dict[str, _OfArticle] = {}
    for passage in _known(dict.fromkeys([*near, *lexical]), shelf):
        own = near.get(passage.id, farthest)
        about = of_articles.get(passage.doc)
        if about is None:
            about = of_articles[passage.doc] = _of_article(query, shelf.article(passage.doc), shelf, today)
        as_article = documents.get(passage.doc, min(own, farthest))
        share = lexical.get(passage.id, 0.0) / best_word_score
        yield passage, Relevance(as_article, own, about.closest_sentence, about.asked, share, about.prior)


@dataclass(frozen=True, slots=True)
class _OfArticle:
    closest_sentence: float
    asked: float | None
    prior: float


def _of_article(query: Vector, article: Article, shelf: Shelf, today: date) -> _OfArticle:
    vectors = shelf.article_quote_vectors(article.id)
    if not len(vectors):
        return _OfArticle(0.0, None, prior(article, today))
    cosines = vectors @ query
    return _OfArticle(float(cosines.max()), _to_middle(cosines, vectors, len(article.asked_as)), prior(article, today))


def _to_middle(cosines: Vector, vectors: Matrix, n: int) -> float | None:
    """Return the cosine similarity to the mean of the last n vectors, or None without any; the length of the mean is all that is missing."""
    if not n:
        return None
    length = float(np.sqrt(np.square(vectors[-n:].sum(axis=0)).sum()))
    return float(cosines[-n:].sum()) / length if length else None


def _by_words_alone(lexical: Mapping[str, float], shelf: Shelf, options: RetrievalOptions) -> Iterator[tuple[Passage, Relevance]]:
    # BM25 has no fixed scale: saturate it so that a couple of matching rare words pass the threshold and one common word does not.
    for passage in _known(lexical, shelf):
        score = lexical[passage.id]
        share = score / (score + _HALF_SCORE) * 2 * options.score_threshold
        yield passage, Relevance(share, share, share, None, 0.0)


def _as_score(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


_HALF_SCORE = 3.5
"""BM25 score at which words alone count as covered: about one rare word in common. Chosen by us."""


def _with_advice(ranked: list[Ranked], shelf: Shelf, options: RetrievalOptions) -> tuple[Passage, ...]:
    best = ranked[0].passage
    scores = {each.passage.id: each.passage.score for each in ranked}
    siblings = [replace(s, score=scores.get(s.id, best.score)) for s in shelf.passages(best.doc) if s.is_advice]
    limit = options.passages_per_reply
    advice = siblings[: max(1, limit - 1)]
    if best not in advice:  # an article with much advice must not crowd out the passage that fits best
        advice = [*advice[: max(0, limit - 2)], best]
    taken = {best.id, *(sibling.id for sibling in siblings)}
    others = [each for each in ranked if each.passage.id not in taken and each.why.dense >= options.score_threshold]
    return tuple([*advice, *(each.passage for each in _from_many(others, advice, limit - len(advice)))][:limit])


def _from_many(others: Sequence[Ranked], chosen: Sequence[Passage], limit: int) -> Iterator[Ranked]:
    """Yield at most `limit` passages that add something: first one of every other article, then the rest; none that says the same again."""
    articles = {passage.doc for passage in chosen}
    first = [each for each in others if each.passage.doc not in articles]
    best_of_each = {each.passage.doc: each for each in reversed(first)}
    in_order = sorted(others, key=lambda each: best_of_each.get(each.passage.doc) is not each)  # stable: the best first in both parts
    yield from _without_repeats(in_order, limit, chosen)


def _without_repeats(ranked: Iterable[Ranked], limit: int, chosen: Sequence[Passage] = ()) -> Iterator[Ranked]:
    said = SaidBefore(chosen)
    fresh = (each for each in ranked if not said.holds(each.passage))
    for each in islice(fresh, limit):
        said.remember(each.passage)
        yield each


def _topics(ranked: list[Ranked], shelf: Shelf, options: RetrievalOptions) -> tuple[str, ...]:
    weights: dict[str, float] = {}
    for each in ranked[:6]:
        if each.why.dense >= options.score_threshold:
            for place, slug in enumerate(shelf.article(each.passage.doc).topics):
                weights[slug] = weights.get(slug, 0.0) + each.passage.score / (1 + place)
    return tuple(sorted(weights, key=lambda slug: -weights[slug])[:_MAX_TOPICS])


def _known(passage_ids: Iterable[str], shelf: Shelf) -> Iterator[Passage]:
    """Yield the passages behind ids; an id that the shelf does not know (an index of another generation) is passed over."""
    for passage_id in passage_ids:
        try:
            yield shelf.passage(passage_id)
        except NotFound:
            continue


def _or_none(look: Callable[[], Mapping[str, float]]) -> Mapping[str, float] | None:
    try:
        return look()
    except IndexUnavailable:
        return None
