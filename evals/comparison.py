"""Ours beside others on the same questions: figures with intervals, and the paired difference, so that a reader sees whether ours is better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

from evals.scores import CONFIDENCE, RESAMPLES, Interval, interval_of
from evals.tables import PlainTable

FIGURES = {"recall_at_3": "recall@3", "recall_at_10": "recall@10", "mrr": "MRR@10", "ndcg_at_10": "nDCG@10"}

QuestionFigures = Mapping[str, float]
"""What one question brought one system, by the names of `FIGURES`, 0 to 1."""


@dataclass(frozen=True, slots=True)
class System:
    """Hold what each question brought one system, in the order of the questions."""

    name: str
    per_question: Sequence[QuestionFigures]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a mean with its 95 % interval; a difference lies between -1 and 1."""

    value: float
    interval: Interval

    @property
    def is_above_zero(self) -> bool:
        """Tell whether the whole interval is."""
        return self.interval.low > 0

    @property
    def is_below_zero(self) -> bool:
        """Tell whether the whole interval is."""
        return self.interval.high < 0


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the figures of one system. lead: of the first system over this one, per question; empty for the first."""

    system: str
    values: Mapping[str, Estimate]
    lead: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold several systems on the same n questions, ours first. name: of the questions, e.g. the split."""

    name: str
    n: int
    rows: tuple[Row, ...]


def compared(name: str, systems: Sequence[System]) -> Comparison:
    """Return the systems side by side; the others are compared with the first, question by question.

    Raises: ValueError when there are no systems, or they answered different numbers of questions.
    """
    counts = {len(system.per_question) for system in systems}
    if len(counts) != 1:
        raise ValueError(f"the systems answered {sorted(counts)} questions; compare them on the same ones")
    ours = systems[0]
    rows = tuple(
        Row(system.name, {figure: _mean(_of(system, figure)) for figure in FIGURES}, {} if system is ours else _lead(ours, system))
        for system in systems
    )
    return Comparison(name, counts.pop(), rows)


def _lead(ours: System, other: System) -> dict[str, Estimate]:
    return {figure: difference(_of(ours, figure), _of(other, figure)) for figure in FIGURES}


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """Return the mean paired difference with its 95 % interval: a percentile bootstrap over questions, fixed seed, by scipy."""
    gaps = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    if gaps.size == 0:
        return Estimate(0.0, Interval(-1.0, 1.0))
    mean = float(gaps.mean())
    if gaps.size == 1 or np.ptp(gaps) == 0:
        return Estimate(mean, Interval(mean, mean))
    drawn = stats.bootstrap((gaps,), np.mean, confidence_level=CONFIDENCE, n_resamples=RESAMPLES, method="percentile", rng=7)
    return Estimate(mean, Interval(float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)))


def print_comparisons(title: str, comparisons: Sequence[Comparison], console: Console) -> None:
    """Print one table: a line per system with its figures, and below each other system how far ours is ahead."""
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("questions")
    table.add_column("system", overflow="fold")
    for shown in FIGURES.values():
        table.add_column(f"{shown}, 95 % interval", justify="right", no_wrap=True)
    for comparison in comparisons:
        for row in comparison.rows:
            table.add_row(f"{comparison.name}, n = {comparison.n}", row.system, *(_shown(row.values[figure]) for figure in FIGURES))
            if row.lead:
                table.add_row("", "[dim]  ours leads by[/]", *(_shown_lead(row.lead[figure]) for figure in FIGURES))
        table.add_section()
    console.print(table)


def table_of(title: str, comparisons: Sequence[Comparison]) -> PlainTable:
    """Return what `print_comparisons` prints, without colours, for the report."""
    lines: list[tuple[str, ...]] = []
    for one in comparisons:
        for row in one.rows:
            lines.append((f"{one.name}, n = {one.n}", row.system, *(_shown(row.values[figure]) for figure in FIGURES)))
            if row.lead:
                lines.append(("", "ours leads by", *(_signed(row.lead[figure]) for figure in FIGURES)))
    return PlainTable(title, ("questions", "system", *(f"{shown}, 95 % interval" for shown in FIGURES.values())), tuple(lines), words=2)


def rows_of(comparison: Comparison) -> Iterator[dict[str, object]]:
    """Yield a comparison as rows of JSON, one per system and figure."""
    for row in comparison.rows:
        for figure, one in row.values.items():
            lead = row.lead.get(figure)
            numbers = {"value": one.value, "low": one.interval.low, "high": one.interval.high}
            if lead is not None:
                numbers |= {"lead": lead.value, "lead_low": lead.interval.low, "lead_high": lead.interval.high}
            about = {"kind": "comparison", "questions": comparison.name, "n": comparison.n, "system": row.system, "metric": figure}
            yield about | {name: round(number, 4) for name, number in numbers.items()}


def _of(system: System, figure: str) -> list[float]:
    return [figures[figure] for figures in system.per_question]


def _mean(values: Sequence[float]) -> Estimate:
    return Estimate(float(np.mean(values)) if len(values) else 0.0, interval_of(values))


def _shown(one: Estimate) -> str:
    return f"{one.value:.3f} ({one.interval.low:.3f} to {one.interval.high:.3f})"


def _shown_lead(one: Estimate) -> str:
    style = "green" if one.is_above_zero else "red" if one.is_below_zero else "dim"
    return f"[{style}]{_signed(one)}[/]"


def _signed(one: Estimate) -> str:
    return f"{one.value:+.3f} ({one.interval.low:+.3f} to {one.interval.high:+.3f})"
