"""Lexical search with BM25 (bm25s, Lucene variant; Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

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


class BM25Index:
    """Score passages by shared word stems."""

    def __init__(self, scorer: bm25s.BM25 | None, passage_ids: Sequence[str]) -> None:
        self._scorer = scorer
        self._passage_ids = tuple(passage_ids)

    @classmethod
    def build(cls, passage_ids: Sequence[str], texts: Sequence[str]) -> BM25Index:
        """Return an index of the texts; `passage_ids` names them in the same order."""
        tokens = [_tokenise(text) for text in texts]
        if not any(tokens):
            return cls(None, ())
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it speaks at DEBUG by itself
        scorer = bm25s.BM25()
        scorer.index(tokens, show_progress=False)
        return cls(scorer, passage_ids)

    def save(self, folder: Path) -> None:
        """Write the index to a folder, as JSON and plain arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "passage_ids.json").write_text(json.dumps(self._passage_ids), "utf-8")
        if self._scorer is not None:
            self._scorer.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> BM25Index:
        """Read an index that `save` wrote.

        Raises: IndexUnavailable when files are missing or damaged.
        """
        try:
            ids = json.loads((folder / "passage_ids.json").read_text("utf-8"))
            scorer = bm25s.BM25.load(str(folder), show_progress=False, mmap=True) if ids else None
        except Exception as exc:
            raise IndexUnavailable("the lexical index cannot be read; run `companion index --rebuild`") from exc
        return cls(scorer, ids)

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        """Return passage id → BM25 score of at most k passages, best first."""
        tokens = _tokenise(_PLACEHOLDER.sub(" ", query.text))
        if self._scorer is None or not tokens:
            return {}
        try:
            scores = self._scorer.get_scores(tokens)
        except Exception as exc:
            raise IndexUnavailable("the lexical index cannot be searched; run `companion index --rebuild`") from exc
        best = np.argsort(-scores, kind="stable")[:k]
        return {self._passage_ids[i]: float(scores[i]) for i in best if scores[i] > 0}


def _tokenise(text: str) -> list[str]:
    stem = Stemmer.Stemmer("english")  # not thread-safe, and cheap to make
    words = (match[0].replace("’", "'").replace("'", "") for match in _TOKEN.finditer(text.casefold()))
    stems: list[str] = stem.stemWords([word for word in words if word not in _STOPWORDS and len(word) > 1])
    return stems
