"""The texts of one part of a generation on disk: an article is read when it is asked for, so that memory does not grow with the library.

    articles.jsonl    one line per article: itself and its passages
    places.npz        where each line begins, and the first row of each article's quotes
    quotes.f16        vectors of sentences that may be quoted
    passages.f32      vectors of passages
    documents.f32     vectors of whole articles
    passage_ids.json  names of the rows of passages.f32

Files stay mapped while they are read; dropping them from the folder meanwhile takes nothing away from the reader.
"""

from __future__ import annotations

import json
import os
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.exact_index import ExactIndex
from companion.adapters.shelf import all_quotes
from companion.errors import IndexUnavailable, NotFound
from companion.library.chunks import document_text, search_text
from companion.models import Article, Matrix, Passage
from companion.ports import Progress

_REMEMBERED = 12_000
"""Articles kept ready; one has about 30 kB. Chosen by us: a query looks into up to two hundred, and reading one takes 0.1 ms."""
_READY_VECTORS = 256
"""Articles whose vectors are kept ready as float32; one has about 50 kB. Chosen by us: reading one costs 30 µs, and a query looks at sixty."""
_BLOCK = 2000
"""Texts embedded at a time while a part is written."""

Entry = tuple[Article, tuple[Passage, ...]]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Line:
    article: Article
    passages: tuple[Passage, ...]


_LINE = TypeAdapter(_Line)


class StoredShelf:
    """Hand out articles, passages and quote vectors by id, from files; fulfils `Shelf`. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Open the shelf that `write_texts` wrote.

        Raises: IndexUnavailable when files are missing or damaged.
        """
        try:
            with np.load(folder / "places.npz", allow_pickle=False) as places:
                self._ids = tuple(str(each) for each in places["ids"])
                self._starts: Places = places["starts"]
                self._quote_rows: Places = places["quote_rows"]
                dim = int(places["dim"])
            self._rows = {article_id: row for row, article_id in enumerate(self._ids)}
            self._quotes = mapped(folder / "quotes.f16", np.float16, dim)
            self._file = os.open(folder / "articles.jsonl", os.O_RDONLY)
        except (OSError, ValueError, KeyError, EOFError) as exc:
            raise IndexUnavailable("the index's texts cannot be read; run `companion index --rebuild`") from exc
        weakref.finalize(self, os.close, self._file)  # a turn that still reads keeps it open
        self._remembered: OrderedDict[str, _Line] = OrderedDict()
        self._ready: OrderedDict[int, Matrix] = OrderedDict()
        self._lock = Lock()

    @property
    def article_ids(self) -> tuple[str, ...]:
        """Return the ids of all articles, in the order in which they were written."""
        return self._ids

    @property
    def articles(self) -> tuple[Article, ...]:
        """Return all articles on the shelf; reads every one of them."""
        return tuple(self.article(article_id) for article_id in self._ids)

    def article(self, article_id: str) -> Article:
        """Return one article."""
        return self._line(article_id).article

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return all passages of an article in reading order."""
        return self._line(article_id).passages

    def passage(self, passage_id: str) -> Passage:
        """Return one passage."""
        _, passage = self._place(passage_id)
        return passage

    def quote_vectors(self, passage_id: str) -> Matrix:
        """Return the vectors of a passage's quotes, in their order."""
        try:
            line, passage = self._place(passage_id)
        except NotFound:
            return self._vectors(0, 0)
        before = sum(len(each.quotes) for each in line.passages[: line.passages.index(passage)])
        first = int(self._quote_rows[self._rows[passage.doc]]) + before
        return self._vectors(first, first + len(passage.quotes))

    def article_quote_vectors(self, article_id: str) -> Matrix:
        """Return the vectors of an article's quotes in reading order, then of the ways in which people ask for it."""
        row = self._rows.get(article_id)
        if row is None:
            return self._vectors(0, 0)
        vectors = self._ready.get(row)
        if vectors is None:
            vectors = self._vectors(int(self._quote_rows[row]), int(self._quote_rows[row + 1]))
            vectors.flags.writeable = False  # shared by all turns
            with self._lock:
                self._ready[row] = vectors
                if len(self._ready) > _READY_VECTORS:
                    self._ready.popitem(last=False)
        return vectors

    def _vectors(self, first: int, end: int) -> Matrix:
        return np.asarray(self._quotes[first:end], dtype=np.float32)

    def _place(self, passage_id: str) -> tuple[_Line, Passage]:
        article_id, _, number = passage_id.rpartition("#")
        if article_id in self._rows and number.isdecimal():
            line = self._line(article_id)
            if 0 < int(number) <= len(line.passages):
                return line, line.passages[int(number) - 1]
        raise NotFound(f"the library has no passage {passage_id!r}")

    def _line(self, article_id: str) -> _Line:
        line = self._remembered.get(article_id)
        if line is None:
            line = self._read(article_id)
            with self._lock:
                self._remembered[article_id] = line
                if len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return line

    def _read(self, article_id: str) -> _Line:
        row = self._rows.get(article_id)
        if row is None:
            raise NotFound(f"the library has no article {article_id!r}")
        start, end = int(self._starts[row]), int(self._starts[row + 1])
        try:
            return _LINE.validate_json(os.pread(self._file, end - start, start))
        except (OSError, ValueError) as exc:
            raise IndexUnavailable(f"the index's text of {article_id} cannot be read; run `companion index --rebuild`") from exc


def write_texts(folder: Path, entries: Sequence[Entry], cache: EmbeddingCache, progress: Progress) -> None:
    """Write articles, passages and all their vectors into a folder, a block at a time.

    progress: called with (done, all) texts.

    Raises: EmbeddingFailed, IndexUnavailable, OSError.
    """
    starts, quote_rows = [0], [0]
    with (folder / "articles.jsonl").open("wb") as out:
        for article, passages in entries:
            starts.append(starts[-1] + out.write(_LINE.dump_json(_Line(article, passages)) + b"\n"))
            quote_rows.append(quote_rows[-1] + sum(len(passage.quotes) for passage in passages) + len(article.asked_as))
    passage_ids = [passage.id for _, passages in entries for passage in passages]
    (folder / "passage_ids.json").write_text(json.dumps(passage_ids), "utf-8")
    ids = np.asarray([article.id for article, _ in entries], dtype=np.str_)
    places = {"ids": ids, "starts": np.asarray(starts), "quote_rows": np.asarray(quote_rows), "dim": np.asarray(cache.dim)}
    np.savez(folder / "places.npz", **places)  # type: ignore[arg-type]

    counted = _Counted(progress, len(passage_ids) + len(entries) + quote_rows[-1])
    _write_vectors(folder / "passages.f32", (search_text(each) for _, passages in entries for each in passages), cache, counted)
    _write_vectors(folder / "documents.f32", (document_text(article) for article, _ in entries), cache, counted)
    _write_vectors(folder / "quotes.f16", (quote for entry in entries for quote in all_quotes([entry])), cache, counted)


@dataclass(slots=True)
class _Counted:
    """Count texts over several lists of them."""

    progress: Progress
    total: int
    done: int = 0

    def within(self, done: int, _all: int) -> None:
        self.progress(self.done + done, self.total)


def _write_vectors(path: Path, texts: Iterator[str], cache: EmbeddingCache, counted: _Counted) -> None:
    dtype = np.float16 if path.suffix == ".f16" else np.float32
    with path.open("wb") as out:
        while block := list(islice(texts, _BLOCK)):
            out.write(cache.embed(block, counted.within).astype(dtype).tobytes())
            counted.done += len(block)


def exact_index(folder: Path, shelf: StoredShelf) -> ExactIndex:
    """Return exact search over the vectors that `write_texts` wrote.

    Raises: IndexUnavailable.
    """
    try:
        passage_ids = json.loads((folder / "passage_ids.json").read_text("utf-8"))
        passages = mapped(folder / "passages.f32", np.float32, _dim(folder))
        documents = mapped(folder / "documents.f32", np.float32, _dim(folder))
    except (OSError, ValueError) as exc:
        raise IndexUnavailable("the index's vectors cannot be read; run `companion index --rebuild`") from exc
    if (len(passage_ids), len(shelf.article_ids)) != (len(passages), len(documents)):
        raise IndexUnavailable("the index's vectors do not fit its texts; run `companion index --rebuild`")
    return ExactIndex((passage_ids, passages), (shelf.article_ids, documents))


def mapped(path: Path, dtype: type[np.floating], dim: int) -> Matrix:
    """Return an array of rows of `dim` numbers, mapped from a file. Raises: OSError, ValueError."""
    if path.stat().st_size == 0:
        return np.zeros((0, dim), dtype=np.float32)
    rows: Matrix = np.memmap(path, dtype=dtype, mode="r").view(np.ndarray).reshape(-1, dim)  # slices of a plain array cost less
    return rows


def _dim(folder: Path) -> int:
    with np.load(folder / "places.npz", allow_pickle=False) as places:
        return int(places["dim"])
