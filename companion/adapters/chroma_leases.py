"""Who reads which collections of a shared Chroma server: readers note until when, and a build drops only what nobody reads any more.

The note is the collection's own metadata, `read_until`, in seconds since 1970. A reader that sleeps past its note loses the collections, and
compares vectors one by one until its index is rebuilt; no answer is lost by it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Set

from chromadb.api import ClientAPI

from companion.adapters.chroma_index import ChromaIndex
from companion.errors import IndexUnavailable
from companion.models import Vector

LEASE_S = 3600.0
"""How long a note holds. Chosen by us: far longer than `RENEW_EVERY_S`, so that clocks of instances may differ by minutes."""
RENEW_EVERY_S = 300.0
KINDS = ("passages", "documents")


class LeasedIndex:
    """Search collections of a shared server, noting that they are read; fulfils `PassageIndex`."""

    def __init__(self, client: ClientAPI, generation: str) -> None:
        """Raises: IndexUnavailable when the server does not answer or has no such generation."""
        self._client = client
        self._generation = generation
        self._index = ChromaIndex(client, generation)
        self._noted_at = 0.0
        self._note()

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity of at most k passages, best first."""
        self._note()
        return self._index.nearest_passages(embedding, k)

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity of at most k articles, best first."""
        self._note()
        return self._index.nearest_documents(embedding, k)

    def _note(self) -> None:
        if time.time() - self._noted_at > RENEW_EVERY_S:
            self._noted_at = time.time()
            lease(self._client, self._generation)


def read_until() -> float:
    """Return until when a note that is made now holds, in seconds since 1970."""
    return time.time() + LEASE_S


def lease(client: ClientAPI, generation: str) -> None:
    """Note that a generation's collections are read for the next hour. Raises: IndexUnavailable."""
    try:
        for kind in KINDS:
            collection = client.get_collection(f"{generation}-{kind}", embedding_function=None)
            collection.modify(metadata={"read_until": read_until()})
    except Exception as exc:
        raise IndexUnavailable(f"the Chroma server has no generation {generation}; run `companion index --rebuild`") from exc


def drop_unread_collections(client: ClientAPI, keep: Set[str]) -> None:
    """Drop collections of generations but the kept ones, unless somebody noted to read them. Raises: IndexUnavailable."""
    try:
        for collection in client.list_collections():
            generation, _, kind = collection.name.rpartition("-")
            is_ours = generation.startswith("gen-") and kind in KINDS
            read_until = float((collection.metadata or {}).get("read_until", 0.0))
            if is_ours and generation not in keep and read_until < time.time():
                client.delete_collection(collection.name)
    except Exception as exc:
        raise IndexUnavailable("the Chroma server does not answer; its unread generations stay until the next build") from exc
