"""What can single a person out in a text without any name: the rules to find it, and what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class GiveawayKind(StrEnum):
    """Name what a stretch of text tells about somebody."""

    UNIQUE = "unique"
    EVENT = "event"
    ROLE = "role"
    COMMON_ROLE = "common_role"
    PLACE = "place"
    TEAM = "team"
    SHIFT = "shift"
    TENURE = "tenure"
    LEAVE = "leave"
    FAMILY = "family"
    TIE = "tie"
    ORIGIN = "origin"
    TRAIT = "trait"
    GENDER = "gender"
    AGE = "age"
    COUNT = "count"
    DATE = "date"
    TOGETHER = "together"


class HowMany(StrEnum):
    """Say coarsely how many people share a role at this workplace. A deployer writes it; there is never a directory."""

    FEW = "few"
    SOME = "some"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Sign:
    """Hold one thing to look for.

    vaguer: what may stand instead, with {first} and {last} for the first and last word found; "" drops the stretch; None only counts it.
    unless: words, lower case, that make a match harmless. stays: whether the stretch is the point of what is said and no detail of the person, so
    that it is pointed out and never replaced or left out for them.
    """

    kind: GiveawayKind
    vaguer: str | None
    unless: frozenset[str] = frozenset()
    stays: bool = False


@dataclass(frozen=True, slots=True)
class GiveawayWeights:
    """Hold what `tools/train_giveaway.py` learned; `knowledge/giveaway_weights.json`.

    weights: per feature, what one of it adds to the log odds; intercept: what every text begins with. from_chance: 0 to 1, from which a text is
    pointed out, chosen by cross-validation on the dev letters. usual, known: words of three and more articles, and of any article, of our library.
    """

    weights: Mapping[str, float]
    intercept: float
    from_chance: float
    usual: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class GiveawayRules:
    """Hold what `knowledge/giveaway.yaml` says.

    phrases: by their first word, in lower case without apostrophes, "#" for figures; each pattern is tried where that word begins. A pattern without a
    sign marks what looks like one and is none: nothing inside it counts.
    points: what a kind adds, once per text, and again half of it for a second, different stretch. reasons: per kind, in plain words.
    from_points: the sum from which a text is pointed out; chosen by us on the dev half of evals/datasets/giveaway.jsonl. counted: phrases
    of roles with their coarse count; how_many: points of such a role. cues: turns of phrase by their first word, each with its name. manners:
    small words, lower case, each with the name of what it does. sentence: said instead of the most telling sentence when nothing else would be
    left. weights: None when the file is missing; then the points decide alone.
    """

    phrases: Mapping[str, tuple[tuple[Sign | None, re.Pattern[str]], ...]]
    points: Mapping[GiveawayKind, float]
    reasons: Mapping[GiveawayKind, str]
    from_points: float
    counts: Mapping[str, HowMany]
    how_many: Mapping[HowMany, float]
    cues: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]
    manners: Mapping[str, str]
    sentence: str
    weights: GiveawayWeights | None


@dataclass(frozen=True, slots=True)
class Giveaway:
    """Mark one stretch that tells who somebody is.

    start, end: 0-based, end exclusive, in characters of the text. reason: why, in plain words. vaguer: what may stand instead, "" when it is
    best left out, None when only the person can tell what else to say.
    """

    start: int
    end: int
    kind: GiveawayKind
    reason: str
    vaguer: str | None


@dataclass(frozen=True, slots=True)
class GiveawayReading:
    """Hold what was found in a text.

    found: in order, never overlapping, never empty when it gives away. score: the sum of points. gives_away: whether, taken together, it may
    single somebody out: by its points, or by the chance that the weights see.
    rewritten: the whole text with the vaguer words; the text itself when nothing was found.
    """

    found: tuple[Giveaway, ...]
    score: float
    gives_away: bool
    rewritten: str
