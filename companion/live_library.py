"""The library that turns read: opened once, replaced as a whole when a newer generation is there, built and mended behind the turns.

While there is no index that can be read, a stand-in answers: the articles of the knowledge folder, searched by words alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from companion.adapters.generations import Generations, Ingredients
from companion.adapters.opened_library import Generation
from companion.adapters.risk_classifier import RiskClassifier
from companion.adapters.words_only import words_only
from companion.errors import CompanionError, EmbeddingFailed, IndexUnavailable
from companion.ports import Embedder, Progress

log = logging.getLogger(__name__)
RETRY_AFTER_S = 20.0
"""A part that failed to load is tried again only after this long, so that every turn does not wait for the same failure."""
PATIENCE_S = 8.0
"""How long a turn waits for a library before it says that the library cannot be reached."""
_LOOK_EVERY_S = 1.0
_GRACE_S = 1.0
"""How long the first turn waits for a quick build once the stand-in could answer."""


class IndexBeingBuilt(IndexUnavailable):
    """Report that the library will be there in a moment."""


class LiveLibrary:
    """Hand out the newest generation, and see to it that there is one. Thread-safe."""

    def __init__(
        self,
        generations: Generations,
        ingredients: Callable[[], Ingredients],
        embedder: Callable[[], Embedder],
        progress: Progress,
    ) -> None:
        """ingredients: reads the knowledge folder afresh. embedder: returns the embedding model; may raise EmbeddingFailed."""
        self._generations = generations
        self._ingredients = ingredients
        self._embedder = embedder
        self._progress = progress
        self._opened: Generation | None = None
        self._stand_in: Generation | None = None
        self._looked_at = 0.0
        self._failed: tuple[float, CompanionError] | None = None
        self._lock = threading.RLock()
        self._building: Future[None] | None = None
        self._readable = threading.Event()
        self._mended: set[str] = set()
        self._finishing = threading.Lock()

    def get(self, wait_s: float = PATIENCE_S) -> Generation:
        """Return the library in use: the newest generation at most a second after it became current, or the stand-in.

        wait_s: how long to wait, in seconds, when there is none yet and one is being built or opened.

        Raises: IndexUnavailable, EmbeddingFailed.
        """
        opened = self._opened
        if opened is not None and time.monotonic() - self._looked_at < _LOOK_EVERY_S:
            return opened
        if not self._lock.acquire(timeout=wait_s if opened is None else 0):
            found = opened or self._stand_in
            if found is None:
                raise IndexBeingBuilt("the index is being opened; try again in a moment")
            return found
        try:
            self._looked_at = time.monotonic()
            return self._newest(wait_s)
        finally:
            self._lock.release()

    def ensure(self, *, rebuild: bool = False) -> tuple[str, bool]:
        """Build the index of the knowledge folder as it is now, unless it stands; return its name and whether it was built.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        return self._generations.build(self._ingredients, self._embedder(), progress=self._progress, rebuild=rebuild)

    def refresh(self) -> bool:
        """Bring the knowledge folder as it is now into use at once; tell whether anything was built.

        What takes long follows behind: training triage's classifier when its exemplars changed, and folding a change that has grown.

        Raises: IndexUnavailable, EmbeddingFailed, KnowledgeError.
        """
        embedder = self._embedder()
        _, was_built = self._generations.build(self._ingredients, embedder, progress=self._progress, is_quick=True)
        self.look()
        if self._generations.needs_training() or self._generations.needs_folding():
            threading.Thread(target=self._finish, args=(embedder,), name="companion-finish", daemon=True).start()
        return was_built

    def look(self) -> None:
        """Use the newest generation from the next turn on. Raises: IndexUnavailable, EmbeddingFailed."""
        self._looked_at = 0.0
        with self._lock:
            self.get()

    def close(self) -> None:
        """Let go of files and locks, as soon as no turn reads them."""
        with self._lock:
            self._opened = self._stand_in = None

    def _newest(self, wait_s: float) -> Generation:
        name = self._generations.current()
        if self._opened is None or (name is not None and name != self._opened.name):
            self._open(name, wait_s)
        found = self._opened or self._stand_in
        if found is None:
            raise IndexUnavailable("the index is not open")
        if found is self._opened and not found.is_whole() and found.name not in self._mended:
            self._mended.add(found.name)
            log.error("the vector index is damaged; it is rebuilt, and vectors are compared one by one meanwhile")
            self._start_build(rebuild=True)
        return found

    def _open(self, name: str | None, wait_s: float) -> None:
        if self._failed is not None and self._opened is None and time.monotonic() - self._failed[0] < RETRY_AFTER_S:
            self._raise_unless_readable(self._failed[1])
            return
        try:
            self._opened = self._fresh(name, wait_s)
            self._stand_in = self._failed = None
        except IndexBeingBuilt as exc:  # the old one keeps serving until the new one is whole
            self._raise_unless_readable(exc)
        except CompanionError as exc:
            self._failed = (time.monotonic(), exc)
            log.error("the new index cannot be opened: %s", exc)
            self._raise_unless_readable(exc)

    def _raise_unless_readable(self, exc: CompanionError) -> None:
        if self._opened is None and self._stand_in is None:
            raise exc

    def _fresh(self, name: str | None, wait_s: float) -> Generation:
        try:
            model_id = self._embedder().model_id
        except EmbeddingFailed:
            self._build_behind(wait_s, rebuild=False)  # it fails as well, but brings the stand-in first
            raise
        if name is None:
            self._build_behind(wait_s, rebuild=False)
        try:
            return self._generations.open_current(model_id)
        except (IndexUnavailable, EmbeddingFailed):
            log.error("the index is damaged or of another model; it is rebuilt")
            self._build_behind(wait_s, rebuild=True)
            return self._generations.open_current(model_id)

    def _build_behind(self, wait_s: float, *, rebuild: bool) -> None:
        """Build in a thread of its own and wait for it for a while, so that no turn hangs on a long build.

        Raises: IndexBeingBuilt when it is not finished in time; what the build raised.
        """
        building = self._start_build(rebuild=rebuild)
        can_wait = self._opened is None and self._stand_in is None
        if can_wait:
            self._readable.wait(wait_s)
        try:
            building.result(timeout=min(wait_s, _GRACE_S) if can_wait else 0)
        except TimeoutError as exc:
            raise IndexBeingBuilt("the index is being built; try again in a moment") from exc

    def _start_build(self, *, rebuild: bool) -> Future[None]:
        if self._building is None or self._building.done():
            self._building = Future()
            self._readable.clear()
            threading.Thread(target=self._build, args=(self._building, rebuild), name="companion-index", daemon=True).start()
        return self._building

    def _build(self, building: Future[None], rebuild: bool) -> None:
        try:
            ingredients = self._ingredients()
            if self._opened is None and self._stand_in is None:
                self._stand_in = words_only(ingredients, *self._kept())
                self._readable.set()
            self._generations.build(ingredients, self._embedder(), progress=self._progress, rebuild=rebuild)
        except BaseException as exc:  # noqa: BLE001 - handed to whoever waits
            building.set_exception(exc)
            log.error("the index could not be built: %s", exc)
        else:
            building.set_result(None)
        finally:
            self._readable.set()

    def _finish(self, embedder: Embedder) -> None:
        if not self._finishing.acquire(blocking=False):
            return  # the one at work looks again when it is done
        try:
            while self._generations.needs_training():
                self._generations.train(self._ingredients(), embedder)
                self._generations.build(self._ingredients, embedder, is_quick=True)
                self.look()
            if self._generations.needs_folding():
                self._generations.fold(self._ingredients, embedder)
                self.look()
        except CompanionError as exc:
            log.error("the index could not be finished; what was published stays in use: %s", exc)
        finally:
            self._finishing.release()

    def _kept(self) -> tuple[int, RiskClassifier | None]:
        """Return the length of a vector and the classifier that was trained last; 1 and None without a model."""
        try:
            embedder = self._embedder()
        except EmbeddingFailed:
            return 1, None
        return embedder.dim, self._generations.kept_risk(embedder.model_id)
