"""`python -m evals bench [part ...]`: time, memory and many browsers, against the budgets of the design. Nothing here judges a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from companion.settings import Settings
from evals.bench.faults import measure_faults
from evals.bench.figures import Figure, print_figures, write_figures
from evals.bench.library import measure_indexing, measure_scale
from evals.bench.serving import measure_sessions, measure_start, prepared_state
from evals.bench.turns import measure_turns, questions
from evals.bench.writing import measure_writer
from evals.errors import UsageError

QUICK = ("turns", "start", "indexing", "writer")
"""The parts that a bench without names runs: some two minutes."""
ALL = "all"
SESSION_COUNTS = (50, 200, 500)
LIBRARIES = (20, 1_000, 10_000)
"""Articles of ten passages each: two hundred, ten thousand and a hundred thousand passages."""


def run_bench(settings: Settings, names: Sequence[str], out: Path) -> tuple[Figure, ...]:
    """Measure the named parts, print the table, and write JSON lines below `out`. names: `all` for every part; none for the quick ones.

    Raises: UsageError for a part that does not exist.
    """
    parts = _parts(settings)
    unknown = [name for name in names if name not in {ALL, *parts}]
    if unknown:
        raise UsageError(f"the bench has no part {', '.join(unknown)}. There are: {', '.join(parts)}, or {ALL}.")
    progress, figures = Console(stderr=True), []
    for name in tuple(parts) if ALL in names else tuple(names) or QUICK:
        progress.print(f"bench: {name} ...")
        figures += list(parts[name]())
    print_figures(figures, Console(width=110))
    path = out / f"bench-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.jsonl"
    write_figures(figures, path)
    progress.print(f"Figures: {path}", markup=False, highlight=False)
    return tuple(figures)


def _parts(settings: Settings) -> dict[str, Callable[[], Iterator[Figure]]]:
    return {
        "turns": lambda: measure_turns(settings, questions()),
        "start": lambda: _with_state(settings, measure_start),
        "indexing": lambda: measure_indexing(settings),
        "writer": lambda: measure_writer(settings),
        "faults": lambda: measure_faults(settings),
        "sessions": lambda: _with_state(settings, lambda state: measure_sessions(state, SESSION_COUNTS, questions(200))),
        "scale": lambda: measure_scale(LIBRARIES),
    }


def _with_state(settings: Settings, measure: Callable[[Path], Iterator[Figure]]) -> Iterator[Figure]:
    """Measure servers on a state folder whose index and models' graphs stand, as on every start but the first."""
    from companion.bootstrap import build

    with prepared_state() as folder:
        app = build(settings.model_copy(update={"state_dir": Path(folder)}))
        app.warm_up()
        app.parts.close()
        yield from measure(Path(folder))
