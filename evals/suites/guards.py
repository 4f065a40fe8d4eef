"""Is every sentence kept back that must not be shown, and every sound one let through? Sentence by sentence, beside one passage."""

from __future__ import annotations

from evals.samples import GuardSample
from evals.scores import Case, Metric
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

_METRICS = (
    Metric("caught", "Sentences that must not be shown kept back"),
    Metric("unsupported_caught", "Cited sentences that their passage does not carry kept back"),
    Metric("false_alarm", "Sound sentences kept back", higher_is_better=False),
    Metric("false_alarm_supported", "Faithful paraphrases of a passage kept back", higher_is_better=False),
)


def _ask(sample: GuardSample, subject: Subject) -> str | None:
    return subject.objection(sample.text, sample.passage, is_cited=sample.cited)


def _score(sample: GuardSample, rule: str | None, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    is_kept_back = rule is not None
    kind = sample.tags[0] if sample.tags else "other"
    if sample.allowed:
        scores = [yes_no("false_alarm", is_kept_back, f"kept back by {rule}")]
        if sample.cited:
            scores.append(yes_no("false_alarm_supported", is_kept_back, f"kept back by {rule}"))
    else:
        scores = [yes_no("caught", is_kept_back, "shown"), yes_no(f"caught.{sample.rule}", is_kept_back, "shown")]
        if sample.cited:
            scores += [yes_no("unsupported_caught", is_kept_back, "shown"), yes_no(f"unsupported_caught.{kind}", is_kept_back, "shown")]
    expected = "shown" if sample.allowed else f"kept back: {sample.rule}"
    return case_of(sample, expected, f"kept back by {rule}" if rule else "shown", scores)


SUITE = Suite("guards", GuardSample, _METRICS, _ask, _score)
