"""Load the slow parts once, when first needed, and swap in a new generation of the library while turns go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
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
_PATIENCE_S = 8.0
"""How long a turn waits for a library that is still being built before it says that the library cannot be reached."""


class IndexBeingBuilt(IndexUnavailable):
    """Report that the library will be there in a moment."""


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


@dataclass(frozen=True, slots=True)
class SpokenParts:
    """Hold what the parts say to people, read from `knowledge/` and `prompts/`: replaced as a whole when those change."""

    curated_words: CuratedWords
    peer_groups: tuple[PeerGroup, ...]
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]


@dataclass(slots=True)
class LiveParts:
    """Hand out the parts of a running Companion; fulfils `conversation.Parts`.

    ingredients: reads the knowledge folder afresh.
    """

    generations: Generations
    ingredients: Callable[[], Ingredients]
    spoken: SpokenParts
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
    _building: Future[None] | None = None

    def redactor(self) -> Redactor:
        """Return the redactor."""
        return self.once_redactor.get()

    def embedder(self) -> Embedder:
        """Return the embedder."""
        return self.once_embedder.get()

    def risk_model(self) -> RiskModel:
        """Return triage's classifier; never waits for a build, since triage works by rules alone.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        return self.library(wait_s=0).generation.risk

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
                self._group_shelf = self._embedded_groups(self.spoken)
            return self._group_shelf

    def renew(self, spoken: SpokenParts) -> None:
        """Say other words from the next turn on.

        Raises: EmbeddingFailed when the groups changed and cannot be embedded; the old words stay then.
        """
        with self._lock:
            groups = self._embedded_groups(spoken) if self._group_shelf is not None else None
            self.spoken, self._group_shelf = spoken, groups
            if self._library is not None:
                library = self._library
                self._library = replace(library, curated_writer=CuratedWriter(spoken.curated_words, library.generation.shelf))

    def _embedded_groups(self, spoken: SpokenParts) -> GroupShelf:
        known = self._group_shelf
        if known is not None and (known.groups, known.topic_labels) == (spoken.peer_groups, spoken.topic_labels):
            vectors = known.vectors
        else:
            vectors = self.embedder().embed_passages([group_text(group, spoken.topic_labels) for group in spoken.peer_groups])
        return GroupShelf(spoken.peer_groups, vectors, spoken.topic_labels, spoken.reasons)

    def library(self, wait_s: float = _PATIENCE_S) -> Library:
        """Return the opened generation, the newest one at most a second after it became current.

        wait_s: how long to wait, in seconds, when there is none yet and one is being built or opened.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        library = self._library
        if library is not None and time.monotonic() - self._checked_at < _LOOK_FOR_NEW_INDEX_S:
            return library
        if not self._lock.acquire(timeout=wait_s):
            if library is not None:
                return library
            raise IndexBeingBuilt("the index is being opened; try again in a moment")
        try:
            self._checked_at = time.monotonic()
            name = self.generations.current()
            if self._library is None or (name is not None and name != self._library.generation.name):
                self._open(name, wait_s)
            if self._library is None:
                raise IndexUnavailable("the index is not open")
            return self._library
        finally:
            self._lock.release()

    def ensure_index(self, *, rebuild: bool = False) -> tuple[str, bool]:
        """Build the index of the knowledge folder as it is now, unless it stands; return its name and whether it was built.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        return self.generations.build(self.ingredients(), self.embedder(), progress=self.progress, rebuild=rebuild)

    def look_for_new_index(self) -> None:
        """Use the newest generation from the next turn on, without the pause of `library`.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        self._checked_at = 0.0
        self.library()

    def close(self) -> None:
        """Let go of files and locks."""
        with self._lock:
            for library in (self._retired, self._library):
                if library is not None:
                    library.generation.close()
            self._retired = self._library = None

    def _open(self, name: str | None, wait_s: float) -> None:
        if self._failed is not None and self._library is None and time.monotonic() - self._failed[0] < _RETRY_AFTER_S:
            raise self._failed[1]
        try:
            generation = self._opened(name, wait_s)
        except IndexBeingBuilt:
            if self._library is None:
                raise
            return  # the old one keeps serving until the new one is whole
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
            CuratedWriter(self.spoken.curated_words, generation.shelf),
        )
        self._failed = None

    def _opened(self, name: str | None, wait_s: float) -> Generation:
        embedder = self.embedder()
        if name is None:
            self._build_behind(wait_s, rebuild=False)
        try:
            return self.generations.open_current(embedder.model_id)
        except (IndexUnavailable, EmbeddingFailed):
            log.error("the index is damaged or of another model; it is rebuilt")
            self._build_behind(wait_s, rebuild=True)
            return self.generations.open_current(embedder.model_id)

    def _build_behind(self, wait_s: float, *, rebuild: bool) -> None:
        """Build in a thread of its own and wait for it for a while, so that no turn hangs on a long build.

        Raises: IndexBeingBuilt when it is not finished in time; what the build raised.
        """
        if self._building is None or self._building.done():
            self._building = Future()
            threading.Thread(target=self._build, args=(self._building, rebuild), name="companion-index", daemon=True).start()
        try:
            self._building.result(timeout=wait_s)
        except TimeoutError as exc:
            raise IndexBeingBuilt("the index is being built; try again in a moment") from exc

    def _build(self, building: Future[None], rebuild: bool) -> None:
        try:
            self.ensure_index(rebuild=rebuild)
        except BaseException as exc:  # noqa: BLE001 - handed to whoever waits
            building.set_exception(exc)
        else:
            building.set_result(None)
