"""Agreement is what scikit-learn says it is, its interval covers it, and chance agreement counts for nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from evals.agreement import Agreement, agreement_of, f1_of, kappa_of
from evals.scores import Case, Metric, Score, results_of

TRUTH = [True] * 12 + [False] * 28
SAID = [True] * 9 + [False] * 3 + [True] * 2 + [False] * 26


def test_values_are_those_of_scikit_learn_and_lie_in_their_interval() -> None:
    kappa, f1 = (agreement_of(kind, TRUTH, SAID) for kind in (Agreement.KAPPA, Agreement.F1))

    assert kappa[0] == pytest.approx(cohen_kappa_score(TRUTH, SAID))
    assert f1[0] == pytest.approx(f1_score(TRUTH, SAID))
    assert kappa[1] < kappa[0] < kappa[2]
    assert f1[1] < f1[0] < f1[2]


@pytest.mark.parametrize("counts", [(26, 2, 3, 9), (30, 0, 0, 10), (10, 10, 10, 10), (1, 20, 5, 0)])
def test_the_quick_figures_inside_the_bootstrap_are_the_same(counts: tuple[int, int, int, int]) -> None:
    truth = [False] * (counts[0] + counts[1]) + [True] * (counts[2] + counts[3])
    said = [False] * counts[0] + [True] * counts[1] + [False] * counts[2] + [True] * counts[3]
    as_arrays = tuple(np.asarray(count, dtype=float) for count in counts)

    assert float(kappa_of(as_arrays)) == pytest.approx(cohen_kappa_score(truth, said))
    assert float(f1_of(as_arrays)) == pytest.approx(f1_score(truth, said))


def test_a_judge_who_always_says_no_agrees_at_chance_only() -> None:
    assert agreement_of(Agreement.KAPPA, TRUTH, [False] * 40)[0] == 0
    assert agreement_of(Agreement.F1, TRUTH, [False] * 40)[0] == 0


def test_where_nobody_ever_says_yes_agreement_is_whole_and_nothing_is_known_of_it() -> None:
    assert agreement_of(Agreement.KAPPA, [False] * 5, [False] * 5) == (1.0, 0.0, 1.0)


def test_a_metric_of_agreement_takes_the_pairs_of_its_scores_and_names_where_judges_differ() -> None:
    cases = [
        Case(str(n), "test", "", "", "", (Score("k", float(t is s), pair=(t, s)),))
        for n, (t, s) in enumerate(zip(TRUTH, SAID, strict=True))
    ]

    (result,) = results_of("suite", (Metric("k", "K", agreement=Agreement.KAPPA),), cases, "test")

    assert result.value == pytest.approx(cohen_kappa_score(TRUTH, SAID))
    assert result.failing == ("9", "10", "11", "12", "13")
