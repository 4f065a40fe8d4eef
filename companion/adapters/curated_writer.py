"""Compose a reply from reviewed openings, the library's own sentences and one open question. No model is involved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from companion.models import Article, Passage, ReplyRequest, ReplySentence, Vector, WriterName
from companion.ports import Shelf

_MAX_QUOTES = 2
_MAX_QUOTED_WORDS = 62
"""So that opening, lead-in, quotes, question and offer stay below the 120 words of a reply."""
_ALREADY_SAID_PENALTY = 0.5
_NEAR_DUPLICATE = 0.8
_FIRST_ARTICLE_BONUS = 0.08
_RIGHT_NOW_BONUS = 0.04
"""Quotes of the best article, and of its part on what helps today, come first among equals. Chosen by us."""


@dataclass(frozen=True, slots=True)
class CuratedWords:
    """Hold the words of `prompts/fixed/curated.yaml`."""

    openings: tuple[str, ...]
    questions: tuple[str, ...]
    lead_ins_one: tuple[str, ...]
    lead_ins_two: tuple[str, ...]
    human_offers: tuple[str, ...]
    not_covered: tuple[str, ...]
    not_covered_again: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    passage: Passage
    vector: Vector
    score: float


class CuratedWriter:
    """Write a reply without a model: reflect, quote, ask."""

    def __init__(self, words: CuratedWords, shelf: Shelf) -> None:
        self._words = words
        self._shelf = shelf

    @property
    def name(self) -> WriterName:
        """Tell that this is the curated writer."""
        return WriterName.CURATED

    def write(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        """Yield the sentences of a reply; never fails."""
        quotes = self._choose(request)
        if not quotes:
            yield from self._not_covered(request)
            return
        article = request.article
        yield ReplySentence(_fresh(article.openings if article and article.openings else self._words.openings, request))
        lead_ins = self._words.lead_ins_two if len(quotes) > 1 else self._words.lead_ins_one
        yield ReplySentence(_turned(lead_ins, request), starts_paragraph=True)
        for quote in quotes:
            yield ReplySentence(_as_sentence(quote.text), (quote.passage.id,), starts_paragraph=True)
        yield self._closing(request, article)

    def _closing(self, request: ReplyRequest, article: Article | None) -> ReplySentence:
        if request.offer_human:
            return ReplySentence(_turned(self._words.human_offers, request), starts_paragraph=True)
        questions = article.questions if article and article.questions else self._words.questions
        return ReplySentence(_fresh(questions, request), starts_paragraph=True)

    def _not_covered(self, request: ReplyRequest) -> Iterator[ReplySentence]:
        said = " ".join(exchange.reply for exchange in request.history)
        before = any(line in said for line in self._words.not_covered)
        yield ReplySentence(_turned(self._words.not_covered_again if before else self._words.not_covered, request))

    def _choose(self, request: ReplyRequest) -> list[_Quote]:
        said = " ".join(exchange.reply for exchange in request.history)
        candidates = sorted(self._candidates(request, said), key=lambda quote: -quote.score)
        chosen: list[_Quote] = []
        for quote in candidates:
            words = sum(len(q.text.split()) for q in chosen) + len(quote.text.split())
            repeats = any(float(quote.vector @ other.vector) > _NEAR_DUPLICATE for other in chosen)
            if not repeats and (words <= _MAX_QUOTED_WORDS or not chosen):
                chosen.append(quote)
            if len(chosen) == _MAX_QUOTES:
                break
        return chosen

    def _candidates(self, request: ReplyRequest, said: str) -> Iterator[_Quote]:
        first = request.passages[0].doc if request.passages else None
        advice = [passage for passage in request.passages if passage.is_advice]
        for passage in advice or request.passages:
            vectors = self._shelf.quote_vectors(passage.id)
            for text, vector in zip(passage.quotes, vectors, strict=True):
                score = passage.score if request.embedding is None else float(np.dot(request.embedding, vector))
                score += _FIRST_ARTICLE_BONUS * (passage.doc == first)
                score += _RIGHT_NOW_BONUS * ("now" in passage.section.casefold())
                score -= _ALREADY_SAID_PENALTY * (text.rstrip(".") in said)
                yield _Quote(text, passage, vector, score)


def _fresh(lines: Sequence[str], request: ReplyRequest) -> str:
    """Return the first line, starting at this turn's, that the chat has not seen."""
    said = " ".join(exchange.reply for exchange in request.history)
    start = request.turn_number - 1
    for step in range(len(lines)):
        line = lines[(start + step) % len(lines)]
        if line not in said:
            return line
    return lines[start % len(lines)]


def _turned(lines: Sequence[str], request: ReplyRequest) -> str:
    return lines[(request.turn_number - 1) % len(lines)]


def _as_sentence(quote: str) -> str:
    return quote if quote.endswith((".", "?", "!", '"', "”", "…")) else f"{quote}."
