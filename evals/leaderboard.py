"""`python -m evals leaderboard`: our writers beside what people would otherwise build, on the test half of the suites where all can be asked."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from companion.prompts import load_prompt
from evals.datasets_version import dataset_version
from evals.endpoints import Endpoints
from evals.plain_systems import RetrievalOnly, stock_rag, writes_at
from evals.runner import SuiteRun, Task, run_tasks
from evals.scores import Result
from evals.subject import CompanionSubject, Subject, open_subject

BOARD = Path(__file__).resolve().parent / "LEADERBOARD.md"
FIGURES: Mapping[str, tuple[str, ...]] = {
    "triage": ("at_risk_met", "at_risk_no_advice", "false_siren_ordinary"),
    "retrieval": ("recall_at_3", "ndcg_at_10", "covered_answered", "not_covered_admitted"),
    "reply": (
        "all_rules",
        "reflects",
        "one_way_on",
        "advice_cited",
        "nothing_invented",
        "no_banned_phrase",
        "on_topic",
        "must_points",
        "by_model",
    ),
    "honesty": ("human_answered", "question_answered", "claims"),
}
"""Suite → figures on the board: those that every system can be asked for."""
LIVE = ("reply", "honesty")
"""Suites that a true model is asked: those whose figures hang on its words."""
_SEED = 7
_PATIENCE_S = 300.0
_FROM, _FROM_LIVE = "<!-- board -->", "<!-- board of a true model -->"
_TO = "<!-- end of board -->"


def systems(endpoints: Endpoints, progress: Callable[[int, int], None]) -> Mapping[str, Subject]:
    """Return name → system. Ours comes first; the last two share nothing with ours but library, weights and model.

    Raises: CompanionError when a part cannot be loaded.
    """
    curated = open_subject(endpoints.settings(None, "curated"), progress)
    model_settings = endpoints.settings(None, "model")
    model = _patient(open_subject(model_settings, progress))
    who = model_settings.openai_model
    write = writes_at(model_settings.openai_base_url or "", who, model_settings.openai_api_key)
    return {
        "Companion, curated writer": curated,
        f"Companion, model writer ({who})": model,
        f"LangChain RAG ({who})": stock_rag(curated, write),
        "Companion's retrieval alone": RetrievalOnly(curated),
    }


def measure(subjects: Mapping[str, Subject], tasks: Sequence[Task], on_case: Callable[[str], None]) -> Mapping[str, tuple[SuiteRun, ...]]:
    """Return system → its suites. on_case: called with the system's name after each case."""

    def run(name: str, subject: Subject) -> tuple[SuiteRun, ...]:
        return run_tasks(tasks, subject, {}, on_case=lambda _suite: on_case(name)).suites

    return {name: run(name, subject) for name, subject in subjects.items()}


def _patient(subject: CompanionSubject) -> CompanionSubject:
    """Let a Companion wait for its model as long as stock set-ups do, so that the board tells of words and not of the speed of a machine."""
    from companion.adapters.openai_writer import OpenAIWriter  # langchain takes a second to import
    from companion.bootstrap import endpoint_of
    from companion.live_parts import Once

    settings = subject.app.settings
    endpoint = replace(endpoint_of(settings), first_token_s=_PATIENCE_S, first_sentence_s=_PATIENCE_S, total_s=_PATIENCE_S)
    subject.app.parts.once_model_writer = Once(lambda: OpenAIWriter(endpoint, load_prompt(settings.prompts_dir, "reply")))
    return subject


def sample_of(tasks: Sequence[Task], rows: int | None) -> tuple[Task, ...]:
    """Return the tasks with at most so many rows each, drawn with a fixed seed, the same for every system; None takes all."""
    if rows is None:
        return tuple(tasks)
    drawn = [random.Random(_SEED).sample(task.samples, min(rows, len(task.samples))) for task in tasks]  # noqa: S311 - no secret
    return tuple(replace(task, samples=tuple(samples)) for task, samples in zip(tasks, drawn, strict=True))


def board_of(measured: Mapping[str, Sequence[SuiteRun]], commit: str, rows: int | None = None) -> str:
    """Return the board as Markdown: a line per figure, a column per system, each with its 95 % interval. rows: drawn per suite, None for all."""
    names = list(measured)
    which = "test half" if rows is None else f"at most {rows} rows a suite of the test half, drawn with seed {_SEED}"
    lines = [
        f"Datasets {dataset_version()}, {which}, commit {commit}, {datetime.now(UTC):%d %B %Y}. ↓: less is better.",
        "",
        f"| suite | figure | n | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    results = {name: {(r.suite, r.metric.name): r for suite in runs for r in _judged(suite)} for name, runs in measured.items()}
    for suite, figures in FIGURES.items():
        for figure in figures:
            found = [results[name].get((suite, figure)) for name in names]
            known = next((one for one in found if one is not None), None)
            if known is not None:
                arrow = "" if known.metric.higher_is_better else " ↓"
                cells = " | ".join(_cell(one, known.n) for one in found)
                lines.append(f"| {suite} | {known.metric.title}{arrow} | {known.n} | {cells} |")
    return "\n".join(lines)


def write_board(board: str, path: Path = BOARD, *, is_live: bool = False) -> None:
    """Put a board between its marks; the words around it stay, and so does the other board."""
    text, start = path.read_text(encoding="utf-8"), _FROM_LIVE if is_live else _FROM
    between = re.compile(f"{re.escape(start)}.*?{re.escape(_TO)}", re.DOTALL)
    path.write_text(between.sub(lambda _match: f"{start}\n{board}\n{_TO}", text), encoding="utf-8")


def _judged(run: SuiteRun) -> Sequence[Result]:
    return [one.result for one in run.judged if one.result.split == "test"]


def _cell(one: Result | None, n: int) -> str:
    if one is None:
        return "–"
    own_n = f", n = {one.n}" if one.n != n else ""
    return f"{one.value:.3f} ({one.interval.low:.2f}–{one.interval.high:.2f}{own_n})"
