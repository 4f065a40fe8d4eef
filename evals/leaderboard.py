"""`python -m evals leaderboard`: our writers beside what people would otherwise build, on the test half of the suites where all can be asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from evals.datasets_version import dataset_version
from evals.endpoints import Endpoints
from evals.plain_systems import RetrievalOnly, stock_rag, writes_at
from evals.runner import SuiteRun, Task, run_tasks
from evals.scores import Result
from evals.subject import Subject, open_subject

BOARD = Path(__file__).resolve().parent / "LEADERBOARD.md"
FIGURES: Mapping[str, tuple[str, ...]] = {
    "triage": ("at_risk_met", "at_risk_no_advice", "false_siren_ordinary"),
    "retrieval": ("recall_at_3", "ndcg_at_10", "covered_answered", "not_covered_admitted"),
    "reply": ("all_rules", "reflects", "one_way_on", "advice_cited", "nothing_invented", "no_banned_phrase", "on_topic", "must_points"),
    "honesty": ("human_answered", "question_answered", "claims"),
}
"""Suite → figures on the board: those that every system can be asked for."""
_FROM = "<!-- board -->"
_TO = "<!-- end of board -->"


def systems(endpoints: Endpoints, progress: Callable[[int, int], None]) -> Mapping[str, Subject]:
    """Return name → system. Ours comes first; the last two share nothing with ours but library, weights and model.

    Raises: CompanionError when a part cannot be loaded.
    """
    curated = open_subject(endpoints.settings(None, "curated"), progress)
    model_settings = endpoints.settings(None, "model")
    model = open_subject(model_settings, progress)
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


def board_of(measured: Mapping[str, Sequence[SuiteRun]], commit: str) -> str:
    """Return the board as Markdown: a line per figure, a column per system, each with its 95 % interval."""
    names = list(measured)
    lines = [
        f"Datasets {dataset_version()}, test half, commit {commit}, {datetime.now(UTC):%d %B %Y}. ↓: less is better.",
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


def write_board(board: str, path: Path = BOARD) -> None:
    """Put a board between its marks; the words around it stay."""
    text = path.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(_FROM)}.*?{re.escape(_TO)}", re.DOTALL)
    path.write_text(between.sub(lambda _match: f"{_FROM}\n{board}\n{_TO}", text), encoding="utf-8")


def _judged(run: SuiteRun) -> Sequence[Result]:
    return [one.result for one in run.judged if one.result.split == "test"]


def _cell(one: Result | None, n: int) -> str:
    if one is None:
        return "–"
    own_n = f", n = {one.n}" if one.n != n else ""
    return f"{one.value:.3f} ({one.interval.low:.2f}–{one.interval.high:.2f}{own_n})"
