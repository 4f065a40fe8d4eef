"""Weigh how a letter is said, whatever the job or place: the chance that it tells colleagues who wrote it.

What is counted needs no list of jobs and places: the kinds of signs that were found, manners of speaking such as "I am the one who", words that
an everyday text about work does not have, capitals, and the length. The weights come from `tools/train_giveaway.py`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from companion.models_giveaway import GiveawayKind, GiveawayRules, GiveawayWeights

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_KEY = re.compile(r"[\w'’]+")
_CAPITAL_INSIDE = re.compile(r"(?<=[\w,;)] )[A-ZÀ-Þ][a-zß-ÿ]")
_MOST_SCORE = 5.0
_MOST = {"unusual": 3, "seldom": 4, "capitals": 3}
_MOST_SMALL_WORDS = 3
_MOST_OF_A_KIND = 2
"""From here on more of the same adds nothing, so that a long letter is not pointed out for its length. Chosen by us."""
_FOREIGN_SHARE = 0.5
_FOREIGN_WORDS = 4
"""From half of unusual words on, in a text of some words, the text is in another language or garbled: nothing is said. Chosen by us."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, with a plain apostrophe."""
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


@dataclass(frozen=True, slots=True)
class Signs:
    """Hold what was found in a text.

    plain: the text without its places and usual jobs, so that their capitals and rare words are not counted a second time. kinds: of all
    stretches found. score: their points.
    """

    text: str
    plain: str
    kinds: tuple[GiveawayKind, ...]
    score: float


def features(signs: Signs, rules: GiveawayRules, weights: GiveawayWeights) -> Mapping[str, float]:
    """Return what is counted in a text, by name; what is missing counts zero. Linear in the length of the text."""
    words, plain = words_of(signs.text), words_of(signs.plain)
    n_words = max(len(words), 1)
    by_kind = Counter(signs.kinds)
    found = {
        "kinds": float(len(by_kind)),
        "score": min(signs.score, _MOST_SCORE),
        "length": math.log(n_words),
        "unusual": sum(word not in weights.known for word in plain),
        "seldom": sum(word not in weights.usual for word in plain),
        "capitals": sum(1 for _ in _CAPITAL_INSIDE.finditer(signs.plain)),
        "question": float("?" in signs.text),
    }
    found.update({f"share {name}": found[name] / n_words for name in ("unusual", "seldom")})
    found.update({name: float(min(found[name], most)) for name, most in _MOST.items()})
    for name, count in Counter(rules.manners[word] for word in words if word in rules.manners).items():
        found[f"small {name}"], found[f"share {name}"] = float(min(count, _MOST_SMALL_WORDS)), count / n_words
    found.update({f"kind {kind}": float(min(count, _MOST_OF_A_KIND)) for kind, count in by_kind.items()})
    found.update({f"cue {name}": float(min(count, _MOST_OF_A_KIND)) for name, count in _cues(signs.text, rules).items()})
    return found


def chance(found: Mapping[str, float], weights: GiveawayWeights) -> float:
    """Return 0 to 1: how likely a text with these features tells who wrote it."""
    total = weights.intercept + sum(weights.weights.get(name, 0.0) * value for name, value in found.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def is_readable(text: str, weights: GiveawayWeights) -> bool:
    """Tell whether the text is in words that the weights were made for."""
    words = words_of(text)
    return sum(word not in weights.known for word in words) < max(_FOREIGN_WORDS, len(words) * _FOREIGN_SHARE)


def _cues(text: str, rules: GiveawayRules) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in _KEY.finditer(text):
        key = word[0].casefold().replace("'", "").replace("’", "")
        for name, pattern in rules.cues.get("#" if key.isdecimal() else key, ()):
            if found[name] < _MOST_OF_A_KIND and pattern.match(text, word.start()):
                found[name] += 1
    return found
