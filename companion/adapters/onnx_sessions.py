"""Open a graph in ONNX Runtime, and keep the built graph in a file, so that later starts are faster and need less memory."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

if TYPE_CHECKING:  # 25 MB, which only the first start needs
    from onnx import ModelProto


def open_session(build: Callable[[], bytes], kept: Path | None, threads: int) -> onnxruntime.InferenceSession:
    """Return a session of the graph that `build` makes.

    kept: the file in which the graph is kept, named after everything that went into it; None keeps none. threads: for one run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning would starve the other sessions' threads
    providers = ["CPUExecutionProvider"]
    if kept is not None and kept.exists():
        try:
            return onnxruntime.InferenceSession(str(kept), options, providers=providers)
        except Exception:  # noqa: BLE001 - the runtime has many errors; a damaged copy is simply built anew from the verified weights
            kept.unlink(missing_ok=True)
    graph = build()
    if kept is not None:
        _write_atomically(kept, graph)
    return onnxruntime.InferenceSession(graph, options, providers=providers)


def in_eight_bits(graph: ModelProto) -> bytes:
    """Return a graph whose large weights are 8-bit integers, per channel: a quarter of the memory, and twice as fast on plain processors.

    Takes about two seconds. For graphs whose outputs were measured after this step; see `onnxruntime.quantization.quantize_dynamic`.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder, _quiet():
        target = Path(folder) / "graph.onnx"
        quantize_dynamic(graph, target, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"])
        return target.read_bytes()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the quantizer from advising, on the root logger, a step that graphs of our own do not need."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)


def _write_atomically(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, target)
