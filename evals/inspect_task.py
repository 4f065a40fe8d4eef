"""The suites as a task of Inspect, for people who work with its log viewer.

    inspect eval evals/inspect_task.py --model mockllm/model -T suite=triage
    inspect eval evals/inspect_task.py --model openai/NAME -T suite=reply -T asks=model
    inspect view

Samples, questions and scorers are those of `python -m evals`; only the running and the log are Inspect's. Needs the extra `inspect`.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import numpy as np
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, ModelOutput
from inspect_ai.scorer import CORRECT, INCORRECT, Metric, SampleScore, Score, Scorer, Target, accuracy, metric, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from companion.models import Turn
from evals.errors import UsageError
from evals.plain_systems import StockRag, Unprotected, stock_messages, stock_rag, turn_of
from evals.scores import Case, metric_named
from evals.subject import CompanionSubject, Subject, eval_settings, open_subject
from evals.suites import SUITES

ASKS = ("companion", "model")
_ROLES = {"system": ChatMessageSystem, "human": ChatMessageUser, "ai": ChatMessageAssistant}
_OF_A_TURN = frozenset({"triage", "groups", "reply", "honesty"})
"""Suites that look at one answer, so that a model of Inspect can give it."""


@task
def companion(suite: str = "reply", split: str = "dev", asks: str = "companion") -> Task:
    """Put one suite to Companion's curated writer, or to the model that Inspect was started with.

    suite: a name of `python -m evals`. split: dev or test. asks: `companion`, which asks no model, or `model`: stock RAG over the same library.

    Raises: UsageError when there is no such suite, or the suite asks more than a model can answer.
    """
    if suite not in SUITES or asks not in ASKS:
        raise UsageError(f"suite={suite}, asks={asks}: suites are {', '.join(SUITES)}; asks is {' or '.join(ASKS)}.")
    if asks == "model" and suite not in _OF_A_TURN:
        raise UsageError(f"suite={suite}: a model alone can be asked {', '.join(sorted(_OF_A_TURN))}.")
    rows = [row for row in SUITES[suite].samples() if row.split == split]
    samples = [Sample(input=" ⏎ ".join((*row.history, row.text)), id=row.id, metadata={"row": row.model_dump_json()}) for row in rows]
    return Task(
        dataset=MemoryDataset(samples, name=f"{suite}-{split}"),
        solver=answer_of_companion(suite) if asks == "companion" else answer_of_the_model(suite),
        scorer=as_the_suite_says(),
        name=f"companion_{suite}_{asks}",
    )


@solver
def answer_of_companion(suite: str) -> Solver:
    """Ask Companion and judge its answer; the model of Inspect is not called."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001
        case = await asyncio.to_thread(_judged, suite, state, _subject())
        return _noted(state, suite, case)

    return solve


@solver
def answer_of_the_model(suite: str) -> Solver:
    """Give the model the chunks that a stock set-up finds, and judge its words as they come."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        row = _row(suite, state)
        passages = await asyncio.to_thread(_stock().context, row.text)
        asked = stock_messages(row.text, row.history, passages)
        state.messages = [_ROLES[message.type](content=str(message.content)) for message in asked]
        state = await generate(state)
        said = turn_of(row.text, state.output.completion, passages)
        case = await asyncio.to_thread(_judged, suite, state, _Said(said))
        return _noted(state, suite, case)

    return solve


@metric
def figures_of_the_suite() -> Metric:
    """Return the same figures as `python -m evals`, by name."""

    def figures(scores: list[SampleScore]) -> dict[str, float]:
        values: dict[str, list[float]] = {}
        for one in (each for sample in scores for each in (sample.score.metadata or {})["scores"]):
            values.setdefault(one["metric"], []).append(one["value"])
        return {name: float(np.mean(found)) for name, found in values.items()}

    return figures


@scorer(metrics=[accuracy(), stderr(), figures_of_the_suite()])
def as_the_suite_says() -> Scorer:
    """Score a sample as correct when every score of its suite is perfect, and name those that are not."""

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
        kept = state.metadata["case"]
        missed = [f"{one['metric']}: {one['explanation']}" for one in kept["scores"] if not one["is_perfect"]]
        value = INCORRECT if missed else CORRECT
        return Score(value=value, answer=kept["observed"], explanation="\n".join(missed) or "as expected", metadata=kept)

    return score


class _Said(Unprotected):
    """Answer with one turn that is there already."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(_subject().known_facts())
        self._turn = turn

    def search(self, text: str, k: int, history: Any = ()) -> tuple[str, ...] | None:  # noqa: ARG002
        return tuple(dict.fromkeys(passage.doc for passage in self._turn.passages))[:k]

    def answer(self, text: str, history: Any) -> Turn | None:  # noqa: ARG002
        return self._turn


@cache
def _subject() -> CompanionSubject:
    return open_subject(eval_settings(), lambda _done, _all: None)


@cache
def _stock() -> StockRag:
    return stock_rag(_subject(), lambda _messages: "")


def _row(suite: str, state: TaskState) -> Any:
    return SUITES[suite].row_type.model_validate_json(state.metadata["row"])


def _judged(suite: str, state: TaskState, subject: Subject) -> Case:
    return SUITES[suite].judge(_row(suite, state), subject, subject.known_facts())


def _noted(state: TaskState, suite: str, case: Case) -> TaskState:
    declared = {one.name: one for one in SUITES[suite].metrics}
    scores = [
        {
            "metric": one.metric,
            "value": one.value,
            "explanation": one.explanation,
            "is_perfect": one.value == (1.0 if metric_named(one.metric, declared).higher_is_better else 0.0),
        }
        for one in case.scores
    ]
    state.metadata["case"] = {"expected": case.expected, "observed": case.observed, "scores": scores}
    state.output = state.output if state.output.completion else ModelOutput.from_content("companion", case.observed)
    return state
