"""Find the passages that answer a message: vectors first, a little of the words, and the courage to find nothing.

The score of a passage is the mean of three cosine similarities to the message (its article's summary, the passage itself, the article's closest
sentence) plus a small share of BM25 scaled to the best match of the query. Measured on evals/datasets/retrieval.jsonl, dev split, nDCG@10:
BM25 alone .566, best passage alone (plain RAG) .681, mean of article and passage .689, with the closest sentence .746, with a tenth of BM25 .795;
with the ways in which people ask for each article (`asked_as`, written without sight of that set) among its sentences .868.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from companion.errors import IndexUnavailable, NotFound
from companion.models import Article, Passage, RedactedMessage, Vector
from companion.ports import LexicalIndex, PassageIndex, Shelf

_POOL = 100
"""Candidates taken from each index before fusion. Chosen by us: more changes no answer on evals/datasets/retrieval.jsonl."""
_SHORT_MESSAGE_WORDS = 8
_HISTORY_SHARE = 0.35
"""How much of the previous message's vector a short follow-up ("and at night?") takes along. Chosen by us."""
_MAX_TOPICS = 3


@dataclass(frozen=True, slots=True)
class Stacks:
    """Hold one generation of the library: two ways to search it, and its texts."""

    vectors: PassageIndex
    words: LexicalIndex
    shelf: Shelf


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
class _Scored:
    passage: Passage
    dense: float


def query_vector(message: RedactedMessage, embedding: Vector, previous: Vector | None) -> Vector:
    """Return the vector to search with: a short follow-up takes part of the previous message's meaning along."""
    if previous is None or len(message.text.split()) >= _SHORT_MESSAGE_WORDS:
        return embedding
    mixed = (1 - _HISTORY_SHARE) * embedding + _HISTORY_SHARE * previous
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


def search(
    message: RedactedMessage, embedding: Vector | None, stacks: Stacks, *, options: RetrievalOptions, today: date, k: int
) -> tuple[Passage, ...]:
    """Return at most k passages of citable articles, best first, with fused scores (0 to 1).

    Without an embedding, or with the vector index down, the words alone rank.

    Raises: IndexUnavailable when neither index can be searched.
    """
    return tuple(scored.passage for scored in _ranked(message, embedding, stacks, options, today)[:k])


def retrieve(message: RedactedMessage, embedding: Vector | None, stacks: Stacks, *, options: RetrievalOptions, today: date) -> Retrieved:
    """Return the passages for a reply, or none when the library does not cover the message.

    The best article brings its passages that say what to do, since a message mostly resembles the paragraph that describes it.

    Raises: IndexUnavailable when neither index can be searched.
    """
    ranked = _ranked(message, embedding, stacks, options, today)
    if not ranked or ranked[0].dense < options.score_threshold:
        return Retrieved(best_score=ranked[0].dense if ranked else 0.0)
    best = stacks.shelf.article(ranked[0].passage.doc)
    chosen = _with_advice(ranked, stacks.shelf, options)
    return Retrieved(chosen, _topics(ranked, stacks.shelf, options), best, ranked[0].dense)


def _ranked(message: RedactedMessage, embedding: Vector | None, stacks: Stacks, options: RetrievalOptions, today: date) -> list[_Scored]:
    lexical = _or_none(lambda: stacks.words.scores(message, _POOL))
    near = documents = None
    if embedding is not None:
        near = _or_none(lambda: stacks.vectors.nearest_passages(embedding, _POOL))
        documents = _or_none(lambda: stacks.vectors.nearest_documents(embedding, _POOL))
    if embedding is not None and near is not None and documents is not None:
        scored = _by_both(embedding, near, documents, lexical or {}, stacks.shelf, options)
    elif lexical is not None:
        scored = _by_words_alone(lexical, stacks.shelf, options)
    else:
        raise IndexUnavailable("neither the vector index nor the lexical index can be searched")
    return [s for s in scored if stacks.shelf.article(s.passage.doc).is_citable(today)]


def _by_both(
    query: Vector,
    near: Mapping[str, float],
    documents: Mapping[str, float],
    lexical: Mapping[str, float],
    shelf: Shelf,
    options: RetrievalOptions,
) -> list[_Scored]:
    farthest = min(near.values(), default=0.0)
    best_word_score = max(lexical.values(), default=1.0)
    closest: dict[str, float] = {}
    scored = []
    for passage in _known(dict.fromkeys([*near, *lexical]), shelf):
        own = near.get(passage.id, farthest)
        if passage.doc not in closest:
            closest[passage.doc] = _closest_sentence(query, passage.doc, shelf)
        dense = (own + documents.get(passage.doc, min(own, farthest)) + closest[passage.doc]) / 3
        fused = dense + options.lexical_weight * lexical.get(passage.id, 0.0) / best_word_score
        scored.append(_Scored(replace(passage, score=_as_score(fused)), dense))
    return sorted(scored, key=lambda s: -s.passage.score)


def _closest_sentence(query: Vector, doc: str, shelf: Shelf) -> float:
    """Return the highest cosine similarity (-1 to 1) of any sentence of an article that can be quoted."""
    vectors = shelf.article_quote_vectors(doc)
    return float((vectors @ query).max()) if len(vectors) else 0.0


def _by_words_alone(lexical: Mapping[str, float], shelf: Shelf, options: RetrievalOptions) -> list[_Scored]:
    # BM25 has no fixed scale: saturate it so that a couple of matching rare words pass the threshold and one common word does not.
    scored = []
    for passage in _known(lexical, shelf):
        score = lexical[passage.id]
        share = score / (score + _HALF_SCORE) * 2 * options.score_threshold
        scored.append(_Scored(replace(passage, score=_as_score(share)), share))
    return scored


def _as_score(value: float) -> float:
    return round(float(np.clip(value, 0.0, 1.0)), 4)


_HALF_SCORE = 3.5
"""BM25 score at which words alone count as covered: about one rare word in common. Chosen by us."""


def _with_advice(ranked: list[_Scored], shelf: Shelf, options: RetrievalOptions) -> tuple[Passage, ...]:
    best = ranked[0].passage
    chosen: dict[str, Passage] = {}
    for sibling in shelf.passages(best.doc):
        if sibling.is_advice:
            score = next((s.passage.score for s in ranked if s.passage.id == sibling.id), best.score)
            chosen[sibling.id] = replace(sibling, score=score)
    limit = options.passages_per_reply
    advice = list(chosen.values())[: max(1, limit - 1)]
    if best not in advice:  # an article with much advice must not crowd out the passage that fits best
        advice = [*advice[: max(0, limit - 2)], best]
    taken = {*chosen, best.id}
    others = [s.passage for s in ranked if s.passage.id not in taken and s.dense >= options.score_threshold]
    return tuple((advice + others)[:limit])


def _topics(ranked: list[_Scored], shelf: Shelf, options: RetrievalOptions) -> tuple[str, ...]:
    weights: dict[str, float] = {}
    for scored in ranked[:6]:
        if scored.dense >= options.score_threshold:
            for place, slug in enumerate(shelf.article(scored.passage.doc).topics):
                weights[slug] = weights.get(slug, 0.0) + scored.passage.score / (1 + place)
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
