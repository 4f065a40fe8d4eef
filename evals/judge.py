"""Ask a language model whether replies keep the rules, several times, and say how far it can be believed.

A judge is a second opinion and never a gate: no figure of it reaches `thresholds.toml`, and none changes the exit code. Beside every figure
stand the spread over its runs and its agreement with labels made by the authors (`datasets/judge_labels.jsonl`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langchain_core.exceptions import LangChainException
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import OpenAIError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from sklearn.metrics import cohen_kappa_score

from companion.models import Reply
from companion.prompts import Prompt
from evals.errors import DatasetError
from evals.samples import DATASETS
from evals.scores import Interval, interval_of
from evals.tables import PlainTable

LABELS = DATASETS / "judge_labels.jsonl"
CRITERIA: Mapping[str, str] = {
    "reflects": "Opens with one line that mirrors the message",
    "grounded": "Says only what its passages say",
    "kind": "No blame, empty comfort or claim to feel",
    "one_way_on": "Closes with one question or offer",
    "fits": "Answers this message",
}
"""Criterion → what it asks, in the order of `prompts/judge.md`."""
_HEAD = ("replies", "asks", "n", "yes, 95 % interval", "lowest to highest run", "runs differ", "agrees with labels", "kappa")
_AT_ONCE = 4
"""Requests at the same time, few enough for a server at home. Chosen by us."""
_PATIENCE_S = 60.0
_OBJECT = re.compile(r"\{[^{}]*\}")


class Verdict(BaseModel):
    """Hold five answers about a reply; true is good."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    reflects: bool
    grounded: bool
    kind: bool
    one_way_on: bool
    fits: bool


class JudgedReply(BaseModel):
    """Hold a reply and what it may rest on. labels: what a careful reader answers, for the labelled ones. author: who wrote and labelled it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    message: str = Field(min_length=1)
    passages: tuple[str, ...] = ()
    reply: str = Field(min_length=1)
    labels: Verdict | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class JudgeFigure:
    """Hold what k runs say about one criterion.

    n: replies that at least one run could be read for. value: share of them that most runs answered with yes. lowest, highest: the share in
    the strictest and the mildest run. unsettled: share of the replies on which the runs differ. agreement: share of the labelled replies for
    which most runs say what the label says, None without labels. kappa: Cohen's, -1 to 1; None when one of the two never varies.
    """

    criterion: str
    n: int
    value: float
    interval: Interval
    lowest: float
    highest: float
    unsettled: float
    agreement: float | None = None
    agreement_interval: Interval | None = None
    kappa: float | None = None


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """Hold all figures of a judge over one list of replies. unreadable: answers, of `asked`, that were no verdict."""

    title: str
    runs: int
    asked: int
    unreadable: int
    figures: tuple[JudgeFigure, ...]


class Judge:
    """Put replies to an OpenAI-compatible endpoint with `prompts/judge.md`."""

    def __init__(self, prompt: Prompt, base_url: str | None, api_key: SecretStr | None, model: str) -> None:
        self.prompt_version = prompt.version
        self._sections = prompt.sections
        self._model = ChatOpenAI(
            model=model,
            base_url=base_url,
            api_key=api_key or SecretStr("none"),
            timeout=_PATIENCE_S,
            max_retries=1,
            temperature=0.3,
            streaming=True,
            stream_usage=False,
            use_responses_api=False,
        )

    def verdict(self, judged: JudgedReply) -> Verdict | None:
        """Return the verdict on one reply, or None when the endpoint fails or answers with something else."""
        filled = {"message": judged.message, "passages": "\n".join(judged.passages) or "(none)", "reply": judged.reply}
        case = re.sub(r"\{(message|passages|reply)\}", lambda gap: filled[gap[1]], self._sections["case"])
        try:
            said = self._model.invoke([SystemMessage(self._sections["system"]), HumanMessage(case)])
        except (OpenAIError, LangChainException, OSError, ValueError):
            return None
        return read_verdict(str(said.text))


def read_verdict(text: str) -> Verdict | None:
    """Return the first whole verdict in an answer, or None; models like to wrap it in talk."""
    for found in _OBJECT.finditer(text):
        try:
            return Verdict.model_validate(json.loads(found[0]))
        except (ValidationError, ValueError):
            continue
    return None


def read_labelled(path: Path = LABELS) -> tuple[JudgedReply, ...]:
    """Return the labelled replies.

    Raises: DatasetError when the file cannot be read or a row has no labels.
    """
    try:
        rows = tuple(JudgedReply.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, ValidationError) as exc:
        raise DatasetError(f"{path}: {exc}. Compare with the version in the repository.") from exc
    if not rows or any(row.labels is None for row in rows):
        raise DatasetError(f"{path}: every row needs labels for {', '.join(CRITERIA)}.")
    return rows


def as_judged(sample_id: str, message: str, reply: Reply) -> JudgedReply:
    """Return a reply of Companion with the passages that it cites, numbered as its marks are."""
    passages = tuple(f"[{one.number}] {one.passage.title}. {one.passage.section}: {one.passage.text}" for one in reply.citations)
    return JudgedReply(id=sample_id, message=message, passages=passages, reply=reply.text)


def ask_judge(
    title: str, judge: Judge, replies: Sequence[JudgedReply], runs: int, on_answer: Callable[[], None] = lambda: None
) -> JudgeReport:
    """Put every reply to the judge `runs` times. on_answer: called after each answer."""

    def ask(judged: JudgedReply) -> Verdict | None:
        verdict = judge.verdict(judged)
        on_answer()
        return verdict

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        rounds = [tuple(pool.map(ask, replies)) for _ in range(runs)]
    unreadable = sum(verdict is None for one in rounds for verdict in one)
    figures = tuple(figure for name in CRITERIA if (figure := _figure(name, replies, rounds)) is not None)
    return JudgeReport(title, runs, runs * len(replies), unreadable, figures)


def _figure(name: str, replies: Sequence[JudgedReply], rounds: Sequence[Sequence[Verdict | None]]) -> JudgeFigure | None:
    answers = [[bool(getattr(one, name)) for one in column if one is not None] for column in zip(*rounds, strict=True)]
    read = [(judged, given) for judged, given in zip(replies, answers, strict=True) if given]
    if not read:
        return None
    said = [sum(given) * 2 > len(given) for _, given in read]
    shares = [float(np.mean(values)) for one in rounds if (values := [getattr(v, name) for v in one if v is not None])]
    labelled = [(bool(getattr(judged.labels, name)), yes) for (judged, _), yes in zip(read, said, strict=True) if judged.labels is not None]
    same = [float(label == yes) for label, yes in labelled]
    return JudgeFigure(
        name,
        len(read),
        float(np.mean(said)),
        interval_of([float(yes) for yes in said]),
        min(shares),
        max(shares),
        float(np.mean([len(set(given)) > 1 for _, given in read])),
        float(np.mean(same)) if same else None,
        interval_of(same) if same else None,
        _kappa(labelled),
    )


def _kappa(labelled: Sequence[tuple[bool, bool]]) -> float | None:
    labels, said = [label for label, _ in labelled], [yes for _, yes in labelled]
    if len(set(labels)) < 2 or len(set(said)) < 2:
        return None
    return float(cohen_kappa_score(labels, said))


def table_of(reports: Sequence[JudgeReport], who: str) -> PlainTable:
    """Return the figures of a judge as a table. who: which model judged, and by which version of the prompt."""
    lines = []
    for report in reports:
        for one in report.figures:
            agreement = _with_interval(one.agreement, one.agreement_interval)
            spread = f"{one.lowest:.3f} to {one.highest:.3f}"
            kappa = "–" if one.kappa is None else f"{one.kappa:.2f}"
            value = _with_interval(one.value, one.interval)
            lines.append((report.title, CRITERIA[one.criterion], str(one.n), value, spread, f"{one.unsettled:.3f}", agreement, kappa))
    notes = tuple(
        f"{report.title}: {report.unreadable} of {report.asked} answers were no verdict and count for nothing."
        for report in reports
        if report.unreadable
    )
    return PlainTable(f"What a judge says ({who}); a second opinion, never a gate", _HEAD, tuple(lines), words=2, notes=notes)


def rows_of(reports: Sequence[JudgeReport]) -> Iterator[dict[str, object]]:
    """Yield the figures as rows of JSON."""
    for report in reports:
        for one in report.figures:
            spread = {"lowest": round(one.lowest, 4), "highest": round(one.highest, 4), "unsettled": round(one.unsettled, 4)}
            known = {"agreement": one.agreement, "kappa": one.kappa}
            rounded = {name: round(value, 4) for name, value in known.items() if value is not None}
            about = {"kind": "judge", "replies": report.title, "criterion": one.criterion, "runs": report.runs, "n": one.n}
            yield about | {"value": round(one.value, 4), "low": one.interval.low, "high": one.interval.high} | spread | rounded


def write_judged(reports: Sequence[JudgeReport], folder: Path) -> None:
    """Write the figures to `judge.jsonl` in the folder of a run."""
    (folder / "judge.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows_of(reports)), encoding="utf-8")


def _with_interval(value: float | None, interval: Interval | None) -> str:
    return "–" if value is None or interval is None else f"{value:.3f} ({interval.low:.3f} to {interval.high:.3f})"
