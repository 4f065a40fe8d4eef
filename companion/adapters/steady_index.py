"""Search with Chroma, and exactly while Chroma is damaged or away, so that no turn fails with it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from threading import Lock

from companion.errors import IndexUnavailable
from companion.models import Vector
from companion.ports import PassageIndex

log = logging.getLogger(__name__)
_RETRY_AFTER_S = 30.0
"""A server may come back. Chosen by us."""


class SteadyIndex:
    """Ask the first index, and the second whenever the first cannot answer; fulfils `PassageIndex`."""

    def __init__(self, open_first: Callable[[], PassageIndex], second: PassageIndex) -> None:
        """open_first: opens the first index, at first now and then again after each failure; raises IndexUnavailable when it cannot."""
        self._open_first = open_first
        self._second = second
        self._lock = Lock()
        self._failed_at = 0.0
        self._first = self._opened()

    @property
    def is_whole(self) -> bool:
        """Tell whether the first index answers."""
        return self._first is not None

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return passage id → cosine similarity of at most k passages, best first."""
        return self._ask(lambda index: index.nearest_passages(embedding, k))

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        """Return article id → cosine similarity of at most k articles, best first."""
        return self._ask(lambda index: index.nearest_documents(embedding, k))

    def _ask(self, question: Callable[[PassageIndex], Mapping[str, float]]) -> Mapping[str, float]:
        first = self._first
        if first is None and time.monotonic() - self._failed_at > _RETRY_AFTER_S:
            first = self._reopened()
        if first is not None:
            try:
                return question(first)
            except IndexUnavailable as exc:
                self._fail(exc)
        return question(self._second)

    def _reopened(self) -> PassageIndex | None:
        if not self._lock.acquire(blocking=False):
            return None
        try:
            self._first = self._opened()
            return self._first
        finally:
            self._lock.release()

    def _opened(self) -> PassageIndex | None:
        try:
            return self._open_first()
        except IndexUnavailable as exc:
            self._fail(exc)
            return None

    def _fail(self, exc: IndexUnavailable) -> None:
        self._first, self._failed_at = None, time.monotonic()
        log.warning("vectors are compared one by one until Chroma answers again: %s", exc)
