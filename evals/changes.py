"""Compare two runs: which figures and which single cases got better, got worse, or only changed their answer."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from evals.past_runs import PastCase, PastRun, differences, other_rows

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Hold one figure of both runs. gain: how much better, above 0, or worse, below 0, whatever its direction."""

    suite: str
    title: str
    split: str
    before: float
    after: float
    gain: float


@dataclass(frozen=True, slots=True)
class CaseChange:
    """Hold one case of both runs."""

    before: PastCase
    after: PastCase


@dataclass(frozen=True, slots=True)
class Changes:
    """Hold what changed from one run to another.

    answered: cases with another answer and the same scores. alone: cases of one run only. reworded: cases whose text or label changed; they are compared
    neither. differences: what makes the runs different things, in plain words.
    """

    before: PastRun
    after: PastRun
    figures: tuple[FigureChange, ...]
    better: tuple[CaseChange, ...]
    worse: tuple[CaseChange, ...]
    answered: tuple[CaseChange, ...]
    alone: int
    reworded: int = 0
    differences: tuple[str, ...] = ()


def compare_runs(before: PastRun, after: PastRun) -> Changes:
    """Return what changed, figures by size of the change, cases in the order of their suites."""
    both = [CaseChange(before.cases[key], case) for key, case in after.cases.items() if key in before.cases]
    shared = [change for change in both if change.before.asked == change.after.asked]
    gains = [(change, (change.after.score or 0.0) - (change.before.score or 0.0)) for change in shared]
    return Changes(
        before,
        after,
        _figures(before, after),
        better=tuple(change for change, gain in gains if gain > _SAME),
        worse=tuple(change for change, gain in gains if gain < -_SAME),
        answered=tuple(change for change, gain in gains if abs(gain) <= _SAME and change.before.observed != change.after.observed),
        alone=len(before.cases.keys() ^ after.cases.keys()),
        reworded=len(both) - len(shared),
        differences=differences(before, after),
    )


def print_changes(changes: Changes, console: Console) -> None:
    """Print the figures that changed and how many cases did."""
    table = Table(title=f"Compared with {changes.before.started:%Y-%m-%d %H:%M}", title_justify="left", header_style="bold")
    for name in ("suite", "figure", "split", "before", "now", "change"):
        table.add_column(name, justify="left" if name in {"suite", "figure", "split"} else "right")
    for one in changes.figures:
        style = "green" if one.gain > 0 else "bold red"
        moved = f"[{style}]{'better' if one.gain > 0 else 'worse'} by {abs(one.gain):.3f}[/]"
        table.add_row(one.suite, one.title, one.split, f"{one.before:.3f}", f"{one.after:.3f}", moved)
    console.print(table)
    for difference in changes.differences:
        console.print(f"Not the same: {difference}.", style="yellow", markup=False, highlight=False)
    console.print(
        f"Cases: {len(changes.better)} better, {len(changes.worse)} worse, {len(changes.answered)} with another answer and the same scores, "
        f"{changes.alone} in one of the runs only, {changes.reworded} with another text or label. The report shows them side by side."
    )


def _figures(before: PastRun, after: PastRun) -> tuple[FigureChange, ...]:
    found, changed_rows = [], other_rows(before, after)
    for key, figure in after.figures.items():
        old = before.figures.get(key) if key[0] not in changed_rows else None
        if old is None or abs(figure.value - old.value) <= _SAME:
            continue
        gain = (figure.value - old.value) * (1 if figure.higher_is_better else -1)
        found.append(FigureChange(key[0], figure.title, key[2], old.value, figure.value, gain))
    return tuple(sorted(found, key=lambda one: -abs(one.gain)))
