"""`python -m evals bench`: how long the stages of a turn take on this machine. Figures only; nothing is judged, since machines are noisy.

The issue Evals adds the reference pipeline, larger libraries, indexing, start-up, memory and many sessions.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from companion.bootstrap import build
from companion.session import ChatSession
from companion.settings import Settings
from evals.runner import task_for
from evals.samples import Split
from evals.suites import SUITES

STAGES = ("redact", "triage", "retrieve", "reply", "suggest", "total")
WARM_UP_TURNS = 20


def measure(settings: Settings) -> None:
    """Answer the reply and retrieval questions of the dev split, one chat each, and print p50, p95 and p99 per stage in milliseconds."""
    began = time.perf_counter()
    app = build(settings)
    app.warm_up()
    loaded_s = time.perf_counter() - began
    texts = [
        sample.text for name in ("reply", "retrieval") for sample in task_for(SUITES[name], path=None, splits=[Split.DEV.value]).samples
    ]
    spent: dict[str, list[float]] = {stage: [] for stage in STAGES}
    try:
        for place, text in enumerate(track([*texts[:WARM_UP_TURNS], *texts], description="turns", console=Console(stderr=True))):
            timings = asdict(app.companion.respond(text, ChatSession()).timings)
            if place >= WARM_UP_TURNS:
                for stage in STAGES:
                    spent[stage].append(timings[stage])
    finally:
        app.parts.close()
    _print(spent, len(texts), loaded_s)


def _print(spent: dict[str, list[float]], turns: int, loaded_s: float) -> None:
    table = Table(title=f"Milliseconds per turn, {turns} turns, curated writer; {os.cpu_count()} cores, {platform.machine()}")
    for column in ("stage", "p50", "p95", "p99"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for stage, values in spent.items():
        table.add_row(stage, *_percentiles(values))
    console = Console()
    console.print(table)
    console.print(f"Start to warm: {loaded_s:.1f} s. Throughput of one thread: {1000 * turns / sum(spent['total']):.0f} turns a second.")


def _percentiles(values: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{value:.1f}" for value in np.percentile(values, (50, 95, 99)))
