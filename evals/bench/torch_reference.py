"""The reference pipeline as its guides build it: presidio as it ships, sentence-transformers on torch, LangChain's search in Chroma.

It runs in a process of its own, since torch is switched off where Companion's own parts are measured: `python -m evals.bench.torch_reference` reads from
standard input `{"articles": {id: text}, "questions": [...], "warm_up": n}` and prints the milliseconds of each question after the first n.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import numpy as np

from companion.adapters.minilm_embedder import packaged_model_dir
from companion.models import Matrix, RedactedMessage, Vector
from companion.settings import child_environment
from evals.errors import UsageError

PASSAGES = 8
"""How many the reference fetches for a question."""


class TorchEmbedder:
    """Embed with the same weights by sentence-transformers, as LangChain's HuggingFaceEmbeddings does; fulfils `ports.Embedder`."""

    model_id = "all-MiniLM-L6-v2@torch"
    dim = 384

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(packaged_model_dir()), device="cpu")

    def embed_message(self, message: RedactedMessage) -> Vector:
        """Return the vector of one message."""
        vector: Vector = self.embed_passages([message.text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of texts, one a row."""
        rows: Matrix = np.asarray(self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)
        return rows


def time_reference(articles: Mapping[str, str], questions: Sequence[str], warm_up: int) -> list[float]:
    """Return the milliseconds that the reference takes for each question after the first `warm_up`.

    Raises: UsageError when it does not run, e.g. without torch.
    """
    asked = json.dumps({"articles": dict(articles), "questions": list(questions), "warm_up": warm_up})
    command = [sys.executable, "-m", "evals.bench.torch_reference"]
    done = subprocess.run(command, input=asked, text=True, capture_output=True, check=False, env=child_environment(USE_TORCH="1"))
    if done.returncode != 0:
        raise UsageError(f"the reference on torch did not run: {done.stderr.strip()[-300:]}")
    return [float(spent) for spent in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Build the reference over the articles, ask it the questions, and print what each took."""
    from evals.baselines import PlainRag
    from evals.stock_presidio import StockPresidio

    asked = json.load(sys.stdin)
    presidio, rag = StockPresidio(), PlainRag(asked["articles"], TorchEmbedder())
    spent = []
    for text in asked["questions"]:
        began = time.perf_counter()
        presidio.find_details(text)
        rag.search(text, PASSAGES)
        spent.append((time.perf_counter() - began) * 1000)
    print(json.dumps(spent[asked["warm_up"] :]))


if __name__ == "__main__":
    main()
