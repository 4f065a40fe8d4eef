"""What a suite is: a dataset, a question to the subject, and a scorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from evals.samples import DATASETS, Sample, read_samples
from evals.scores import Case, Metric, Score
from evals.subject import KnownFacts, Subject

S = TypeVar("S", bound=Sample)
O = TypeVar("O")  # noqa: E741 - an observation; the letter is never a variable


@dataclass(frozen=True, slots=True)
class Suite(Generic[S, O]):
    """Declare one suite.

    name: also the name of its dataset. ask: puts one sample to the subject and returns what was seen. score: judges what was seen.
    """

    name: str
    row_type: type[S]
    metrics: tuple[Metric, ...]
    ask: Callable[[S, Subject], O]
    score: Callable[[S, O, KnownFacts], Case]

    @property
    def dataset(self) -> Path:
        """Name the file of its samples."""
        return DATASETS / f"{self.name}.jsonl"

    def samples(self, path: Path | None = None) -> tuple[S, ...]:
        """Return the samples of the suite's own dataset, or of another file with rows of the same shape.

        Raises: DatasetError.
        """
        return read_samples(path or self.dataset, self.row_type)

    def judge(self, sample: S, subject: Subject, facts: KnownFacts) -> Case:
        """Put one sample to the subject and judge the answer."""
        return self.score(sample, self.ask(sample, subject), facts)


def yes_no(metric: str, is_right: bool, explanation: str = "") -> Score:
    """Return a score of 1 or 0."""
    return Score(metric, 1.0 if is_right else 0.0, explanation)


def case_of(sample: Sample, expected: str, observed: str, scores: list[Score], classes: tuple[str, str] | None = None) -> Case:
    """Return the case of a sample with its scores. classes: label and prediction, for suites that classify."""
    label, predicted = classes or (None, None)
    return Case(sample.id, sample.split.value, _shown(sample), expected, observed, tuple(scores), sample.tags, label, predicted)


def _shown(sample: Sample) -> str:
    return " ⏎ ".join((*sample.history, sample.text))
