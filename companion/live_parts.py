"""Load the slow parts once, when first needed, and swap in a new generation of the library while turns go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from companion.adapters.curated_writer import CuratedWords, CuratedWriter
from companion.adapters.generations import Generations, Ingredients
from companion.adapters.opened_library import Generation
from companion.adapters.words_only import NAME as WORDS_ONLY
from companion.errors import CompanionError, IndexUnavailable
from companion.live_library import PATIENCE_S, RETRY_AFTER_S, LiveLibrary
from companion.models_groups import PeerGroup
from companion.ports import Embedder, Progress, Redactor, ReplyWriter, RiskModel, Speller, TurnReader
from companion.stages.matching import GroupShelf, shelve_groups
from companion.stages.retrieval import Stacks

log = logging.getLogger(__name__)

_T = TypeVar("_T")


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
                if self._failure is not None and time.monotonic() - self._failed_at < RETRY_AFTER_S:
                    raise self._failure
                try:
                    self._part = self._build()
                except CompanionError as exc:
                    self._failure, self._failed_at = exc, time.monotonic()
                    raise
            return self._part


@dataclass(frozen=True, slots=True)
class SpokenParts:
    """Hold what the parts say to people, read from `knowledge/` and `prompts/`: replaced as a whole when those change."""

    curated_words: CuratedWords
    peer_groups: tuple[PeerGroup, ...]
    topic_labels: Mapping[str, str]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Library:
    """Hold one opened generation with the parts that depend on it."""

    generation: Generation
    stacks: Stacks
    curated_writer: CuratedWriter
    spoken: SpokenParts


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
    once_speller: Once[Speller]
    once_turn_reader: Once[TurnReader]
    once_model_writer: Once[ReplyWriter] | None
    progress: Progress = lambda _done, _all: None
    _library: Library | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _group_shelf: GroupShelf | None = None
    _live: LiveLibrary = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make what opens and builds the library."""
        self._live = LiveLibrary(self.generations, self.ingredients, self.embedder, self.progress)

    def redactor(self) -> Redactor:
        """Return the redactor."""
        return self.once_redactor.get()

    def embedder(self) -> Embedder:
        """Return the embedder."""
        return self.once_embedder.get()

    def speller(self) -> Speller:
        """Return the speller."""
        return self.once_speller.get()

    def turn_reader(self) -> TurnReader:
        """Return triage's reader of whole turns. Raises: EmbeddingFailed."""
        return self.once_turn_reader.get()

    def risk_model(self) -> RiskModel:
        """Return triage's classifier; never waits for a build, since triage works by rules alone.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        return _risk_of(self.library(wait_s=0))

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

    def _embedded_groups(self, spoken: SpokenParts) -> GroupShelf:
        known = self._group_shelf
        if known is not None and (known.groups, known.topic_labels) == (spoken.peer_groups, spoken.topic_labels):
            return replace(known, reasons=spoken.reasons)
        embedder = self.embedder()
        return shelve_groups(
            spoken.peer_groups, spoken.topic_labels, spoken.reasons, lambda texts: self.generations.embedded(texts, embedder)
        )

    def library(self, wait_s: float = PATIENCE_S) -> Library:
        """Return the library in use: the newest generation at most a second after it became current.

        wait_s: how long to wait, in seconds, when there is none yet and one is being built or opened.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        generation, spoken, known = self._live.get(wait_s), self.spoken, self._library
        if known is None or known.generation is not generation or known.spoken is not spoken:
            stacks = Stacks(generation.vectors, generation.words, generation.shelf, by_words_only=generation.name == WORDS_ONLY)
            known = self._library = Library(generation, stacks, CuratedWriter(spoken.curated_words, generation.shelf), spoken)
        return known

    def for_a_turn(self) -> TurnParts:
        """Return the parts with one library for all calls of a turn, however many generations come meanwhile."""
        return TurnParts(self)

    def ensure_index(self, *, rebuild: bool = False) -> tuple[str, bool]:
        """Build the index of the knowledge folder as it is now, unless it stands; return its name and whether it was built.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        return self._live.ensure(rebuild=rebuild)

    def refresh_index(self) -> bool:
        """Bring the knowledge folder as it is now into use at once; tell whether anything was built. What takes long follows behind.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        return self._live.refresh()

    def look_for_new_index(self) -> None:
        """Use the newest generation from the next turn on, without the pause of `library`.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        self._live.look()

    def close(self) -> None:
        """Let go of files and locks, as soon as no turn reads them."""
        self._library = None
        self._live.close()


class TurnParts:
    """Hand out the parts for one turn; fulfils `conversation.Parts`. What was found and what quotes it never stem from two generations."""

    def __init__(self, parts: LiveParts) -> None:
        self._parts = parts
        self._library: Library | None = None
        self.redactor = parts.redactor
        self.embedder = parts.embedder
        self.speller = parts.speller
        self.turn_reader = parts.turn_reader
        self.groups = parts.groups
        self.model_writer = parts.model_writer

    def risk_model(self) -> RiskModel:
        """Return triage's classifier; never waits for a build. Raises: IndexUnavailable, EmbeddingFailed."""
        return _risk_of(self._in_use(0))

    def stacks(self) -> Stacks:
        """Return the library of this turn. Raises: IndexUnavailable, EmbeddingFailed."""
        return self._in_use().stacks

    def curated_writer(self) -> ReplyWriter:
        """Return the curated writer over the library of this turn. Raises: IndexUnavailable, EmbeddingFailed."""
        return self._in_use().curated_writer

    def _in_use(self, wait_s: float = PATIENCE_S) -> Library:
        if self._library is None:
            self._library = self._parts.library(wait_s)
        return self._library


def _risk_of(library: Library) -> RiskModel:
    if library.generation.risk is None:
        raise IndexUnavailable("triage's classifier is not there yet; the index is being built")
    return library.generation.risk
