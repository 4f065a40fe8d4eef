"""Trained classifiers of triage by the hash of what they were trained on: training takes seconds, and most edits change no exemplar."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.risk_classifier import CLASSIFIER_VERSION, RiskClassifier
from companion.adapters.risk_training import train
from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.models import TriageLevel
from companion.ports import Embedder

_KEPT = 4
"""Enough for an edit to be taken back without training again. Chosen by us; one has about 16 MB."""

Exemplars = Sequence[tuple[str, TriageLevel]]


class RiskStore:
    """Keep trained classifiers in one folder, `<hash>.npz`, each written once and never changed.

    shared: a second folder that several installations on one machine may share; what one has trained, the others take from there.
    """

    def __init__(self, folder: Path, shared: Path | None = None) -> None:
        self._folder = folder
        self._shared = shared

    def key(self, exemplars: Exemplars, model_id: str) -> str:
        """Return the name under which the classifier of these exemplars is kept."""
        digest = hashlib.sha256(f"{CLASSIFIER_VERSION}\n{model_id}\n".encode())
        for text, level in exemplars:
            digest.update(f"{level}\t{text}\n".encode())
        return digest.hexdigest()[:16]

    def find(self, key: str, model_id: str) -> RiskClassifier | None:
        """Return the kept classifier, or None when there is none that can be used."""
        try:
            return RiskClassifier.load(self._folder / f"{key}.npz", model_id)
        except (IndexUnavailable, EmbeddingFailed):
            return None

    def has(self, key: str) -> bool:
        """Tell whether a classifier is kept, without reading it."""
        return (self._folder / f"{key}.npz").exists()

    def newest(self, model_id: str) -> RiskClassifier | None:
        """Return the classifier that was kept last, or None."""
        files = sorted(self._folder.glob("*.npz"), key=lambda path: -path.stat().st_mtime)
        return self.find(files[0].stem, model_id) if files else None

    def train(self, exemplars: Exemplars, embedder: Embedder, cache: EmbeddingCache) -> RiskClassifier:
        """Return the classifier of these exemplars, trained unless it is kept already, and keep it.

        Raises: EmbeddingFailed, IndexUnavailable, OSError.
        """
        key = self.key(exemplars, embedder.model_id)
        trained = self.find(key, embedder.model_id) or self._taken(key, embedder.model_id)
        if trained is None:
            trained = train(exemplars, embedder, cache.embed([text for text, _ in exemplars]))
            for folder in filter(None, (self._folder, self._shared)):
                _save(trained, folder, key)
        return trained

    def _taken(self, key: str, model_id: str) -> RiskClassifier | None:
        """Return the classifier from the shared folder, now kept in the own one as well, or None when it is not there."""
        found = RiskStore(self._shared).find(key, model_id) if self._shared else None
        if found is not None:
            _save(found, self._folder, key)
        return found

    def drop_old(self, keep: str) -> None:
        """Drop all but the newest classifiers and the named one."""
        files = sorted(self._folder.glob("*.npz"), key=lambda path: -path.stat().st_mtime)
        for path in files[_KEPT:]:
            if path.stem != keep:
                with suppress(OSError):
                    path.unlink()


def _save(trained: RiskClassifier, folder: Path, key: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{key}.{os.getpid()}.new"
    trained.save(draft)
    os.replace(draft, folder / f"{key}.npz")
