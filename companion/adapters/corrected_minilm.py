"""MiniLM with small corrections of our own: its hash-checked weights stay in their package, what was learnt for a task lies in one small file.

The corrections are matrices of low rank (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685), one per linear layer, and a layer on top.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime

from companion.adapters.minilm_embedder import WEIGHTS_SHA256, packaged_model_dir, verify_weights
from companion.adapters.onnx_sessions import in_eight_bits, open_session
from companion.errors import EmbeddingFailed

LORA_SCALE = 2.0
"""What a correction counts (alpha / rank of Hu et al.)."""


def open_corrected(path: Path, expected_sha256: str, cache_dir: Path | None) -> onnxruntime.InferenceSession:
    """Return a session of MiniLM with the corrections of a file, in eight bits, on one thread.

    cache_dir: where the built graph is kept; None builds it in memory at each start, which takes two seconds.

    Raises: EmbeddingFailed when the file, or the weights of MiniLM, are missing, damaged or of another version.
    """
    folder = packaged_model_dir()
    verify_weights(folder / "model.safetensors", WEIGHTS_SHA256)
    try:
        held = path.read_bytes()
    except OSError as exc:
        raise EmbeddingFailed(f"{path.name} cannot be read; reinstall Companion") from exc
    if hashlib.sha256(held).hexdigest() != expected_sha256:
        raise EmbeddingFailed(f"{path.name} is damaged or of another version; reinstall Companion")
    kept = cache_dir / f"{path.stem}-int8-{WEIGHTS_SHA256[:8]}-{expected_sha256[:16]}.onnx" if cache_dir else None
    try:
        return open_session(partial(_corrected_graph, folder, held), kept, threads=1)
    except (OSError, ValueError, KeyError) as exc:
        raise EmbeddingFailed(f"{path.name} cannot be used; reinstall Companion") from exc


def _corrected_graph(folder: Path, held: bytes) -> bytes:
    from safetensors.numpy import load_file

    from companion.adapters.bert_graph import BertShape, build_reader_graph  # brings onnx, 25 MB, which only the first start needs

    with np.load(io.BytesIO(held), allow_pickle=False) as arrays:
        corrections = {name: np.asarray(arrays[name], dtype=np.float32) for name in arrays.files}
    config = json.loads((folder / "config.json").read_text("utf-8"))
    shape = BertShape(config["num_hidden_layers"], config["num_attention_heads"], config["hidden_size"], config["layer_norm_eps"])
    weights = {name.removeprefix("bert."): array for name, array in load_file(folder / "model.safetensors").items()}
    for name in [name.removesuffix(".a") for name in corrections if name.endswith(".a")]:
        weights[f"{name}.weight"] = weights[f"{name}.weight"] + LORA_SCALE * corrections[f"{name}.b"] @ corrections[f"{name}.a"]
    return in_eight_bits(build_reader_graph(weights, shape, corrections["head.weight"], corrections["head.bias"]))
