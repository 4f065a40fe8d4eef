"""Keep the vectors of curated texts by content hash, so that a rebuild embeds only what changed. Never sees a person's message."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.adapters.shipped_vectors import shipped_vectors
from companion.errors import IndexUnavailable
from companion.models import Matrix
from companion.ports import Embedder, Progress

_BATCH = 256
_KEYS_PER_QUERY = 500
_BLOCK = 4096
"""Texts looked up at a time, so that memory does not grow with the library."""

Rows = NDArray[Any]
"""Where vectors are written: float32 or float16, possibly mapped from a file."""


class EmbeddingCache:
    """Embed curated texts through a small SQLite file. Interrupted work resumes where it stopped: each batch is committed."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._path = path
        self._embedder = embedder

    @property
    def folder(self) -> Path:
        """Return the folder of the file, in which trained classifiers are kept as well."""
        return self._path.parent

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self._embedder.dim

    def embed(self, texts: Sequence[str], progress: Progress = lambda _done, _all: None) -> Matrix:
        """Return the vectors of the texts, in their order: float32, (n_texts, dim).

        Raises: EmbeddingFailed; IndexUnavailable when the file cannot be written.
        """
        rows: Matrix = np.zeros((len(texts), self._embedder.dim), dtype=np.float32)
        self.embed_into(rows, texts, progress)
        return rows

    def embed_into(self, rows: Rows, texts: Sequence[str], progress: Progress = lambda _done, _all: None) -> None:
        """Write the vectors of the texts into rows, in their order, holding only a block of them in memory.

        Raises: EmbeddingFailed; IndexUnavailable when the file cannot be written.
        """
        try:
            try:
                self._embed(rows, texts, progress)
            except sqlite3.DatabaseError as exc:
                if isinstance(exc, sqlite3.OperationalError) and "locked" in str(exc):
                    raise
                self._path.unlink(missing_ok=True)  # a damaged cache costs time, nothing else
                self._embed(rows, texts, progress)
        except (sqlite3.Error, OSError) as exc:
            raise IndexUnavailable(
                "the cache of embeddings cannot be written; check free disk space and rights of the state folder"
            ) from exc

    def _embed(self, rows: Rows, texts: Sequence[str], progress: Progress) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=60)) as db:
            db.execute("create table if not exists vectors (key blob primary key, vector blob not null) without rowid")
            for start in range(0, len(texts), _BLOCK):
                end = start + _BLOCK
                self._embed_block(db, rows[start:end], texts[start:end], _shifted(progress, start, len(texts)))

    def _embed_block(self, db: sqlite3.Connection, rows: Rows, texts: Sequence[str], progress: Callable[[int], None]) -> None:
        prefix = hashlib.sha256(f"{self._embedder.model_id}\n".encode())
        keys = [_key(prefix, text) for text in texts]
        known = self._known(db, keys)
        missing: list[int] = []
        shipped = shipped_vectors()
        for row, key in enumerate(keys):
            vector = known.get(key)
            if vector is not None:
                rows[row] = np.frombuffer(vector, dtype=np.float32)
            elif (ready := shipped.get(key)) is not None:
                rows[row] = ready
            else:
                missing.append(row)
        progress(len(texts) - len(missing))
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            vectors = self._embedder.embed_passages([texts[row] for row in part])
            rows[part] = vectors
            with db:
                db.executemany(
                    "insert or replace into vectors values (?, ?)", [(keys[r], v.tobytes()) for r, v in zip(part, vectors, strict=True)]
                )
            progress(len(texts) - len(missing) + start + len(part))

    @staticmethod
    def _known(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        known: dict[bytes, bytes] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            part = keys[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(part))
            known.update(db.execute(f"select key, vector from vectors where key in ({marks})", part))
        return known


def _shifted(progress: Progress, start: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(start + done, total)


def _key(prefix: Any, text: str) -> bytes:
    digest = prefix.copy()
    digest.update(text.encode())
    return bytes(digest.digest())
