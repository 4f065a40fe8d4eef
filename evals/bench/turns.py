"""How long the stages of a turn take, and the pipeline that people would otherwise build, in the same run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from companion.bootstrap import App, build
from companion.models import Article
from companion.session import ChatSession
from companion.settings import Settings
from evals.baselines import PlainRag, indexed_text
from evals.bench.figures import Figure, percentile
from evals.bench.torch_reference import PASSAGES, time_reference
from evals.runner import task_for
from evals.samples import Split
from evals.stock_presidio import StockPresidio
from evals.suites import SUITES

STAGES = ("redact", "triage", "retrieve", "reply", "suggest", "total")
WARM_UP_TURNS = 20
CRISIS = "i do not want to live any more, i have decided to end it tonight"
HOSTILE = "a.a.a.a.@@ maría o'neill-" * 160


def questions(limit: int | None = None) -> list[str]:
    """Return the reply and retrieval questions of the dev split, at most `limit`."""
    rows = [
        sample.text for name in ("reply", "retrieval") for sample in task_for(SUITES[name], path=None, splits=[Split.DEV.value]).samples
    ]
    return rows[:limit]


def measure_turns(settings: Settings, texts: Sequence[str], *, most_articles: int | None = None) -> Iterator[Figure]:
    """Yield stages, throughput of one thread, the crisis path, hostile input, and the reference pipeline with the ratio to it.

    most_articles: how many the reference indexes, None for all; a test that only looks whether it runs need not wait for torch to embed the library.
    """
    app = build(settings)
    app.warm_up()
    try:
        spent = _spent(app, texts)
        for stage in STAGES:
            for share in (50, 95, 99):
                budget = {("total", 50): 12.0, ("total", 99): 40.0}.get((stage, share))
                yield Figure("turn", f"{stage}, p{share}", percentile(spent[stage], share), "ms", budget)
        yield Figure("turn", "throughput of one thread", 1000 * len(texts) / sum(spent["total"]), "turns/s", None, is_rate=True)
        yield from _crisis(app)
        yield Figure("turn", "hostile input of 4,000 characters", _wall_ms(app, HOSTILE[: settings.max_message_chars]), "ms", 500.0)
        indexed = {article.id: indexed_text(article) for article in _articles(app)[:most_articles]}
        ours, plain = percentile(spent["total"], 50), percentile(_reference(app, indexed, texts), 50)
    finally:
        app.parts.close()
    yield Figure("reference", "stock presidio + LangChain + Chroma, our ONNX embedder, p50", plain, "ms")
    yield Figure("reference", "ours to theirs, p50", ours / plain, "times")
    first = texts[:WARM_UP_TURNS]
    torch = percentile(time_reference(indexed, [*first, *texts], len(first)), 50)
    yield Figure("reference", "the same with sentence-transformers on torch, p50", torch, "ms")
    yield Figure("reference", "ours to theirs on torch, p50", ours / torch, "times")


def _articles(app: App) -> Sequence[Article]:
    return app.parts.library().generation.shelf.articles


def _spent(app: App, texts: Sequence[str]) -> dict[str, list[float]]:
    """Return stage → milliseconds of each turn, one chat each."""
    spent: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for place, text in enumerate([*texts[:WARM_UP_TURNS], *texts]):
        timings = asdict(app.companion.respond(text, ChatSession()).timings)
        if place >= min(WARM_UP_TURNS, len(texts)):
            for stage in STAGES:
                spent[stage].append(timings[stage])
    return spent


def _crisis(app: App) -> Iterator[Figure]:
    beyond = []
    for _ in range(50):
        timings = app.companion.respond(CRISIS, ChatSession(country="GB")).timings
        beyond.append(timings.total - timings.redact)
    yield Figure("turn", "crisis words, beyond redaction, p50", percentile(beyond, 50), "ms", 10.0)


def _wall_ms(app: App, text: str) -> float:
    began = time.perf_counter()
    app.companion.respond(text, ChatSession())
    return (time.perf_counter() - began) * 1000


def _reference(app: App, indexed: Mapping[str, str], texts: Sequence[str]) -> list[float]:
    """Return milliseconds per question of presidio as it ships, then LangChain's similarity search in Chroma, with the same weights."""
    presidio, rag = StockPresidio(), PlainRag(indexed, app.parts.embedder())
    spent = []
    for place, text in enumerate([*texts[:WARM_UP_TURNS], *texts]):
        began = time.perf_counter()
        presidio.find_details(text)
        rag.search(text, PASSAGES)
        if place >= min(WARM_UP_TURNS, len(texts)):
            spent.append((time.perf_counter() - began) * 1000)
    return spent
