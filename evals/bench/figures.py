"""What the bench measured, beside the budgets of the design; figures only, since machines are noisy: no test asserts them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one measurement. part: of the bench. budget: the most (or, for a rate, the least) that DESIGN 9 allows, None when it names none."""

    part: str
    what: str
    value: float
    unit: str
    budget: float | None = None
    is_rate: bool = False

    @property
    def verdict(self) -> str:
        """Return "met", "missed", or "–" where there is no budget."""
        if self.budget is None:
            return "–"
        return "met" if (self.value >= self.budget if self.is_rate else self.value <= self.budget) else "missed"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` percent of the values lie (linear between neighbours, as numpy does)."""
    return float(np.percentile(np.asarray(values, dtype=np.float64), share))


def machine() -> str:
    """Name the machine without its host: cores, memory in GB, architecture, and how busy it is with other work."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def print_figures(figures: Iterable[Figure], console: Console) -> None:
    """Print one table."""
    table = Table(title=f"Companion bench; {machine()}")
    for column in ("part", "what", "value", "budget", "verdict"):
        table.add_column(column, justify="right" if column in {"value", "budget"} else "left")
    for figure in figures:
        sign = "≥" if figure.is_rate else "≤"
        budget = f"{sign} {figure.budget:g} {figure.unit}" if figure.budget is not None else "–"
        style = "red" if figure.verdict == "missed" else ""
        table.add_row(figure.part, figure.what, f"{figure.value:.4g} {figure.unit}", budget, figure.verdict, style=style)
    console.print(table)


def write_figures(figures: Iterable[Figure], path: Path) -> None:
    """Write JSON lines: the machine, then a line per figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, object]] = [{"machine": machine()}, *({**asdict(figure), "verdict": figure.verdict} for figure in figures)]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
