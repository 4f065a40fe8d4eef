"""Ours against the plain set-ups of `baselines.py`: on our own labelled questions, and on any folder of texts with judgements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.comparison import FIGURES, Comparison, System, compared
from evals.errors import UsageError
from evals.runner import SuiteRun
from evals.samples import RetrievalSample, Sample, Split
from evals.subject import Searcher
from evals.suites.retrieval import DEPTH, figures_of, ranking_scores
from evals.trec import Question

OURS = "Companion"


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """Name a folder of Markdown and text files, judgements in TREC form, and questions as tab-separated text."""

    folder: Path
    qrels: Path
    queries: Path

    @classmethod
    def from_options(cls, folder: Path | None, qrels: Path | None, queries: Path | None) -> OwnCorpus | None:
        """Return what was given on the command line, or None when nothing was.

        Raises: UsageError when some is missing.
        """
        if folder is None and qrels is None and queries is None:
            return None
        if folder is None or qrels is None or queries is None:
            raise UsageError("--corpus, --qrels and --queries belong together: a folder of texts, judgements in TREC form, and questions.")
        for option, path in (("--qrels", qrels), ("--queries", queries)):
            if not path.is_file():
                raise UsageError(f"{option} {path}: no such file.")
        if not folder.is_dir():
            raise UsageError(f"--corpus {folder}: no such folder. Give a folder of .md or .txt files.")
        return cls(folder, qrels, queries)


def compare_on(
    questions: Sequence[Question], searchers: Mapping[str, Searcher], name: str, on_question: Callable[[str], None] = lambda _system: None
) -> Comparison:
    """Put every question to every searcher and return them side by side; the first searcher is ours.

    on_question: called with the searcher's name after each question.
    """
    systems = []
    for system, searcher in searchers.items():
        figures = []
        for question in questions:
            figures.append(figures_of(question.grades, searcher.search(question.text, DEPTH) or ()))
            on_question(system)
        systems.append(System(system, figures))
    return compared(name, systems)


def compare_suite(
    run: SuiteRun, samples: Sequence[Sample], others: Mapping[str, Searcher], on_question: Callable[[str], None] = lambda _system: None
) -> tuple[Comparison, ...]:
    """Put the questions of a finished retrieval suite to the others, and return a comparison per split; ours is what the suite measured."""
    ours = {case.sample_id: {score.metric: score.value for score in case.scores if score.metric in FIGURES} for case in run.cases}
    comparisons = []
    for split in Split:
        asked = [sample for sample in judged_samples(samples) if sample.split is split]
        if not asked:
            continue
        systems = [System(OURS, [ours[sample.id] for sample in asked])]
        for name, searcher in others.items():
            figures = []
            for sample in asked:
                figures.append(ranking_scores(sample.relevant, searcher.search(sample.text, DEPTH, sample.history) or ()))
                on_question(name)
            systems.append(System(name, figures))
        comparisons.append(compared(split.value, systems))
    return tuple(comparisons)


def judged_samples(samples: Sequence[Sample]) -> tuple[RetrievalSample, ...]:
    """Return the samples that have a right article."""
    return tuple(sample for sample in samples if isinstance(sample, RetrievalSample) and sample.relevant)
