"""Weigh how likely a peer group fits a message, from seven signs that need nothing but what a coordinator wrote about the group.

    log odds = base + near · cosine + lead · (cosine − the nearest other group's) + apart · told apart + topics · shared + words · telling
             + spoken · was said + named · a role, goal or project was spoken of

Nothing here knows the shipped groups: the weights were learned from messages in which the sayings that are closest had been left out, so that they
hold for other groups as well. `tools/train_matching.py` fits them by logistic regression and prints them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.float64]
"""One number per group."""

_MOST_SAYINGS = 4
_SAYINGS_PER_NEAR = 4
"""Near is the mean over the closest quarter of a group's sayings, four at most: one alone may resemble by chance. Chosen by us on the dev rows."""
_UNSAID = 0.19
"""A description is so much further from a message than the closest sayings, on 384 messages of an author aside: .234 and .437 where the group fits,
.089 and .268 where it does not. Without it a group of which nobody wrote sayings would never be found."""
_SHRUNK = 0.3
"""Of the mean variance is added to each direction before groups are told apart: there are fewer sayings than directions. Of .3, 1 and 3 the first
put most of 406 messages, from which no saying was made, to their group."""
_OWN_TEXTS = 10.0
"""So many texts the mean of all groups counts beside a group's own, so that a group of which little was written is told apart with care. Chosen by us."""
_USUAL_SPREAD = 0.74
"""Sum of the variances of a group's texts around their mean, in vectors of length 1, measured on the shipped groups; it stands in for one that too few
texts show."""
_LEAST_APART = -6.0
"""What is less likely than this, in logarithms, is as good as ruled out. Chosen by us."""
_STEM = 5
"""Words are compared by so many letters, so that an ending does not matter in any language. Chosen by us."""
_SMOOTH = 2.5
"""So many texts in which a word is as usual as everywhere are added to each side, so that a seldom word says little. Chosen by us."""
_LEAST_WORD, _MOST_WORD = -0.5, 3.0
"""What one word can take off and add, in log odds: rare words are written by chance. Chosen by us."""


@dataclass(frozen=True, slots=True)
class FitWeights:
    """Hold what each sign adds to the log odds that a group fits; base is what every group begins with."""

    base: float
    near: float
    lead: float
    apart: float
    topics: float
    words: float
    spoken: float
    named: float


LEARNED = FitWeights(base=-5.31, near=7.69, lead=10.05, apart=0.30, topics=0.97, words=0.24, spoken=0.87, named=0.65)
"""Printed by `tools/train_matching.py`, 27 November 2026, from tools/matching_messages.yaml, the sayings of knowledge/groups.yaml, each held out in
its turn, and the messages outside the library in evals/datasets/retrieval.jsonl, dev. Held out eight times over, at a threshold of .3, of 386 written
messages .728 find their group among at most three and .814 of 376 that no group fits are left alone; without `apart`, .689 and .819."""


class TellingWords:
    """Know how much more often each word is used by people who ask for one group than by those who ask for the others."""

    def __init__(self, texts: Sequence[Sequence[Collection[str]]]) -> None:
        """Count. texts: per group the words of each of its texts."""
        counts = [Counter(stem for words in own for stem in _stems(words)) for own in texts]
        sizes = np.array([max(len(own), 1) for own in texts], dtype=np.float64)
        total, n_texts = Counter[str](), sizes.sum()
        for own in counts:
            total.update(own)
        self._none = np.zeros(len(texts))
        self._telling: dict[str, Signs] = {}
        for stem, everywhere in total.items():
            here = np.array([own[stem] for own in counts], dtype=np.float64)
            usual = _SMOOTH * (everywhere + 0.5) / n_texts
            inside, outside = (here + usual) / (sizes + _SMOOTH), (everywhere - here + usual) / (n_texts - sizes + _SMOOTH)
            self._telling[stem] = np.clip(np.log(inside / outside), _LEAST_WORD, _MOST_WORD)

    def weigh(self, words: Collection[str]) -> Signs:
        """Return per group the sum of what the words tell, in log odds; words that nobody used tell nothing."""
        return sum((self._telling[stem] for stem in _stems(words) if stem in self._telling), start=self._none)


class ToldApart:
    """Know in which directions of meaning the groups' sayings differ: linear discriminant analysis (Fisher, "The use of multiple measurements in
    taxonomic problems", 1936), which the distance to the closest sayings does not see."""

    def __init__(self, about: NDArray[np.float32], sayings: NDArray[np.float32], sizes: Sequence[int]) -> None:
        """Learn. about: float32, (n_groups, dim), of the descriptions. sayings: (n_sayings, dim), group after group. sizes: how many each has."""
        self._weights, self._biases = np.zeros((len(sizes), about.shape[-1] if len(sizes) else 0)), np.zeros(len(sizes))
        if len(sizes) < 2:  # nothing to tell apart
            return
        rows = np.concatenate([about, sayings]).astype(np.float64)
        groups = np.concatenate([np.arange(len(sizes)), np.repeat(np.arange(len(sizes)), sizes)])
        everywhere, own = rows.mean(axis=0), np.bincount(groups)
        means = np.array(
            [(rows[groups == row].sum(axis=0) + _OWN_TEXTS * everywhere) / (own[row] + _OWN_TEXTS) for row in range(len(sizes))]
        )
        spread = (rows - means[groups]).T @ (rows - means[groups]) / len(rows)
        seen = float(np.trace(spread))
        shrunk = (_SHRUNK * seen + max(0.0, _USUAL_SPREAD - seen)) / len(spread) * np.eye(len(spread))
        self._weights = np.linalg.solve(spread + shrunk, means.T).T
        self._biases = -0.5 * np.einsum("gd,gd->g", means, self._weights)

    def weigh(self, embedding: NDArray[np.float32], counts: Sequence[bool]) -> Signs:
        """Return per group the logarithm of its chance among those that count, -6 to 0; 0 for all when there is only one.

        counts: which groups speak the message's language. Of the others the embedding tells nothing: they are as likely as the average.
        """
        if len(self._biases) < 2:
            return np.zeros(len(self._biases))
        odds = self._weights @ embedding.astype(np.float64) + self._biases
        are_told = np.array(counts, dtype=bool)
        counting = odds[are_told]
        if len(counting) < 2:
            return np.zeros(len(odds))
        shares = odds - counting.max() - math.log(float(np.exp(counting - counting.max()).sum()))
        return np.where(are_told, np.clip(shares, _LEAST_APART, 0.0), -math.log(len(counting)))


def _stems(words: Collection[str]) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words)


def nearness(about: Signs, sayings: Signs, sizes: Sequence[int]) -> Signs:
    """Return per group the mean cosine of its closest sayings, or of its description, brought near as they are, when it has none.

    about: cosines to the descriptions. sayings: cosines to all sayings, group after group. sizes: how many sayings each group has.
    """
    near, at = [], 0
    for similarity, size in zip(about, sizes, strict=True):
        n_closest = min(_MOST_SAYINGS, max(1, size // _SAYINGS_PER_NEAR))
        closest = sorted(sayings[at : at + size].tolist(), reverse=True)[:n_closest]
        at += size
        near.append(sum(closest) / n_closest if size else float(similarity) + _UNSAID)
    return np.array(near)


def lead(near: Signs, counts: Sequence[bool]) -> Signs:
    """Return by how much each group is nearer than the nearest other one that counts; 0 when there is no other."""
    others = np.where(np.array(counts, dtype=bool), near, -np.inf)
    found = []
    for row, own in enumerate(near):
        rival = max((float(other) for at, other in enumerate(others) if at != row), default=-math.inf)
        found.append(float(own) - rival if math.isfinite(rival) else 0.0)
    return np.array(found)


def shared(topics: Sequence[str], own: Collection[str]) -> float:
    """Return 0 to 1: how much of a message's topics, the main one first, a group meets on."""
    return min(1.0, sum(1 / (1 + place) for place, slug in enumerate(topics) if slug in own))


def chance(signs: Mapping[str, float], weights: FitWeights = LEARNED, *, less: float = 0.0) -> float:
    """Return 0 to 1: how likely a group with these signs fits. less: taken off the log odds for what is not as wished."""
    total = weights.base - less + sum(getattr(weights, name) * value for name, value in signs.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
