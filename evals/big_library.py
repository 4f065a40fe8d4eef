"""Measure the index with ten thousand articles: `nice python -m evals.big_library [ARTICLES] [FOLDER]`.

Articles are made up of the real ones' sentences; vectors come from a stand-in that costs nothing, so that time and memory are those of the index.
Prints one JSON line per step: seconds, and the peak of resident memory so far in MB. Building and serving run in processes of their own.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from companion.adapters.generations import Generations, Ingredients
from companion.adapters.opened_library import Generation
from companion.library.reading import read_library
from companion.models import Article, Matrix, RedactedMessage, TriageLevel, Vector
from companion.settings import ROOT, silence_vendors
from companion.stages.retrieval import RetrievalOptions, Stacks, search

_QUERIES = 300
_EXEMPLARS = [(f"{level.value} {n}", level) for level in (TriageLevel.NONE, TriageLevel.RISK) for n in range(50)]


class StandIn:
    """Give each text a vector of its own, near those of the texts that share its first letters."""

    model_id = "stand-in@1"
    dim = 384

    def embed_message(self, message: RedactedMessage) -> Vector:
        """Return the vector of one message."""
        vector: Vector = self.embed_passages([message.text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of texts."""
        seeds = [np.random.default_rng(hash_of(text)) for text in texts]
        rows = np.asarray([seed.normal(size=32) @ _MEANINGS + 0.3 * seed.normal(size=384) for seed in seeds], dtype=np.float32)
        normal: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normal


_MEANINGS = np.random.default_rng(0).normal(size=(32, 384))


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return int.from_bytes(text.encode()[-24:], "big")


def made_up(n: int) -> tuple[Article, ...]:
    """Return n articles of about ten passages each, of sentences of the real ones in another order."""
    real = read_library(ROOT / "knowledge").articles
    sections = [section for article in real for section in article.body.split("\n## ")[1:]]
    dice = random.Random(0)  # noqa: S311 - made-up texts
    return tuple(
        replace(
            dice.choice(real),
            id=f"article-{i}",
            path=f"articles/article-{i}.md",
            title=f"Article number {i}",
            asked_as=(),
            body="\n\n".join(f"## {section}" for section in dice.sample(sections, 8)),
        )
        for i in range(n)
    )


def say(step: str, began: float, **more: object) -> None:
    """Print one measurement."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"step": step, "took_s": round(time.perf_counter() - began, 3), "peak_mb": peak, **more}), flush=True)


def build(folder: Path, n: int) -> None:
    """Measure a whole build, an edit and a build of nothing."""
    articles, generations, embedder = made_up(n), Generations(folder), StandIn()
    began = time.perf_counter()
    generations.build(Ingredients(articles, _EXEMPLARS), embedder)
    say("whole build", began, articles=n)
    edited = (replace(articles[0], body=articles[0].body + "\n\n## Try this\n\nJuggle oranges at dawn."), *articles[1:])
    generations.open_current(embedder.model_id)
    for step in ("edit of one article", "the same again"):
        began = time.perf_counter()
        generations.build(Ingredients(edited, _EXEMPLARS), embedder)
        say(step, began)


def serve(folder: Path, n: int) -> None:
    """Measure opening, queries, and an edit that is opened over the library in use."""
    generations, embedder = Generations(folder), StandIn()
    began = time.perf_counter()
    generation = generations.open_current(embedder.model_id)
    say("open", began, passages=len(generation.vectors.nearest_passages(np.ones(384, np.float32), 10)))
    _ask(generation, embedder, min(n, 100))
    articles = made_up(n)
    for number in range(3):
        edited = (replace(articles[0], body=articles[0].body + f"\n\n## Try this\n\nJuggle {number} oranges."), *articles[1:])
        began = time.perf_counter()
        generations.build(Ingredients(edited, _EXEMPLARS), embedder)
        generation = generations.open_current(embedder.model_id)
        found = generation.words.scores(RedactedMessage(f"juggle {number} oranges"), 1)
        say("edit, swapped in and found", began, found=list(found))
    _ask(generation, embedder, min(n, 100))


def _ask(generation: Generation, embedder: StandIn, n: int) -> None:
    stacks, dice = Stacks(generation.vectors, generation.words, generation.shelf), random.Random(1)  # noqa: S311
    today, options = datetime.now(UTC).date(), RetrievalOptions(0.25, 0.1)
    articles = [generation.shelf.article(f"article-{dice.randrange(n)}") for _ in range(20)]
    queries = [" ".join(dice.sample(dice.choice(articles).body.split(), 12)) for _ in range(_QUERIES)]
    began, spent = time.perf_counter(), []
    for query in queries:
        at = time.perf_counter()
        message = RedactedMessage(query)
        search(message, embedder.embed_message(message), stacks, options=options, today=today, k=4)
        spent.append((time.perf_counter() - at) * 1000)
    shares = {f"p{share}_ms": round(float(np.percentile(spent, share)), 1) for share in (50, 95, 99)}
    say("queries", began, **shares, a_second=round(1000 * len(spent) / sum(spent), 1))


def main() -> None:
    """Run building and serving one after the other, each in a process of its own."""
    silence_vendors()
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(mkdtemp(prefix="companion-big-"))
    if len(sys.argv) > 3:
        {"build": build, "serve": serve}[sys.argv[3]](folder, n)
        return
    for part in ("build", "serve"):
        subprocess.run([sys.executable, "-m", "evals.big_library", str(n), str(folder), part], check=True)


if __name__ == "__main__":
    main()
