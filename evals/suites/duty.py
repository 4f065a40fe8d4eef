"""Do turns, caps and rests keep peers well without making people wait? Simulated seasons, against naive queues with the same people."""

from __future__ import annotations

from dataclasses import dataclass

from evals.duty_simulation import Outcome, Season
from evals.samples import DutySample
from evals.scores import Case, Metric, Score
from evals.subject import KnownFacts, Subject
from evals.suites.suite import Suite, case_of, yes_no

WAITS_WITHIN = 1.2
"""Issue 6: waits within 20 % of a naive matcher that keeps the same limits."""
_METRICS = (
    Metric("within_caps", "Seasons in which no peer was ever above a cap"),
    Metric("rest_kept", "Seasons in which no peer was asked within the rest after a heavy talk"),
    Metric("fairer", "Seasons in which talks are spread more evenly than first come, first served"),
    Metric("gini", "Unevenness of talks per hour on duty (Gini)", higher_is_better=False),
    Metric("gini_first_come", "The same, first come first served", higher_is_better=False, headline=False),
    Metric("waits", "Seasons in which the mean wait is within 20 % of first come, first served"),
    Metric("taken", "Requests taken within twelve hours"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Pair what came of a season with turns and first come, first served, both with caps and rests, and with no limits at all."""

    turns: Outcome
    first_come: Outcome
    no_limits: Outcome


def _ask(sample: DutySample, subject: Subject) -> Seen:
    season = Season(sample.seed, sample.peers, sample.days, sample.requests_a_day, sample.urgent_share, sample.hours_a_week)
    return Seen(*subject.seasons(season))


def _score(sample: DutySample, seen: Seen, facts: KnownFacts) -> Case:  # noqa: ARG001 - one signature for all
    turns, naive, lawless = seen.turns, seen.first_come, seen.no_limits
    ratio = turns.mean_wait / naive.mean_wait if naive.mean_wait else 1.0
    asked = turns.taken + turns.given_up
    scores = [
        yes_no("within_caps", turns.over_cap == 0, f"{turns.over_cap} times above; without limits {lawless.over_cap}"),
        yes_no("rest_kept", turns.broke_rest == 0, f"{turns.broke_rest} times; without limits {lawless.broke_rest}"),
        yes_no("fairer", turns.gini < naive.gini, f"Gini {turns.gini:.3f}, first come {naive.gini:.3f}, no limits {lawless.gini:.3f}"),
        Score("gini", turns.gini),
        Score("gini_first_come", naive.gini),
        yes_no(
            "waits",
            ratio <= WAITS_WITHIN,
            f"{turns.mean_wait:.1f} min, first come {naive.mean_wait:.1f}, no limits {lawless.mean_wait:.1f}",
        ),
        Score("taken", turns.taken / asked if asked else 1.0, f"{turns.taken} of {asked}"),
    ]
    said = f"Gini {turns.gini:.3f}, mean wait {turns.mean_wait:.1f} min, above a cap {turns.over_cap} times"
    return case_of(sample, "within caps, rested, even, not slower", said, scores)


SUITE = Suite("duty", DutySample, _METRICS, _ask, _score)
