"""Open generations: a whole one from its files, and a small change laid over one that is open already."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from companion.adapters.bm25_index import BM25Index
from companion.adapters.generation_files import Manifest, verify, working_folder
from companion.adapters.layered import LayeredShelf, LayeredVectors, LayeredWords
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.steady_index import SteadyIndex
from companion.adapters.stored_shelf import StoredShelf, exact_index
from companion.errors import IndexUnavailable
from companion.library.chunks import search_text
from companion.models import Article, Passage
from companion.ports import LexicalIndex, PassageIndex, Shelf

if TYPE_CHECKING:  # takes a second and 50 MB to import, and is needed for a server and for large libraries alone
    from companion.adapters.chroma_index import ChromaIndex
    from companion.adapters.chroma_leases import LeasedIndex


class ListedShelf(Shelf, Protocol):
    """Hand out texts, and list all articles."""

    @property
    def articles(self) -> tuple[Article, ...]:
        """Return all articles."""
        ...


@dataclass(frozen=True)
class WholeLibrary:
    """Hold a whole generation, opened. Shared by all changes that are laid over it; let go of when nobody reads it any more."""

    manifest: Manifest
    shelf: StoredShelf
    vectors: SteadyIndex
    words: BM25Index


@dataclass(frozen=True)
class Generation:
    """Hold one opened generation: everything that is looked up during a turn.

    risk: None while only words can be searched. is_whole: whether nothing of it is damaged. Whoever holds a part may go on reading it,
    however many generations come after; files and copies are let go of with the last reader.
    """

    name: str
    shelf: ListedShelf
    vectors: PassageIndex
    words: LexicalIndex
    risk: RiskClassifier | None
    is_whole: Callable[[], bool] = lambda: True


def open_whole(index: Path, manifest: Manifest, chroma_url: str | None, exact_up_to: int = 0) -> WholeLibrary:
    """Open a whole generation. A damaged Chroma store is passed over; exact search stands in for it.

    exact_up_to: passages up to which exact search is the better one, being faster, and Chroma is left alone unless it is a server.

    Raises: IndexUnavailable when its texts or words are missing or damaged.
    """
    folder = index / manifest.name
    verify(folder, manifest, is_chroma=False)
    shelf = StoredShelf(folder)
    exact = exact_index(folder, shelf)

    def open_first() -> PassageIndex:
        if chroma_url:
            return _from_server(manifest, chroma_url)
        return exact if len(exact.passages[0]) <= exact_up_to else _from_copy(index, manifest)

    return WholeLibrary(manifest, shelf, SteadyIndex(open_first, exact), BM25Index.load(folder / "bm25"))


def lay_over(base: WholeLibrary, index: Path, manifest: Manifest, risk: RiskClassifier) -> Generation:
    """Open a change over its base. Raises: IndexUnavailable when its files are missing or damaged."""
    folder = index / manifest.name
    verify(folder, manifest, is_chroma=False)
    shelf = StoredShelf(folder)
    entries = [(shelf.article(each), shelf.passages(each)) for each in shelf.article_ids]
    ids = [passage.id for _, passages in entries for passage in passages]
    hidden = frozenset(manifest.hidden)
    return Generation(
        manifest.name,
        LayeredShelf(base.shelf, shelf, hidden),
        LayeredVectors(base.vectors, exact_index(folder, shelf), hidden),
        LayeredWords(base.words, (ids, lexical_texts(entries)), hidden),
        risk,
        lambda: base.vectors.is_whole,
    )


def lexical_texts(entries: Sequence[tuple[Article, tuple[Passage, ...]]]) -> list[str]:
    """Return what BM25 sees of each passage; the first one of an article also stands for the ways in which people ask for it."""
    return [
        " ".join([search_text(passage), *(article.asked_as if place == 0 else ())])
        for article, passages in entries
        for place, passage in enumerate(passages)
    ]


def _from_server(manifest: Manifest, url: str) -> LeasedIndex:
    from companion.adapters.chroma_index import open_server
    from companion.adapters.chroma_leases import LeasedIndex

    with ExitStack() as undo:
        client = open_server(url)
        undo.callback(client.close)
        index = LeasedIndex(client, manifest.collections or manifest.name)
        weakref.finalize(index, undo.pop_all().close)
        return index


def _from_copy(index: Path, manifest: Manifest) -> ChromaIndex:
    """Open a copy of the store: Chroma writes to what it opens (measured), and the files of a generation never change."""
    from companion.adapters.chroma_index import ChromaIndex, open_embedded

    store = index / manifest.name / "chroma"
    verify(store.parent, manifest, is_chroma=True)
    with ExitStack() as undo:
        try:
            copy = shutil.copytree(store, undo.enter_context(working_folder(index)) / "chroma")
        except OSError as exc:
            raise IndexUnavailable("the vector index cannot be copied; check free disk space of the state folder") from exc
        client = open_embedded(Path(copy))
        undo.callback(client.close)
        chroma = ChromaIndex(client, manifest.collections or manifest.name)
        weakref.finalize(chroma, undo.pop_all().close)
        return chroma
