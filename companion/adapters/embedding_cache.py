"""Keep the vectors of curated texts by content hash, so that a rebuild embeds only what changed. Never sees a person's message."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from companion.errors import IndexUnavailable
from companion.models import Matrix
from companion.ports import Embedder, Progress

_BATCH = 256


class EmbeddingCache:
    """Embed curated texts through a small SQLite file. Interrupted work resumes where it stopped: each batch is committed."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._path = path
        self._embedder = embedder

    def embed(self, texts: Sequence[str], progress: Progress = lambda _done, _all: None) -> Matrix:
        """Return the vectors of the texts, in their order: float32, (n_texts, dim).

        Raises: EmbeddingFailed; IndexUnavailable when the file cannot be written.
        """
        try:
            try:
                return self._embed(texts, progress)
            except sqlite3.DatabaseError:  # a damaged cache costs time, nothing else
                self._path.unlink(missing_ok=True)
                return self._embed(texts, progress)
        except (sqlite3.Error, OSError) as exc:
            raise IndexUnavailable(
                "the cache of embeddings cannot be written; check free disk space and rights of the state folder"
            ) from exc

    def _embed(self, texts: Sequence[str], progress: Progress) -> Matrix:
        keys = [hashlib.sha256(f"{self._embedder.model_id}\n{text}".encode()).digest() for text in texts]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path)) as db:
            db.execute("create table if not exists vectors (key blob primary key, vector blob not null) without rowid")
            known = self._known(db, keys)
            missing = [i for i, key in enumerate(keys) if key not in known]
            progress(len(texts) - len(missing), len(texts))
            for start in range(0, len(missing), _BATCH):
                rows = missing[start : start + _BATCH]
                vectors = self._embedder.embed_passages([texts[i] for i in rows])
                fresh = {keys[i]: vector for i, vector in zip(rows, vectors, strict=True)}
                with db:
                    db.executemany("insert or replace into vectors values (?, ?)", [(k, v.tobytes()) for k, v in fresh.items()])
                known.update(fresh)
                progress(len(texts) - len(missing) + start + len(rows), len(texts))
        if not keys:
            return np.zeros((0, self._embedder.dim), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    @staticmethod
    def _known(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Matrix]:
        known: dict[bytes, Matrix] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            for key, vector in db.execute(f"select key, vector from vectors where key in ({marks})", part):
                known[key] = np.frombuffer(vector, dtype=np.float32)
        return known
