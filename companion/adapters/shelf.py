"""The texts of one generation of the library: articles, their passages, and the vectors of sentences that may be quoted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from companion.errors import IndexUnavailable, NotFound
from companion.models import Article, Matrix, Passage

_ARTICLE = TypeAdapter(Article)
_PASSAGES = TypeAdapter(tuple[Passage, ...])


@dataclass(frozen=True, slots=True)
class _Entry:
    article: Article
    passages: tuple[Passage, ...]


class LibraryShelf:
    """Hand out articles, passages and quote vectors by id."""

    def __init__(self, entries: Iterable[tuple[Article, tuple[Passage, ...]]], quote_vectors: Matrix) -> None:
        """Put articles with their passages on the shelf.

        quote_vectors: float32 or float16, one row per text of `all_quotes`.
        """
        self._entries = {article.id: _Entry(article, passages) for article, passages in entries}
        self._quote_vectors = quote_vectors
        self._passages = {passage.id: passage for entry in self._entries.values() for passage in entry.passages}
        self._rows: dict[str, tuple[int, int]] = {}  # of a passage's or an article's quotes; their ids never collide
        row = 0
        for article_id, entry in self._entries.items():
            first = row
            for passage in entry.passages:
                self._rows[passage.id] = (row, row + len(passage.quotes))
                row += len(passage.quotes)
            row += len(entry.article.asked_as)
            self._rows[article_id] = (first, row)

    @property
    def articles(self) -> tuple[Article, ...]:
        """Return all articles on the shelf."""
        return tuple(entry.article for entry in self._entries.values())

    def article(self, article_id: str) -> Article:
        """Return one article."""
        return self._entry(article_id).article

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return all passages of an article in reading order."""
        return self._entry(article_id).passages

    def passage(self, passage_id: str) -> Passage:
        """Return one passage."""
        try:
            return self._passages[passage_id]
        except KeyError as exc:
            raise NotFound(f"the library has no passage {passage_id!r}") from exc

    def quote_vectors(self, passage_id: str) -> Matrix:
        """Return the vectors of a passage's quotes, in their order."""
        return self._vectors(passage_id)

    def article_quote_vectors(self, article_id: str) -> Matrix:
        """Return the vectors of an article's quotes in reading order, then of the ways in which people ask for it."""
        return self._vectors(article_id)

    def _vectors(self, owner: str) -> Matrix:
        first, end = self._rows.get(owner, (0, 0))
        return np.asarray(self._quote_vectors[first:end], dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the shelf as JSON lines and one array."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "articles.jsonl").open("w", encoding="utf-8") as out:
            for entry in self._entries.values():
                row = {
                    "article": _ARTICLE.dump_python(entry.article, mode="json"),
                    "passages": _PASSAGES.dump_python(entry.passages, mode="json"),
                }
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        np.save(folder / "quotes.npy", self._quote_vectors.astype(np.float16), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> LibraryShelf:
        """Read a shelf that `save` wrote.

        Raises: IndexUnavailable when files are missing or damaged.
        """
        try:
            rows = [json.loads(line) for line in (folder / "articles.jsonl").read_text("utf-8").splitlines()]
            entries = [(_ARTICLE.validate_python(row["article"]), _PASSAGES.validate_python(row["passages"])) for row in rows]
            vectors = np.load(folder / "quotes.npy", mmap_mode="r", allow_pickle=False)
        except Exception as exc:
            raise IndexUnavailable("the index's texts cannot be read; run `companion index --rebuild`") from exc
        return cls(entries, vectors)

    def _entry(self, article_id: str) -> _Entry:
        try:
            return self._entries[article_id]
        except KeyError as exc:
            raise NotFound(f"the library has no article {article_id!r}") from exc


def all_quotes(entries: Sequence[tuple[Article, tuple[Passage, ...]]]) -> list[str]:
    """Return the texts whose vectors a `LibraryShelf` needs, in order: of each article its passages' quotes, then its `asked_as`."""
    return [
        text for article, passages in entries for text in (*(quote for passage in passages for quote in passage.quotes), *article.asked_as)
    ]
