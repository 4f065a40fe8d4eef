"""The vectors shipped with the library are the embedder's own; whatever is not among them is embedded as usual."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from companion.adapters import shipped_vectors as shipping
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.library.triage_words import load_exemplars
from companion.models import Matrix
from companion.settings import ROOT

EXEMPLARS = [text for text, _ in load_exemplars(ROOT / "knowledge" / "exemplars")]


class NoEmbedder(MiniLMEmbedder):
    """Be the reference model that must not be asked."""

    def embed_passages(self, texts: object) -> Matrix:
        raise AssertionError("embedded again")


def test_shipped_vectors_are_those_of_the_model(embedder: MiniLMEmbedder, model_cache: Path, tmp_path: Path) -> None:
    sample = EXEMPLARS[:: len(EXEMPLARS) // 40]

    shipped = EmbeddingCache(tmp_path / "e.sqlite", NoEmbedder(model_cache)).embed(sample)

    assert (np.sum(shipped * embedder.embed_passages(sample), axis=1) > 0.9999).all()


def test_a_text_that_is_not_shipped_is_embedded(embedder: MiniLMEmbedder, tmp_path: Path) -> None:
    text = ["a text of this test alone, which no library holds"]

    assert np.allclose(EmbeddingCache(tmp_path / "e.sqlite", embedder).embed(text), embedder.embed_passages(text), atol=1e-6)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 damaged"])
def test_a_missing_or_damaged_file_only_costs_time(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "vectors.npz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(shipping, "FILE", file)

    assert shipping.shipped_vectors.__wrapped__().places == {}
