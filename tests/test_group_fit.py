"""The signs that a group fits: how near it is, its lead, shared topics, telling words, what was said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.group_fit import FitWeights, TellingWords, ToldApart, chance, lead, nearness, shared


@pytest.mark.parametrize(
    ("sayings", "near"),
    [
        ([], 0.49),  # the description alone, which is further away than sayings are
        ([0.9], 0.9),
        ([0.1, 0.9, 0.2, 0.2], 0.9),  # a quarter of four
        ([0.8, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 0.7),  # a quarter of eight
        ([0.8] * 4 + [0.0] * 36, 0.8),  # four at most
    ],
)
def test_near_is_the_mean_of_the_closest_sayings(sayings: list[float], near: float) -> None:
    assert nearness(np.array([0.3]), np.array(sayings), [len(sayings)]).tolist() == pytest.approx([near])


def test_each_group_has_its_own_sayings() -> None:
    assert nearness(np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.6]), [1, 0, 1]).tolist() == pytest.approx([0.5, 0.39, 0.6])


@pytest.mark.parametrize(
    ("near", "counts", "leads"),
    [
        ([0.6, 0.4, 0.1], [True, True, True], [0.2, -0.2, -0.5]),
        ([0.6, 0.4, 0.1], [False, True, True], [0.2, 0.3, -0.3]),  # of another language: nobody's rival
        ([0.6], [True], [0.0]),
        ([0.5, 0.5], [True, True], [0.0, 0.0]),
    ],
)
def test_the_lead_is_over_the_nearest_other_group(near: list[float], counts: list[bool], leads: list[float]) -> None:
    assert lead(np.array(near), counts).tolist() == pytest.approx(leads)


@pytest.mark.parametrize(
    ("topics", "share"),
    [((), 0.0), (("grief",), 0.0), (("sleep",), 1.0), (("grief", "sleep"), 0.5), (("sleep", "shift_work"), 1.0)],
)
def test_the_main_topic_counts_most(topics: tuple[str, ...], share: float) -> None:
    assert shared(topics, ("shift_work", "sleep")) == share


def test_a_word_of_one_group_tells_for_it_and_a_word_of_all_tells_nothing() -> None:
    telling = TellingWords([[{"night", "work"}, {"nights", "work"}], [{"baby", "work"}, {"baby", "work"}]])

    night, work, unknown = (telling.weigh({word}).tolist() for word in ("night", "work", "xyz"))

    assert night[0] > 0.3 > 0 > night[1]
    assert work == pytest.approx([0.0, 0.0])
    assert unknown == [0.0, 0.0]


def test_one_word_cannot_decide_alone() -> None:
    telling = TellingWords([[{"night"}] * 200, [{"baby"}] * 200])

    assert telling.weigh({"night"}).tolist() == [3.0, -0.5]


def near_to(axis: int, rows: int, seed: int) -> NDArray[np.float32]:
    """Return unit vectors around one axis of eight."""
    vectors = np.random.default_rng(seed).normal(0, 0.25, (rows, 8)).astype(np.float32)
    vectors[:, axis] += 1.0
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class TestToldApart:
    def test_a_message_belongs_to_the_group_whose_sayings_lie_in_its_direction(self) -> None:
        sayings = np.concatenate([near_to(0, 40, 1), near_to(1, 40, 2), near_to(2, 40, 3)])
        apart = ToldApart(np.eye(8, dtype=np.float32)[:3], sayings, [40, 40, 40])

        found = apart.weigh(near_to(1, 1, 9)[0], [True, True, True])

        assert found.argmax() == 1
        assert found.max() <= 0.0
        assert found.min() >= -6.0

    def test_groups_of_which_little_was_written_are_told_apart_with_care(self) -> None:
        about = near_to(0, 3, 4)  # three descriptions that are nearly the same
        few = ToldApart(about, np.zeros((0, 8), np.float32), [0, 0, 0]).weigh(about[0], [True, True, True])

        assert few.max() - few.min() < 0.5

    def test_a_group_of_another_language_is_as_likely_as_the_average(self) -> None:
        sayings = np.concatenate([near_to(0, 40, 1), near_to(1, 40, 2), near_to(2, 40, 3)])
        apart = ToldApart(np.eye(8, dtype=np.float32)[:3], sayings, [40, 40, 40])

        assert apart.weigh(near_to(2, 1, 9)[0], [True, True, False])[2] == pytest.approx(-math.log(2))

    @pytest.mark.parametrize("sizes", [[], [3]])
    def test_one_group_or_none_needs_no_telling_apart(self, sizes: list[int]) -> None:
        about = np.eye(8, dtype=np.float32)[: len(sizes)]
        apart = ToldApart(about, near_to(0, sum(sizes), 1), sizes)

        assert apart.weigh(near_to(0, 1, 2)[0], [True] * len(sizes)).tolist() == [0.0] * len(sizes)


def test_each_sign_raises_the_chance_and_what_is_not_as_wished_lowers_it() -> None:
    weights = FitWeights(base=-1.2, near=1.0, lead=1.0, apart=1.0, topics=1.0, words=1.0, spoken=1.0, named=1.0)
    signs = dict.fromkeys(("near", "lead", "apart", "topics", "words", "spoken"), 0.2) | {"named": 0.0}

    assert chance(signs, weights) == 0.5
    assert all(chance(signs | {name: 0.3}, weights) > 0.5 for name in signs)
    assert chance(signs | {"near": 0.3}, weights) > 0.5 > chance(signs, weights, less=0.1)
    assert 0.0 < chance(signs, weights, less=1e9) < chance(signs | {"words": 1e9}, weights) < 1.0
