"""Does the practice room read a peer's line as a trainer would? Agreement per label, beyond chance."""

from __future__ import annotations

from companion.models_lines import LineLabel
from evals.agreement import Agreement
from evals.samples import LineSample
from evals.scores import Case, Metric, Score
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

_TITLES = {
    LineLabel.REFLECTION: "Reflections",
    LineLabel.OPEN_QUESTION: "Open questions",
    LineLabel.CLOSED_QUESTION: "Closed questions",
    LineLabel.AFFIRMATION: "Affirmations",
    LineLabel.ADVICE_EARLY: "Advice too early",
    LineLabel.MINIMISING: "Minimising",
    LineLabel.SECRECY_PROMISE: "Promises of secrecy",
    LineLabel.ASKS_PLAINLY: "Suicide asked about plainly",
    LineLabel.OTHER: "None of these",
}
_METRICS = (
    Metric("exact", "Lines with all labels right"),
    *(
        metric
        for label, title in _TITLES.items()
        for metric in (
            Metric(f"kappa_{label}", f"{title}: agreement beyond chance (Cohen's kappa)", agreement=Agreement.KAPPA),
            Metric(f"f1_{label}", f"{title}: found and right (F1)", agreement=Agreement.F1),
        )
    ),
)


def _ask(sample: LineSample, subject: Subject) -> frozenset[LineLabel] | None:
    return subject.label_line(sample.text, sample.before)


def _score(sample: LineSample, seen: frozenset[LineLabel] | None, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    found = seen or frozenset[LineLabel]()
    expected, observed = ", ".join(sorted(sample.labels)), ", ".join(sorted(found)) or "nothing"
    scores = [yes_no("exact", found == sample.labels, f"read as {observed}")]
    for label in LineLabel:
        is_there, is_seen = label in sample.labels, label in found
        for figure in Agreement:
            why = "" if is_there is is_seen else ("missed" if is_there else "seen where it is not")
            scores.append(Score(f"{figure}_{label}", float(is_there is is_seen), why, pair=(is_there, is_seen)))
    return case_of(sample, expected, observed, scores)


SUITE = Suite("training", LineSample, _METRICS, _ask, _score)
