"""Is a peer group suggested that fits, none when none fits, and never one that hurts?"""

from __future__ import annotations

from companion.models import Turn
from evals.samples import GroupSample
from evals.scores import Case, Metric
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

_METRICS = (
    Metric("top_1", "First suggestion fits"),
    Metric("top_3", "One of the first 3 suggestions fits"),
    Metric("none_kept", "Nothing suggested where nothing fits"),
    Metric("embarrassing", "Messages answered with an embarrassing suggestion", higher_is_better=False),
)


def _ask(sample: GroupSample, subject: Subject) -> Turn | None:
    return subject.answer(sample.text, sample.history)


def _score(sample: GroupSample, turn: Turn | None, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    suggested = tuple(match.group.name for match in turn.groups) if turn else ()
    observed = ", ".join(suggested) or "none"
    why = f"suggested {observed}"
    if sample.groups:
        scores = [
            yes_no("top_1", bool(suggested) and suggested[0] in sample.groups, why),
            yes_no("top_3", any(name in sample.groups for name in suggested[:3]), why),
        ]
    else:
        scores = [yes_no("none_kept", not suggested, why)]
    # A full group named with its waiting list is no suggestion to join, but can hurt or puzzle as one.
    named = (*suggested, *(match.group.name for match in turn.full_groups)) if turn else ()
    painful = [name for name in named if name in sample.embarrassing]
    scores.append(yes_no("embarrassing", bool(painful), f"suggested {', '.join(painful)}"))
    return case_of(sample, " or ".join(sample.groups) or "none", observed, scores)


SUITE = Suite("groups", GroupSample, _METRICS, _ask, _score)
