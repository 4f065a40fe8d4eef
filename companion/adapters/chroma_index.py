"""Vector search with Chroma, embedded or on a server. We always bring our own vectors and never a stored embedding function.

A persisted embedding function is code that a client would load (CVE-2026-45829 and its siblings), hence `embedding_function=None` everywhere.
One embedded folder belongs to one process (chroma-core/chroma#421, #3792); `adapters/generations.py` sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlparse

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.config import Settings as ChromaSettings

from companion.errors import IndexUnavailable
from companion.models import Matrix, Vector
from companion.ports import Progress

_BATCH = 2000
_NEIGHBOURS = 400
"""HNSW breadth of building and search. At 400 the first 100 equal exact search up to 2,500 passages and are .999 of it at 10,000; at 100 they
were .94 of it (measured on made-up vectors; `tests/contracts/test_index_contract.py`). It costs half a millisecond a query."""


def open_embedded(folder: Path) -> ClientAPI:
    """Return a client of an embedded store. The caller makes sure that no other process has the folder open.

    Raises: IndexUnavailable.
    """
    try:
        return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    except Exception as exc:
        raise IndexUnavailable("the vector index cannot be opened; run `companion index --rebuild`") from exc


def open_server(url: str) -> ClientAPI:
    """Return a client of the Chroma server at a URL, as `COMPANION_CHROMA_URL` gives it.

    Raises: IndexUnavailable.
    """
    address = urlparse(url)
    try:
        return chromadb.HttpClient(
            host=address.hostname or "localhost",
            port=address.port or 8000,
            ssl=address.scheme == "https",
            settings=ChromaSettings(anonymized_telemetry=False),
        )
    except Exception as exc:
        raise IndexUnavailable("the Chroma server of COMPANION_CHROMA_URL does not answer") from exc


class ChromaIndex:
    """Search one generation: two collections, of passages and of whole articles."""

    def __init__(self, client: ClientAPI, generation: str) -> None:
        """Open the collections of a generation.

        Raises: IndexUnavailable when they are missing or damaged.
        """
        self._client = client
        try:
            self._passages = client.get_collection(f"{generation}-passages", embedding_function=None)
            self._documents = client.get_collection(f"{generation}-documents", embedding_function=None)
            self._sizes = (self._passages.count(), self._documents.count())
        except Exception as exc:
            raise IndexUnavailable(f"the vector index has no generation {generation}; run `companion index --rebuild`") from exc

    @classmethod
    def write(
        cls,
        client: ClientAPI,
        generation: str,
        *,
        passages: tuple[Sequence[str], Matrix],
        documents: tuple[Sequence[str], Matrix],
        progress: Progress = lambda _done, _all: None,
        read_until: float = 0.0,
    ) -> None:
        """Write a generation's vectors: (ids, vectors) of passages and of articles.

        read_until: seconds since 1970 before which no other instance drops them (`chroma_leases.py`).

        Raises: IndexUnavailable.
        """
        for kind, (ids, vectors) in (("documents", documents), ("passages", passages)):
            try:
                collection = client.create_collection(
                    f"{generation}-{kind}",
                    embedding_function=None,
                    metadata={"read_until": read_until},
                    configuration={"hnsw": {"space": "cosine", "ef_search": _NEIGHBOURS, "ef_construction": _NEIGHBOURS}},
                )
                for start in range(0, len(ids), _BATCH):
                    collection.add(ids=list(ids[start : start + _BATCH]), embeddings=vectors[start : start + _BATCH])
                    if kind == "passages":
                        progress(min(start + _BATCH, len(ids)), len(ids))
            except Exception as exc:
                raise IndexUnavailable("the vector index cannot be written; check free disk space and rights of the state folder") from exc

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity of at most k passages, best first."""
        return self._nearest(self._passages, min(k, self._sizes[0]), embedding)

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity of at most k articles, best first."""
        return self._nearest(self._documents, min(k, self._sizes[1]), embedding)

    def close(self) -> None:
        """Let go of the store's files."""
        self._client.close()

    @staticmethod
    def _nearest(collection: chromadb.Collection, k: int, embedding: Vector) -> Mapping[str, float]:
        if k == 0:
            return {}
        try:
            found = collection.query(query_embeddings=[embedding], n_results=k, include=["distances"])
        except Exception as exc:
            raise IndexUnavailable("the vector index cannot be searched; it will be rebuilt by `companion index --rebuild`") from exc
        distances = found["distances"] or [[]]
        cosines = np.clip(1.0 - np.asarray(distances[0]), -1.0, 1.0)
        return dict(zip(found["ids"][0], cosines.tolist(), strict=True))
