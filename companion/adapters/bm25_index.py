"""Lexical search with BM25 (bm25s, Lucene variant; Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

from companion.adapters.exact_index import best_rows
from companion.errors import IndexUnavailable
from companion.models import RedactedMessage

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]")
_STOPWORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could did do does doing don for from get got had "
    "has have having he her here him his how i if in into is it its ive im just like me more most my no not now of off on only or other our "
    "out own said same she should so some such than that the their them then there these they this those to too up us very was we were what "
    "when where which who why will with would you your yours isnt cant dont wont".split()
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Hold what BM25 knows of a library as a whole. mean_length: words of a passage."""

    n_passages: int
    mean_length: float


class BM25Index:
    """Score passages by shared word stems."""

    def __init__(self, scorer: bm25s.BM25 | None, passage_ids: Sequence[str], mean_length: float = 0.0) -> None:
        self._scorer = scorer
        self._passage_ids = tuple(passage_ids)
        self._mean_length = mean_length

    @property
    def statistics(self) -> Statistics:
        """Return how many passages there are and how long they are."""
        return Statistics(len(self._passage_ids), self._mean_length)

    def passages_with(self, word: str) -> int:
        """Return how many passages hold a word in any of its forms."""
        return max((self.passages_with_stem(stem) for stem in words_of_text(word)), default=0)

    def passages_with_stem(self, word: str) -> int:
        """Return how many passages hold a word, given as `words_of_text` gives it."""
        if self._scorer is None:
            return 0
        column = self._scorer.vocab_dict.get(word)
        if column is None:
            return 0
        bounds = self._scorer.scores["indptr"]
        return int(bounds[column + 1] - bounds[column])

    @classmethod
    def build(cls, passage_ids: Sequence[str], texts: Sequence[str]) -> BM25Index:
        """Return an index of the texts; `passage_ids` names them in the same order."""
        vocabulary: dict[str, int] = {}
        passages = [[vocabulary.setdefault(word, len(vocabulary)) for word in words_of_text(text)] for text in texts]
        if not vocabulary:
            return cls(None, ())
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it speaks at DEBUG by itself
        scorer = bm25s.BM25()
        scorer.index((passages, vocabulary), show_progress=False)
        return cls(scorer, passage_ids, sum(map(len, passages)) / len(passages))

    def save(self, folder: Path) -> None:
        """Write the index to a folder, as JSON and plain arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "passage_ids.json").write_text(json.dumps([self._mean_length, *self._passage_ids]), "utf-8")
        if self._scorer is not None:
            self._scorer.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> BM25Index:
        """Read an index that `save` wrote.

        Raises: IndexUnavailable when files are missing or damaged.
        """
        try:
            mean_length, *ids = json.loads((folder / "passage_ids.json").read_text("utf-8"))
            scorer = bm25s.BM25.load(str(folder), show_progress=False, mmap=True) if ids else None
        except Exception as exc:
            raise IndexUnavailable("the lexical index cannot be read; run `companion index --rebuild`") from exc
        return cls(scorer, ids, float(mean_length))

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        """Return passage id → BM25 score of at most k passages, best first."""
        tokens = words_of_message(query)
        if self._scorer is None or not tokens:
            return {}
        try:
            scores = self._scorer.get_scores(tokens)
        except Exception as exc:
            raise IndexUnavailable("the lexical index cannot be searched; run `companion index --rebuild`") from exc
        matching = np.flatnonzero(scores > 0)
        return {self._passage_ids[matching[row]]: float(scores[matching[row]]) for row in best_rows(scores[matching], k)}


def words_of_message(message: RedactedMessage) -> list[str]:
    """Return the word stems of a message; a placeholder is no word of it."""
    return words_of_text(_PLACEHOLDER.sub(" ", message.text))


def words_of_text(text: str) -> list[str]:
    """Return the word stems of a text that say something, in order."""
    stem = Stemmer.Stemmer("english")  # not thread-safe, and cheap to make
    words = (match[0].replace("’", "'").replace("'", "") for match in _TOKEN.finditer(text.casefold()))
    stems: list[str] = stem.stemWords([word for word in words if word not in _STOPWORDS and len(word) > 1])
    return stems
