"""Run the evals: `python -m evals [SUITE…]`. Exit 0 when every figure reaches its threshold, 1 when one does not, 2 for wrong usage."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from companion.errors import CompanionError
from evals.bench import measure
from evals.errors import UsageError
from evals.report import print_table, write_run
from evals.runner import Run, Task, commit_id, run_tasks, task_for
from evals.samples import Split
from evals.subject import Subject, eval_settings, open_subject
from evals.suites import SUITES
from evals.thresholds import Thresholds, read_thresholds

RUNS = Path(__file__).resolve().parent / "runs"
_WRITERS = ("curated", "model")
_STDERR = Console(stderr=True)

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def evals(
    suites: Annotated[list[str] | None, typer.Argument(help=f"Suites to run: {', '.join(SUITES)}. Default: all. Or bench alone.")] = None,
    split: Annotated[Split | None, typer.Option(help="Only this part. Default: both; the test part is judged.")] = None,
    knowledge: Annotated[Path | None, typer.Option(help="Another knowledge folder.")] = None,
    writer: Annotated[str, typer.Option(help="curated (offline) or model (the configured endpoint).")] = "curated",
    own_cases: Annotated[Path | None, typer.Option("--data", help="Your own cases: JSON lines for the one suite you name.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets a folder per run.")] = RUNS,
) -> None:
    """Measure Companion on labelled messages and judge the figures."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger("companion").setLevel(logging.CRITICAL)
    try:
        if suites == ["bench"]:
            measure(eval_settings(knowledge=knowledge, writer=writer))
            return
        tasks = _tasks(suites or list(SUITES), split, own_cases)
        run = _measure(tasks, knowledge, writer, own_cases)
    except CompanionError as exc:
        _STDERR.print(str(exc), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from exc
    print_table(run, Console(width=None if Console().is_terminal else 140))
    _, page = write_run(run, out / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ"))
    _STDERR.print(f"Report: {page}", markup=False, highlight=False)
    raise typer.Exit(1 if run.has_failed else 0)


def _tasks(names: list[str], split: Split | None, own_cases: Path | None) -> list[Task]:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        raise UsageError(f"no suite is called {', '.join(unknown)}. There are: {', '.join(SUITES)}.")
    if own_cases is not None and len(names) != 1:
        raise UsageError("--data needs exactly one suite, e.g. `python -m evals retrieval --data my_cases.jsonl`.")
    splits = [split.value] if split else [part.value for part in Split]
    tasks = [task_for(SUITES[name], path=own_cases, splits=splits) for name in dict.fromkeys(names)]
    empty = [task.suite.name for task in tasks if not task.samples]
    if empty:
        raise UsageError(f"{', '.join(empty)}: no samples in this split.")
    return tasks


def _measure(tasks: list[Task], knowledge: Path | None, writer: str, own_cases: Path | None) -> Run:
    if writer not in _WRITERS:
        raise UsageError(f"--writer {writer}: choose {' or '.join(_WRITERS)}.")
    settings = eval_settings(knowledge=knowledge, writer=writer)
    thresholds = read_thresholds()
    about = {"writer": writer, "commit": commit_id(), "knowledge": settings.knowledge_dir.name}
    about |= {"model": settings.openai_model} if writer == "model" else {}
    with _progress() as progress:
        loading = progress.add_task("loading", total=None)
        subject = open_subject(settings, lambda done, total: progress.update(loading, description="indexing", completed=done, total=total))
        progress.remove_task(loading)
        run = _run_with_bars(tasks, subject, thresholds, progress, about)
    return run if own_cases is None else Run(run.started, run.suites, (), {**about, "cases": own_cases.name})


def _run_with_bars(tasks: list[Task], subject: Subject, thresholds: Thresholds, progress: Progress, about: dict[str, str]) -> Run:
    bars: dict[str, TaskID] = {task.suite.name: progress.add_task(task.suite.name, total=len(task.samples)) for task in tasks}
    return run_tasks(tasks, subject, thresholds, on_case=lambda name: progress.advance(bars[name]), about=about)


def _progress() -> Progress:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_STDERR, transient=False)


if __name__ == "__main__":
    app()
