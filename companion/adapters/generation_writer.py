"""Write the files of one generation."""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from companion.adapters.bm25_index import BM25Index
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.generation_files import Manifest, checksums_of, write_manifest
from companion.adapters.opened_library import lexical_texts
from companion.adapters.risk_store import RiskStore
from companion.adapters.stored_shelf import StoredShelf, exact_index, write_texts
from companion.library.chunks import cut
from companion.models import Article, TriageLevel
from companion.ports import Embedder, Progress


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Hold what a generation is made of. exemplars: (text, level) to train triage's classifier on."""

    articles: tuple[Article, ...]
    exemplars: Sequence[tuple[str, TriageLevel]]


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what was asked of `Generations.build`."""

    ingredients: Ingredients
    embedder: Embedder
    progress: Progress
    rebuild: bool
    is_quick: bool


@dataclass(frozen=True, slots=True)
class GenerationWriter:
    """Write generations below an index folder; what a killed build has embedded is in the cache, and the next one goes on from there."""

    index: Path
    risks: RiskStore
    cache: EmbeddingCache
    chroma_url: str | None
    exact_up_to: int = 0

    def write(self, order: Order, manifest: Manifest, only: Set[str] | None) -> None:
        """Write the files of a generation. only: ids of the articles of a change; None writes a whole one."""
        folder = self.index / manifest.name
        folder.mkdir(mode=0o700)
        entries = [(article, cut(article)) for article in order.ingredients.articles if only is None or article.id in only]
        steps = _Steps(order.progress, 0 if only is not None else sum(len(passages) for _, passages in entries))
        write_texts(folder, entries, self.cache, steps.embedded)
        collections = None
        if only is None:
            passages = [passage.id for _, some in entries for passage in some]
            BM25Index.build(passages, lexical_texts(entries)).save(folder / "bm25")
            collections = self._write_vectors(folder, steps.stored)
        if self.risks.find(manifest.risk, order.embedder.model_id) is None:
            self.risks.train(order.ingredients.exemplars, order.embedder, self.cache)
        write_manifest(folder, replace(manifest, checksums=checksums_of(folder), collections=collections))

    def _write_vectors(self, folder: Path, progress: Progress) -> str | None:
        """Write the store of a whole generation; return the name of its collections, unlike any other on a shared server.

        A library that is searched exactly has none.
        """
        name = f"{folder.name}-{uuid4().hex[:6]}" if self.chroma_url else folder.name
        exact = exact_index(folder, StoredShelf(folder))
        if not self.chroma_url and len(exact.passages[0]) <= self.exact_up_to:
            return None
        from companion.adapters.chroma_index import ChromaIndex, open_embedded, open_server  # takes a second and 50 MB
        from companion.adapters.chroma_leases import read_until

        with closing(open_server(self.chroma_url) if self.chroma_url else open_embedded(folder / "chroma")) as client:
            ChromaIndex.write(client, name, passages=exact.passages, documents=exact.documents, progress=progress, read_until=read_until())
        return name


@dataclass(slots=True)
class _Steps:
    """Count texts embedded and then passages stored as one run, so that a bar of progress never goes back."""

    progress: Progress
    n_passages: int
    n_texts: int = 0

    def embedded(self, done: int, n_texts: int) -> None:
        self.n_texts = n_texts
        self.progress(done, n_texts + self.n_passages)

    def stored(self, done: int, _all: int) -> None:
        self.progress(self.n_texts + done, self.n_texts + self.n_passages)
