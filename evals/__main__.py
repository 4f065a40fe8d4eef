"""Run the evals: `python -m evals [SUITE…]`. Exit 0 when every figure reaches its threshold, 1 when one does not, 2 for wrong usage."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from companion.errors import CompanionError
from companion.settings import ROOT, Settings, silence_vendors
from evals.bench import run_bench
from evals.changes import compare_runs, print_changes
from evals.comparison import Comparison, print_comparisons
from evals.endpoints import Endpoints
from evals.errors import UsageError
from evals.head_to_head import OURS, OwnCorpus, compare_on, compare_suite, judged_samples
from evals.judge import Judge, JudgeReport, as_judged, ask_judge, read_labelled, write_judged
from evals.judge import table_of as judge_table
from evals.past_runs import comparable, last_figures, past_runs, read_run
from evals.report import print_table, write_run
from evals.runner import Run, Task, commit_id, run_tasks, task_for
from evals.samples import Split
from evals.stock_presidio import Row as PresidioRow
from evals.stock_presidio import StockPresidio, compare, judge_stock, write_comparison
from evals.stock_presidio import table_of as presidio_table
from evals.subject import CompanionSubject, Searcher, Subject, eval_settings, open_subject
from evals.suites import SUITES
from evals.tables import PlainTable, print_plain
from evals.thresholds import Thresholds, read_thresholds
from evals.trec import judged_questions, read_qrels, read_queries

RUNS = Path(__file__).resolve().parent / "runs"
_STDERR = Console(stderr=True)

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def evals(  # noqa: PLR0913, PLR0917 - one parameter per option
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Suites to run: {', '.join(SUITES)}. Default: all. Or ablation; or leaderboard; or bench, alone or with its parts: "
            "turns, start, indexing, writer, sessions, scale, all."
        ),
    ] = None,
    split: Annotated[Split | None, typer.Option(help="Only this part. Default: both; the test part is judged.")] = None,
    knowledge: Annotated[Path | None, typer.Option(help="Another knowledge folder.")] = None,
    writer: Annotated[str, typer.Option(help="curated, or model: a scripted one, the configured endpoint with --live.")] = "curated",
    corpus: Annotated[
        Path | None, typer.Option(help="Retrieval only: any folder of .md or .txt files, with --qrels and --queries.")
    ] = None,
    qrels: Annotated[Path | None, typer.Option(help="Judgements in TREC form: question-id 0 document-id grade.")] = None,
    queries: Annotated[Path | None, typer.Option(help="Questions: question-id, a tab, the question.")] = None,
    own_cases: Annotated[Path | None, typer.Option("--data", help="Your own cases: JSON lines for the one suite you name.")] = None,
    compare: Annotated[Path | None, typer.Option(help="An earlier run's folder: shows what got better, worse or another answer.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets a folder per run.")] = RUNS,
    with_judge: Annotated[bool, typer.Option("--judge", help="Let a model judge labelled replies and those of the reply suite.")] = False,
    judge_runs: Annotated[int, typer.Option(help="How often the judge is asked about each reply.", min=1, max=20)] = 3,
    live: Annotated[
        bool, typer.Option("--live", help="The model writer and the judge are the configured endpoint, not a scripted one.")
    ] = False,
    rows: Annotated[
        int | None, typer.Option(help="Leaderboard only: so many test rows of each suite, drawn with a fixed seed.", min=1)
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Folder for index and models. Default: var/evals beside the program.")] = None,
    progress_to: Annotated[Path | None, typer.Option(help="File that is told how many cases are done, for a program that waits.")] = None,
) -> None:
    """Measure Companion on labelled messages and judge the figures."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger("companion").setLevel(logging.CRITICAL)
    try:
        if suites and suites[0] == "bench":
            run_bench(eval_settings(knowledge=knowledge, writer=writer), suites[1:], out)
            return
        if suites == ["ablation"]:
            _ablate(split, knowledge)
            return
        if suites == ["leaderboard"]:
            _lead(Endpoints(live), rows)
            return
        own_corpus = OwnCorpus.from_options(corpus, qrels, queries)
        if own_corpus is not None:
            _compare_on(own_corpus, suites)
            return
        if compare:
            read_run(compare)  # a wrong folder is told before a long run
        tasks = _tasks(suites or list(SUITES), split, own_cases)
        endpoints = Endpoints(live, state)
        if live and writer == "curated" and not with_judge:
            raise UsageError("--live needs something that asks a model: --writer model, --judge or both.")
        settings = endpoints.settings(knowledge, writer)
        judge = endpoints.judge(settings) if with_judge else None
        run, subject = _measure(tasks, settings, writer, own_cases, progress_to)
        judged = _judged(judge[0], judge_runs, subject, tasks) if judge else ()
    except CompanionError as exc:
        _STDERR.print(str(exc), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from exc
    opinion = judge_table(judged, f"{judge[1]}, prompt version {judge[0].prompt_version}, {judge_runs} runs") if judge else None
    page = _show(run, _Aside(_stock_presidio(run), judged, opinion), out, compare)
    _STDERR.print(f"Report: {page}", markup=False, highlight=False)
    raise typer.Exit(1 if run.has_failed else 0)


@dataclass(frozen=True, slots=True)
class _Aside:
    """Hold what stands beside the figures. stock: stock presidio on one split, None when redaction did not run. opinion: the judge's, None without one."""

    stock: tuple[str, tuple[PresidioRow, ...]] | None
    judged: tuple[JudgeReport, ...]
    opinion: PlainTable | None

    @property
    def tables(self) -> tuple[PlainTable, ...]:
        """Return what is to be shown of it."""
        stock = presidio_table(self.stock[1], self.stock[0]) if self.stock else None
        return tuple(table for table in (stock, self.opinion) if table is not None)


def _show(run: Run, aside: _Aside, out: Path, compare_with: Path | None) -> Path:
    """Print the run, write it into a new folder below `out`, and return the report's page."""
    console, folder = _stdout(), out / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    print_table(run, console, last_figures(comparable(past_runs(out), run.about, run.datasets)))
    earlier = read_run(compare_with) if compare_with else None
    _, page = write_run(run, folder, compared_with=earlier, beside=aside.tables)
    if earlier is not None:
        print_changes(compare_runs(earlier, read_run(folder)), console)
    for table in aside.tables:
        print_plain(table, console)
    if aside.stock:
        write_comparison(aside.stock[1], folder)
    if aside.opinion:
        write_judged(aside.judged, folder)
    return page


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


def _measure(
    tasks: list[Task], settings: Settings, writer: str, own_cases: Path | None, progress_to: Path | None = None
) -> tuple[Run, Subject]:
    thresholds = read_thresholds()
    about = {"writer": writer, "commit": commit_id(), "knowledge": _folder_name(settings.knowledge_dir)}
    about |= {"model": settings.openai_model} if writer == "model" else {}
    with _progress() as progress:
        loading = progress.add_task("loading", total=None)
        subject = open_subject(settings, lambda done, total: progress.update(loading, description="indexing", completed=done, total=total))
        progress.remove_task(loading)
        run = _run_with_bars(tasks, subject, thresholds, progress, about, _Told(progress_to, sum(len(task.samples) for task in tasks)))
        if isinstance(subject, CompanionSubject) and own_cases is None:  # a few cases of one's own say nothing about other set-ups
            run = replace(run, comparisons=tuple(_comparisons(run, tasks, subject, progress)))
    return (run if own_cases is None else replace(run, unmeasured=(), about={**about, "cases": own_cases.name})), subject


def _folder_name(folder: Path) -> str:
    """Return its path below the repository, else the whole one, so that two folders of one name are told apart."""
    whole = folder.resolve()
    return str(whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else whole)


def _judged(judge: Judge, runs: int, subject: Subject, tasks: list[Task]) -> tuple[JudgeReport, ...]:
    """Judge the labelled replies, and the replies to the test part of the reply suite if that ran."""
    samples = [sample for task in tasks if task.suite.name == "reply" for sample in task.samples if sample.split == Split.TEST]
    answered = [(sample, subject.answer(sample.text, sample.history)) for sample in samples]
    ours = [as_judged(sample.id, sample.text, turn.reply) for sample, turn in answered if turn is not None]
    lists = [("labelled", read_labelled()), *([("reply, test", tuple(ours))] if ours else [])]
    with _progress() as progress:
        bar = progress.add_task("judge", total=runs * sum(len(replies) for _, replies in lists))
        return tuple(ask_judge(title, judge, replies, runs, lambda: progress.advance(bar)) for title, replies in lists)


class _Told:
    """Tell a file how far the run is: `{"done": 40, "all": 900}`."""

    def __init__(self, path: Path | None, total: int) -> None:
        self._path, self._total, self._done = path, total, 0
        self.one_more(0)

    def one_more(self, count: int = 1) -> None:
        """Count a case; the file is written for every tenth, in one piece."""
        self._done += count
        if self._path is not None and (self._done % 10 == 0 or self._done == self._total):
            draft = self._path.with_suffix(".draft")
            draft.write_text(json.dumps({"done": self._done, "all": self._total}), encoding="utf-8")
            draft.replace(self._path)


def _run_with_bars(
    tasks: list[Task], subject: Subject, thresholds: Thresholds, progress: Progress, about: dict[str, str], told: _Told
) -> Run:
    bars: dict[str, TaskID] = {task.suite.name: progress.add_task(task.suite.name, total=len(task.samples)) for task in tasks}

    begun: set[str] = set()

    def on_case(name: str) -> None:
        if name not in begun and not progress.console.is_terminal:  # a file or a pipe shows no bars until the end
            progress.console.print(f"{name}: {len(next(task for task in tasks if task.suite.name == name).samples)} cases ...")
        begun.add(name)
        progress.advance(bars[name])
        told.one_more()

    return run_tasks(tasks, subject, thresholds, on_case=on_case, about=about)


def _stock_presidio(run: Run) -> tuple[str, tuple[PresidioRow, ...]] | None:
    """Return stock presidio beside the redaction suite, if that ran, and on which half: test, or dev when only that was asked for."""
    for suite_run in (one for one in run.suites if one.suite.name == "redaction"):
        split = "test" if any(case.split == "test" for case in suite_run.cases) else "dev"
        stock = [case for case in judge_stock(suite_run, StockPresidio()) if case.split == split]
        return split, compare([case for case in suite_run.cases if case.split == split], stock)
    return None


def _comparisons(run: Run, tasks: list[Task], subject: CompanionSubject, progress: Progress) -> Iterator[Comparison]:
    for suite_run, task in zip(run.suites, tasks, strict=True):
        if suite_run.suite.name == "retrieval":
            bar = progress.add_task("baselines", total=None)
            others = _baselines(subject, progress, bar)
            progress.update(bar, completed=0, total=len(others) * len(judged_samples(task.samples)))
            yield from compare_suite(suite_run, task.samples, others, partial(_advance, progress, bar))


def _baselines(subject: CompanionSubject, progress: Progress, bar: TaskID) -> Mapping[str, Searcher]:
    from evals.baselines import baselines  # after the vendors are silenced

    app = subject.app
    return baselines(
        list(app.articles.values()), app.parts.embedder(), lambda done, total: progress.update(bar, completed=done, total=total)
    )


def _compare_on(own: OwnCorpus, suites: list[str] | None) -> None:
    if suites != ["retrieval"]:
        raise UsageError("--corpus belongs to one suite: `python -m evals retrieval --corpus DIR --qrels FILE --queries FILE`.")
    read_qrels(own.qrels), read_queries(own.queries)  # a mistake in a file is told before a long build
    silence_vendors()
    from evals.baselines import baselines
    from evals.folder_search import open_folder

    with _progress() as progress:
        bar = progress.add_task("indexing", total=None)
        settings = eval_settings(knowledge=own.folder, is_loose=True)
        library, embedder, ours = open_folder(settings)
        judged = judged_questions(own.qrels, own.queries, library.articles)
        for warning in (*judged.warnings, *map(str, library.findings)):
            _STDERR.print(f"Note: {warning}", style="yellow", markup=False, highlight=False)
        searchers: dict[str, Searcher] = {OURS: ours, **baselines(library.articles, embedder)}
        progress.update(bar, description="questions", completed=0, total=len(searchers) * len(judged.questions))
        comparison = compare_on(judged.questions, searchers, own.folder.resolve().name, partial(_advance, progress, bar))
    print_comparisons("Ours beside plain set-ups on the same questions", [comparison], _stdout())


def _ablate(split: Split | None, knowledge: Path | None) -> None:
    silence_vendors()
    from evals.ablation import Ablated, ablate
    from evals.folder_search import folder_of, open_folder

    (task,) = _tasks(["retrieval"], split, None)
    with _progress() as progress:
        bar = progress.add_task("ablation", total=len(judged_samples(task.samples)))
        settings = eval_settings(knowledge=knowledge)
        library, _, folder = open_folder(settings)
        bare = folder_of([replace(article, asked_as=()) for article in library.articles], folder.searching, settings)
        ablated = Ablated({article.id: article for article in library.articles}, folder, bare)
        comparisons = ablate(task.samples, ablated, lambda: progress.advance(bar))
    print_comparisons("What each part of retrieval brings", comparisons, _stdout())


def _lead(endpoints: Endpoints, rows: int | None) -> None:
    silence_vendors()
    from evals.leaderboard import BOARD, FIGURES, LIVE, board_of, measure, sample_of, systems, write_board

    tasks = sample_of(_tasks(list(LIVE if endpoints.is_live else FIGURES), Split.TEST, None), rows)
    with _progress() as progress:
        bar = progress.add_task("systems", total=None)
        subjects = systems(endpoints, lambda done, total: progress.update(bar, completed=done, total=total))
        progress.update(bar, completed=0, total=len(subjects) * sum(len(task.samples) for task in tasks))
        board = board_of(measure(subjects, tasks, partial(_advance, progress, bar)), commit_id(), rows)
    write_board(board, is_live=endpoints.is_live)
    _STDERR.print(f"Leaderboard: {BOARD}", markup=False, highlight=False)


def _advance(progress: Progress, bar: TaskID, _system: str) -> None:
    progress.advance(bar)


def _stdout() -> Console:
    return Console(width=None if Console().is_terminal else 165)


def _progress() -> Progress:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_STDERR, transient=False)


if __name__ == "__main__":
    app()
