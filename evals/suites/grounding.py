"""Does the guard tell what a passage of the library says from what it does not? Sentence by sentence, over the articles as they are shipped.

`guards` asks about all rules beside small made-up passages; this suite asks only about support, beside passages as people get them:
longer, several statements each, with figures, negations and sources.
"""

from __future__ import annotations

from evals.samples import GroundingSample
from evals.scores import Case, Metric
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

_METRICS = (
    Metric("ungrounded_caught", "Sentences that their passage does not carry kept back"),
    Metric("contradiction_caught", "Sentences that say otherwise than their passage kept back"),
    Metric("unsupported_caught", "Sentences that their passage does not speak of kept back"),
    Metric("false_refusal", "Faithful sentences kept back", higher_is_better=False),
)
_CONTRADICTS = frozenset({"contradiction", "number"})
"""Rules of the guard that say: the passage says otherwise."""


def _ask(sample: GroundingSample, subject: Subject) -> str | None:
    return subject.objection(sample.text, sample.passage, is_cited=True, heading=f"{sample.title}. {sample.section}")


def _score(sample: GroundingSample, rule: str | None, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    is_kept_back = rule is not None
    predicted = "supported" if rule is None else "contradicts" if rule in _CONTRADICTS else "unsupported"
    if sample.label == "supported":
        scores = [yes_no("false_refusal", is_kept_back, f"kept back by {rule}")]
    else:
        kind = "contradiction_caught" if sample.label == "contradicts" else "unsupported_caught"
        scores = [yes_no(name, is_kept_back, "shown") for name in ("ungrounded_caught", kind, f"{kind}.{sample.fault}")]
    expected = f"{sample.label}{f' ({sample.fault})' if sample.fault else ''}, beside {sample.doc}"
    return case_of(sample, expected, f"kept back by {rule}" if rule else "shown", scores, (sample.label, predicted))


SUITE = Suite("grounding", GroundingSample, _METRICS, _ask, _score)
