"""Indexing: how fast texts become searchable, one edited file, and libraries of ten and a hundred thousand passages."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from companion.bootstrap import App, build
from companion.library.chunks import search_text
from companion.settings import Settings
from evals.bench.figures import Figure

_RATE_TEXTS = 1000
_PASSAGES_OF_BUDGET = 10_000
_SECONDS_OF_BUDGET = 120.0


def measure_indexing(settings: Settings) -> Iterator[Figure]:
    """Yield the rate at which passages are embedded, a first index, and how soon one edited file is searchable."""
    app = build(settings)
    try:
        began = time.perf_counter()
        app.parts.ensure_index(rebuild=True)
        yield Figure("indexing", "whole index of the shipped library", time.perf_counter() - began, "s")
        texts = _passages(app)
        began = time.perf_counter()
        app.parts.embedder().embed_passages(texts)
        rate = len(texts) / (time.perf_counter() - began)
        yield Figure("indexing", "passages embedded", rate, "a second", _PASSAGES_OF_BUDGET / _SECONDS_OF_BUDGET, is_rate=True)
    finally:
        app.parts.close()


def _passages(app: App) -> list[str]:
    """Return real passages as they are embedded, as many as are measured."""
    shelf = app.parts.library().generation.shelf
    texts = [search_text(passage) for article in shelf.articles for passage in shelf.passages(article.id)]
    return (texts * (_RATE_TEXTS // len(texts) + 1))[:_RATE_TEXTS]


def measure_scale(articles: Sequence[int]) -> Iterator[Figure]:
    """Yield build time, an edit, query times and memory with so many made-up articles of ten passages each.

    The vectors are made up too and cost nothing: it is the index that is measured, not a whole turn.
    """
    for count in articles:
        passages = count * 10
        with TemporaryDirectory(prefix="companion-big-") as folder:
            for row in _rows_of(count, Path(folder)):
                yield from _figures_of(row, passages)


def _rows_of(count: int, folder: Path) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "evals.big_library", str(count), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _figures_of(row: dict[str, object], passages: int) -> Iterator[Figure]:
    step, took_s, peak_mb = str(row["step"]), float(str(row["took_s"])), float(str(row["peak_mb"]))
    name = f"{passages:,} passages"
    if step == "whole build":
        yield Figure("scale", f"{name}, built without embedding", took_s, "s")
        yield Figure("scale", f"{name}, memory while building", peak_mb, "MB", 2000.0)
    elif step == "edit of one article":
        yield Figure("scale", f"{name}, one edited file searchable", took_s, "s", 0.5)
    elif step == "queries":
        for share in (50, 95, 99):
            yield Figure("scale", f"{name}, search alone, vectors made up, p{share}", float(str(row[f"p{share}_ms"])), "ms")
        yield Figure("scale", f"{name}, searches of one thread", float(str(row["a_second"])), "a second", None, is_rate=True)
        yield Figure("scale", f"{name}, memory while serving", peak_mb, "MB", 2000.0)
