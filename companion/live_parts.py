"""Load the slow parts once, when first needed, and swap in a new generation of the library while turns go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from companion.adapters.curated_writer import CuratedWords, CuratedWriter
from companion.adapters.generations import Generation, Generations, Ingredients
from companion.errors import CompanionError, EmbeddingFailed, IndexUnavailable
from companion.models import PeerGroup
from companion.ports import Embedder, Progress, Redactor, ReplyWriter, RiskModel
from companion.stages.matching import GroupShelf, group_text
from companion.stages.retrieval import Stacks

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_RETRY_AFTER_S = 20.0
"""A part that failed to load is tried again only after this long, so that every turn does not wait for the same failure."""
_LOOK_FOR_NEW_INDEX_S = 1.0


class Once(Generic[_T]):
    """Build a part on first use and remember it; a failure is remembered for a short while."""

    def __init__(self, build: Callable[[], _T]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._part: _T | None = None
        self._failure: CompanionError | None = None
        self._failed_at = 0.0

    def get(self) -> _T:
        """Return the part.

        Raises: the CompanionError that its making raised.
        """
        part = self._part
        if part is not None:
            return part
        with self._lock:
            if self._part is None:
                if self._failure is not None and time.monotonic() - self._failed_at < _RETRY_AFTER_S:
                    raise self._failure
                try:
                    self._part = self._build()
                except CompanionError as exc:
                    self._failure, self._failed_at = exc, time.monotonic()
                    raise
            return self._part


@dataclass(frozen=True, slots=True)
class Library:
    """Hold one opened generation with the parts that depend on it."""

    generation: Generation
    stacks: Stacks
    curated_writer: CuratedWriter


@dataclass(slots=True)
class LiveParts:
    """Hand out the parts of a running Companion; fulfils `conversation.Parts`.

    ingredients: reads the knowledge folder afresh. may_build: whether a missing or outdated index is built on first use.
    """

    generations: Generations
    ingredients: Callable[[], Ingredients]
    curated_words: CuratedWords
    peer_groups: tuple[PeerGroup, ...]
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]
    once_redactor: Once[Redactor]
    once_embedder: Once[Embedder]
    once_model_writer: Once[ReplyWriter] | None
    progress: Progress = lambda _done, _all: None
    _library: Library | None = None
    _retired: Library | None = None
    _checked_at: float = 0.0
    _failed: tuple[float, CompanionError] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _group_shelf: GroupShelf | None = None

    def redactor(self) -> Redactor:
        """Return the redactor."""
        return self.once_redactor.get()

    def embedder(self) -> Embedder:
        """Return the embedder."""
        return self.once_embedder.get()

    def risk_model(self) -> RiskModel:
        """Return triage's classifier."""
        return self.library().generation.risk

    def stacks(self) -> Stacks:
        """Return the library in use."""
        return self.library().stacks

    def curated_writer(self) -> ReplyWriter:
        """Return the curated writer over the library in use."""
        return self.library().curated_writer

    def model_writer(self) -> ReplyWriter | None:
        """Return the model writer, or None when no endpoint is configured."""
        return self.once_model_writer.get() if self.once_model_writer else None

    def groups(self) -> GroupShelf:
        """Return the peer groups with their vectors."""
        with self._lock:
            if self._group_shelf is None:
                texts = [group_text(group, self.topic_labels) for group in self.peer_groups]
                vectors = self.embedder().embed_passages(texts)
                self._group_shelf = GroupShelf(self.peer_groups, vectors, self.topic_labels, self.reasons)
            return self._group_shelf

    def library(self) -> Library:
        """Return the opened generation, the newest one at most a second after it became current.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        library = self._library
        if library is not None and time.monotonic() - self._checked_at < _LOOK_FOR_NEW_INDEX_S:
            return library
        with self._lock:
            self._checked_at = time.monotonic()
            name = self.generations.current()
            if self._library is None or (name is not None and name != self._library.generation.name):
                self._open(name)
            if self._library is None:
                raise IndexUnavailable("the index is not open")
            return self._library

    def ensure_index(self, *, rebuild: bool = False) -> tuple[str, bool]:
        """Build the index of the knowledge folder as it is now, unless it stands; return its name and whether it was built.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        return self.generations.build(self.ingredients(), self.embedder(), progress=self.progress, rebuild=rebuild)

    def close(self) -> None:
        """Let go of files and locks."""
        with self._lock:
            for library in (self._retired, self._library):
                if library is not None:
                    library.generation.close()
            self._retired = self._library = None

    def _open(self, name: str | None) -> None:
        if self._failed is not None and self._library is None and time.monotonic() - self._failed[0] < _RETRY_AFTER_S:
            raise self._failed[1]
        try:
            generation = self._opened(name)
        except CompanionError as exc:
            self._failed = (time.monotonic(), exc)
            if self._library is None:
                raise
            log.error("the new index cannot be opened; the old one keeps serving")
            return
        # The old generation stays open until the next swap: a turn in another thread may still read it.
        if self._retired is not None:
            self._retired.generation.close()
        self._retired = self._library
        self._library = Library(
            generation,
            Stacks(generation.vectors, generation.words, generation.shelf),
            CuratedWriter(self.curated_words, generation.shelf),
        )
        self._failed = None

    def _opened(self, name: str | None) -> Generation:
        embedder = self.embedder()
        if name is None:
            self.ensure_index()
        try:
            return self.generations.open_current(embedder.model_id)
        except (IndexUnavailable, EmbeddingFailed):
            log.error("the index is damaged or of another model; it is rebuilt")
            self.ensure_index(rebuild=True)
            return self.generations.open_current(embedder.model_id)
