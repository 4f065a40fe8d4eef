"""The model we serve with gives the vectors of the reference implementation, refuses other weights, and imports no torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from companion.adapters.minilm_embedder import MAX_TOKENS, MiniLMEmbedder, packaged_model_dir, verify_weights
from companion.errors import EmbeddingFailed
from companion.models import Matrix, RedactedMessage

TEXTS = [
    "i have 3 shifts in a row and my charge nurse [Person A] keeps adding more, cant switch off",
    "I cannot sleep.",
    "cant",
    "",
    "?!",
    "\U0001f622\U0001f622 nobody listens",
    "ich bin so m\u00fcde, mein chef schreit",
    "mujhe bahut kaam hai",
    "\u6211\u5f88\u7d2f",
    "\u202eright to left\u202c and zero\u200bwidth",
    "a.a.a.a.a.a.a.a",
    "MY MANAGER SHOUTS AT ME IN FRONT OF EVERYONE",
    "Write the one thing that keeps circling on paper, with the hour tomorrow when you will look at it.",
    "word " * 200,
    "longer than the model reads " * 200,
    "incomprehensibilities " * 90,
]
REFERENCE = """
import json, sys
import numpy as np
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
np.save(sys.argv[2], model.encode(json.load(sys.stdin), normalize_embeddings=True, show_progress_bar=False))
"""
PRINT_MODULES = """
import sys
from companion.settings import silence_vendors
silence_vendors()
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.models import RedactedMessage
MiniLMEmbedder().embed_message(RedactedMessage("tired"))
print(" ".join(sys.modules))
"""


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """Give what sentence-transformers makes of the texts, in a process of its own, since it brings torch along."""
    target = tmp_path_factory.mktemp("reference") / "vectors.npy"
    command = [sys.executable, "-c", REFERENCE, str(packaged_model_dir()), str(target)]
    subprocess.run(command, input=json.dumps(TEXTS), text=True, check=True, env={"PATH": "", "HF_HUB_OFFLINE": "1"}, capture_output=True)
    vectors: Matrix = np.load(target)
    return vectors


def test_vectors_equal_the_reference(embedder: MiniLMEmbedder, reference: Matrix) -> None:
    cosines = np.sum(embedder.embed_passages(TEXTS) * reference, axis=1)

    assert dict(zip(TEXTS, cosines >= 0.99999, strict=True)) == dict.fromkeys(TEXTS, True)


def test_one_message_and_a_batch_give_the_same_vectors(embedder: MiniLMEmbedder) -> None:
    batch = embedder.embed_passages(TEXTS)
    alone = np.stack([embedder.embed_message(RedactedMessage(text)) for text in TEXTS])

    assert np.abs(batch - alone).max() < 1e-5


def test_vectors_have_length_one_and_the_stated_shape(embedder: MiniLMEmbedder) -> None:
    vectors = embedder.embed_passages(TEXTS)

    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), embedder.dim), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_vectors(embedder: MiniLMEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dim)


def test_tokens_are_counted_up_to_what_the_model_reads(embedder: MiniLMEmbedder) -> None:
    assert embedder.count_tokens("tired") == 3  # the word between two marks
    assert embedder.count_tokens("tired " * 1000) == MAX_TOKENS


def test_four_threads_get_the_same_vectors_as_one(embedder: MiniLMEmbedder) -> None:
    expected, found = embedder.embed_passages(TEXTS), []
    threads = [threading.Thread(target=lambda: found.append(embedder.embed_passages(TEXTS))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert all(np.array_equal(expected, vectors) for vectors in found)


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    """Give a copy of the packaged model that a test may damage."""
    return Path(shutil.copytree(packaged_model_dir(), tmp_path / "model"))


def test_altered_weights_are_refused(model_copy: Path) -> None:
    with (model_copy / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        last = weights.read(1)[0]
        weights.seek(-1, 2)
        weights.write(bytes([last ^ 1]))

    with pytest.raises(EmbeddingFailed, match="SHA-256"):
        MiniLMEmbedder(model_dir=model_copy)


def test_missing_weights_are_named(model_copy: Path) -> None:
    (model_copy / "model.safetensors").unlink()

    with pytest.raises(EmbeddingFailed, match=r"model\.safetensors cannot be read"):
        MiniLMEmbedder(model_dir=model_copy)


def test_weights_as_published_pass(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"abc")

    verify_weights(tmp_path / "w", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


@pytest.mark.parametrize("damage", [b"", b"no graph", None], ids=["emptied", "overwritten", "cut in half"])
def test_damaged_graph_on_disk_is_built_anew(damage: bytes | None, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    MiniLMEmbedder(tmp_path)
    (graph,) = tmp_path.iterdir()
    graph.write_bytes(graph.read_bytes()[: graph.stat().st_size // 2] if damage is None else damage)

    again = MiniLMEmbedder(tmp_path)

    assert np.allclose(again.embed_passages(["tired"]), embedder.embed_passages(["tired"]), atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == [graph.name]


def test_model_id_names_model_and_weights(embedder: MiniLMEmbedder) -> None:
    name, _, digest = embedder.model_id.partition("@")

    assert (name, len(digest)) == ("all-MiniLM-L6-v2", 16)


def test_serving_imports_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", PRINT_MODULES], capture_output=True, text=True, check=True)

    assert {"torch", "transformers", "tensorflow", "sentence_transformers"}.isdisjoint(done.stdout.split())
    assert "onnxruntime" in done.stdout.split()
