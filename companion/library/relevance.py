"""How well a passage fits a query, part by part, and what speaks for its article whatever is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from companion.models import Article, EvidenceGrade, Passage

_MOST_PRIOR = 0.01
"""What the best evidence, and what a review today, may add to a cosine: enough to decide between equals, too little to beat a better answer.
Chosen by us; see the table in evals/README.md."""
_EVIDENCE = {
    EvidenceGrade.GUIDELINE: 1.0,
    EvidenceGrade.REVIEW: 1.0,
    EvidenceGrade.STUDY: 0.5,
    EvidenceGrade.PRACTICE: 0.25,
    EvidenceGrade.EXPERIENCE: 0.0,
}
_STALE_AFTER_DAYS = 730
_OF_PASSAGE, _OF_SENTENCE, _OF_ASKED = 0.5, 1.0, 2.0
"""Weights of the similarities. Chosen by us from a coarse grid on the dev split, whose choice held in five-fold cross-validation within dev: mean of
recall@3, MRR and nDCG@10 .770 against .745 for equal weights and 0.1 of BM25, with 117 articles."""
_SHINGLE_WORDS = 4
_SAME_SHARE = 0.6
"""Share of four-word runs in common from which two passages count as the same text. Chosen by us: a sentence changed in four stays the same."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Relevance:
    """Hold why a passage came up.

    as_article, as_passage, as_sentence, as_asked: cosine similarity (-1 to 1) of the query to the article's summary, to the passage, to the
    article's closest sentence, and to the middle of the ways in which people ask for it (None when none are written down).
    word_share: BM25 as a share (0 to 1) of the best match. prior: what evidence and freshness add (0 to 0.02).
    """

    as_article: float
    as_passage: float
    as_sentence: float
    as_asked: float | None
    word_share: float
    prior: float = 0.0

    @property
    def dense(self) -> float:
        """Return the weighted mean of the similarities, -1 to 1: what the threshold for "not covered" is compared with.

        Where ways of asking are written down, they take the place of the summary.
        """
        if self.as_asked is None:
            return (self.as_article + self.as_passage + self.as_sentence) / 3
        weights = _OF_PASSAGE + _OF_SENTENCE + _OF_ASKED
        return (_OF_PASSAGE * self.as_passage + _OF_SENTENCE * self.as_sentence + _OF_ASKED * self.as_asked) / weights

    def score(self, lexical_weight: float) -> float:
        """Return what passages are ranked by. lexical_weight: what the best match by words adds."""
        return self.dense + lexical_weight * self.word_share + self.prior


def prior(article: Article, today: date) -> float:
    """Return what the evidence grade and the age of the last review add to the score of an article, 0 to 0.02."""
    return evidence_prior(article) + freshness_prior(article, today)


def evidence_prior(article: Article) -> float:
    """Return what the evidence grade adds to the score of an article, 0 to 0.01."""
    return _MOST_PRIOR * _EVIDENCE[article.evidence]


def freshness_prior(article: Article, today: date) -> float:
    """Return what a recent review adds to the score of an article, 0 to 0.01."""
    age = max(0, (today - article.reviewed_on).days) / _STALE_AFTER_DAYS
    return _MOST_PRIOR * max(0.0, 1.0 - age)


class SaidBefore:
    """Remember passages, and tell whether another one says nearly the same in the same words.

    Runs of words are looked up, not compared passage by passage: among 80 passages that took three quarters of a search.
    """

    def __init__(self, passages: Iterable[Passage] = ()) -> None:
        """passages: what was said already."""
        self._kept: list[tuple[str, int]] = []
        self._holders: dict[int, list[int]] = {}
        for passage in passages:
            self.remember(passage)

    def remember(self, passage: Passage) -> None:
        """Count a passage among those that were said."""
        shingles = _shingles(passage.text)
        for shingle in shingles:
            self._holders.setdefault(shingle, []).append(len(self._kept))
        self._kept.append((passage.doc, len(shingles)))

    def holds(self, passage: Passage) -> bool:
        """Tell whether the same was said before in another article."""
        shingles = _shingles(passage.text)
        in_common = Counter(place for shingle in shingles for place in self._holders.get(shingle, ()))
        return any(
            self._kept[place][0] != passage.doc and times >= _SAME_SHARE * min(len(shingles), self._kept[place][1])
            for place, times in in_common.items()
        )


@lru_cache(maxsize=1024)
def _shingles(text: str) -> frozenset[int]:
    """Return hashes of all runs of four words; about 8 kB for a passage, so at most 8 MB are remembered."""
    words = _WORD.findall(text.casefold())
    return frozenset(hash(tuple(words[place : place + _SHINGLE_WORDS])) for place in range(max(1, len(words) - _SHINGLE_WORDS + 1)))
