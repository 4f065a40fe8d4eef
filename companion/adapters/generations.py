"""Generations of the index: each build is a new folder, swapped in by one atomic pointer; the old one is dropped when nobody reads it.

    state_dir/index/
      CURRENT                 name of the generation in use
      build.lock              one build at a time
      embeddings.sqlite       vectors of curated texts by content hash
      gen-<fingerprint>/      manifest.json articles.jsonl quotes.npy risk.npz bm25/ chroma/ owner.lock

A generation never changes after it was written, so a second process reads a private copy of its Chroma folder while the first one owns it.
A rebuild never touches the folder in use either: it is written beside it, as gen-<fingerprint>-2.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from chromadb.api import ClientAPI
from filelock import FileLock, Timeout

from companion.adapters.bm25_index import BM25Index
from companion.adapters.chroma_index import ChromaIndex, open_embedded, open_server
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.risk_store import RiskStore
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.errors import IndexUnavailable
from companion.library.chunks import CHUNKER_VERSION, cut, document_text, search_text
from companion.models import Article, Passage, TriageLevel
from companion.ports import Embedder, Progress

_BUILD_PATIENCE_S = 600

Say = Callable[[str], None]


@dataclass(slots=True)
class Generation:
    """Hold one opened generation: everything that is looked up during a turn."""

    name: str
    shelf: LibraryShelf
    vectors: ChromaIndex
    words: BM25Index
    risk: RiskClassifier
    _undo: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Let go of files, locks and private copies."""
        self._undo.close()


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Hold what a generation is made of. exemplars: (text, level) to train triage's classifier on."""

    articles: tuple[Article, ...]
    exemplars: Sequence[tuple[str, TriageLevel]]


class Generations:
    """Build, find and open generations of the index in one folder."""

    def __init__(self, folder: Path, chroma_url: str | None = None) -> None:
        self._folder = folder
        self._chroma_url = chroma_url

    def current(self) -> str | None:
        """Return the name of the generation in use, or None before the first build."""
        try:
            name = (self._folder / "CURRENT").read_text("utf-8", errors="replace").strip()
        except OSError:
            return None
        return name if (self._folder / name / "manifest.json").exists() else None

    def build(
        self, ingredients: Ingredients, embedder: Embedder, *, progress: Progress = lambda _d, _a: None, rebuild: bool = False
    ) -> tuple[str, bool]:
        """Make the generation of these ingredients the current one; return its name and whether anything was built.

        rebuild: build it anew even when it stands already.

        Raises: EmbeddingFailed, IndexUnavailable.
        """
        wanted = f"gen-{_fingerprint(ingredients, embedder.model_id)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._folder / "build.lock", timeout=_BUILD_PATIENCE_S):
                current = self.current()
                if current is not None and current.startswith(wanted) and not rebuild:
                    return current, False
                name = self._unused(wanted)
                self._write(name, ingredients, embedder, progress)
                self._point_to(name)
                self._drop_unread(keep=name)
        except OSError as exc:
            raise IndexUnavailable("the index cannot be written; check free disk space and rights of the state folder") from exc
        return name, True

    def open_current(self, model_id: str) -> Generation:
        """Open the generation in use.

        Raises: IndexUnavailable when there is none or it is damaged; EmbeddingFailed when it was made with another model.
        """
        while (name := self.current()) is not None:
            try:
                return self._open(name, model_id)
            except IndexUnavailable:
                if self.current() == name:  # else a build has just dropped it, and the newer one is opened
                    raise
        raise IndexUnavailable("there is no index yet; run `companion index`")

    def _open(self, name: str, model_id: str) -> Generation:
        folder = self._folder / name
        with ExitStack() as undo:
            shelf = LibraryShelf.load(folder)
            words = BM25Index.load(folder / "bm25")
            risk = RiskClassifier.load(folder / "risk.npz", model_id)
            client = self._client(folder, undo)
            undo.callback(client.close)
            vectors = ChromaIndex(client, name)
            return Generation(name, shelf, vectors, words, risk, undo.pop_all())

    def _write(self, name: str, ingredients: Ingredients, embedder: Embedder, progress: Progress) -> None:
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        cache = EmbeddingCache(self._folder / "embeddings.sqlite", embedder)
        entries = [(article, cut(article)) for article in ingredients.articles]
        passages = [passage for _, cut_passages in entries for passage in cut_passages]
        ids = [passage.id for passage in passages]
        texts = [search_text(passage) for passage in passages]
        vectors = cache.embed(texts, progress)
        documents = cache.embed([document_text(article) for article, _ in entries])
        LibraryShelf(entries, cache.embed(all_quotes(entries))).save(folder)
        BM25Index.build(ids, lexical_texts(entries)).save(folder / "bm25")
        RiskStore(self._folder / "risk").train(ingredients.exemplars, embedder, cache).save(folder / "risk.npz")
        article_ids = [article.id for article, _ in entries]
        with closing(self._writing_client(folder)) as client:
            ChromaIndex.write(client, name, passages=(ids, vectors), documents=(article_ids, documents), progress=progress)
        manifest = {"name": name, "model_id": embedder.model_id, "articles": len(entries), "passages": len(passages)}
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    def _writing_client(self, folder: Path) -> ClientAPI:
        return open_server(self._chroma_url) if self._chroma_url else open_embedded(folder / "chroma")

    def _client(self, folder: Path, undo: ExitStack) -> ClientAPI:
        if self._chroma_url:
            return open_server(self._chroma_url)
        lock = FileLock(folder / "owner.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return open_embedded(_private_copy(folder / "chroma", undo))
        except OSError as exc:
            raise IndexUnavailable("the index was dropped while it was opened") from exc
        undo.callback(lock.release)
        return open_embedded(folder / "chroma")

    def _unused(self, wanted: str) -> str:
        names = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
        return next(name for name in names if not (self._folder / name).exists())

    def _point_to(self, name: str) -> None:
        draft = self._folder / f"CURRENT.{os.getpid()}"
        draft.write_text(name, "utf-8")
        os.replace(draft, self._folder / "CURRENT")

    def _drop(self, name: str) -> None:
        shutil.rmtree(self._folder / name, ignore_errors=True)
        if self._chroma_url:
            client = open_server(self._chroma_url)
            for kind in ("passages", "documents"):
                if any(c.name == f"{name}-{kind}" for c in client.list_collections()):
                    client.delete_collection(f"{name}-{kind}")

    def _drop_unread(self, keep: str) -> None:
        for folder in self._folder.glob("gen-*"):
            if folder.name == keep:
                continue
            lock = FileLock(folder / "owner.lock")
            try:
                lock.acquire(timeout=0)
            except (Timeout, OSError):
                continue  # a running instance still reads it; the next build drops it
            lock.release()
            self._drop(folder.name)


def _private_copy(store: Path, undo: ExitStack) -> Path:
    copy = Path(tempfile.mkdtemp(prefix="companion-index-"))
    undo.callback(shutil.rmtree, copy, ignore_errors=True)
    try:
        return Path(shutil.copytree(store, copy / "chroma"))
    except OSError as exc:
        raise IndexUnavailable("the index was dropped while it was copied") from exc


def lexical_texts(entries: Sequence[tuple[Article, tuple[Passage, ...]]]) -> list[str]:
    """Return what BM25 sees of each passage; the first one of an article also stands for the ways in which people ask for it."""
    return [
        " ".join([search_text(passage), *(article.asked_as if place == 0 else ())])
        for article, passages in entries
        for place, passage in enumerate(passages)
    ]


def _fingerprint(ingredients: Ingredients, model_id: str) -> str:
    digest = hashlib.sha256(f"{CHUNKER_VERSION}\n{model_id}\n".encode())
    for article in sorted(ingredients.articles, key=lambda a: a.id):
        digest.update(repr(article).encode())
    for text, level in ingredients.exemplars:
        digest.update(f"{level}\t{text}\n".encode())
    return digest.hexdigest()[:16]
