"""Trained classifiers of triage are kept by the hash of what they were trained on, and shared between installations on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.risk_store import RiskStore
from companion.models import TriageLevel

EXEMPLARS = tuple(
    (text.format(n), level)
    for n in range(8)
    for text, level in (("The rota of week {} is out", TriageLevel.NONE), ("I want to end my life, {} days now", TriageLevel.RISK))
)


@pytest.fixture
def cache(tmp_path: Path, embedder: MiniLMEmbedder) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "vectors.sqlite", embedder)


def test_what_one_installation_has_trained_another_takes(
    tmp_path: Path, embedder: MiniLMEmbedder, cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = RiskStore(tmp_path / "a", tmp_path / "shared").train(EXEMPLARS, embedder, cache)
    monkeypatch.setattr("companion.adapters.risk_store.train", lambda *_: pytest.fail("trained again"))

    second = RiskStore(tmp_path / "b", tmp_path / "shared")

    vector = embedder.embed_passages(["I want to end my life"])[0]
    assert second.train(EXEMPLARS, embedder, cache).probabilities(vector) == first.probabilities(vector)
    assert second.has(second.key(EXEMPLARS, embedder.model_id))


def test_other_exemplars_are_trained_anew(tmp_path: Path, embedder: MiniLMEmbedder, cache: EmbeddingCache) -> None:
    RiskStore(tmp_path / "a", tmp_path / "shared").train(EXEMPLARS, embedder, cache)

    RiskStore(tmp_path / "b", tmp_path / "shared").train(EXEMPLARS[2:], embedder, cache)

    assert len(list((tmp_path / "shared").glob("*.npz"))) == 2


def test_a_damaged_classifier_in_the_shared_folder_is_made_anew(tmp_path: Path, embedder: MiniLMEmbedder, cache: EmbeddingCache) -> None:
    store = RiskStore(tmp_path / "a", tmp_path / "shared")
    store.train(EXEMPLARS, embedder, cache)
    (shared,) = (tmp_path / "shared").glob("*.npz")
    shared.write_bytes(shared.read_bytes()[:-100])

    RiskStore(tmp_path / "b", tmp_path / "shared").train(EXEMPLARS, embedder, cache)

    assert RiskStore(tmp_path / "shared").find(shared.stem, embedder.model_id) is not None
