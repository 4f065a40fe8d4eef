"""Find test rows that stand, word for word or nearly, among the texts that something was tuned or trained on."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from evals.samples import InjectionSample, Sample, Split

NEAR = 0.8
"""From this share of common words on (Jaccard of the sets of words) two texts count as nearly the same. Chosen by us; it is what the data card promises."""
FEWEST_WORDS = 5
""""Hi" and "how old are you" are anybody's: texts with fewer words than this are not compared. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Hold a test row and the text that it resembles. likeness: share of common words, 0 to 1; 1 also where only order or marks differ."""

    sample_id: str
    text: str
    resembles: str
    likeness: float


def words_of(text: str) -> str:
    """Return a text in small letters with one blank between its words, and nothing else: what the checks for leaks compare."""
    return re.sub(r"\W+", " ", text.casefold()).strip()


def whole_text(sample: Sample) -> str:
    """Return all that a row puts to the subject, earlier messages first: of a script every turn, of an attack what is planted and asked for."""
    turns = [turn.text for turn in getattr(sample, "turns", ())]
    planted = [getattr(sample, name, None) or "" for name in ("document", "group", "demand")]
    return " ".join((*sample.history, *(turns or [sample.text]), *planted))


def messages_of(sample: Sample) -> tuple[str, ...]:
    """Return the last message of a row, and all of it: each could be known by heart. An attack counts whole: many lie behind one harmless message."""
    return (whole_text(sample),) if isinstance(sample, InjectionSample) else tuple(dict.fromkeys((sample.text, whole_text(sample))))


def taught_texts(knowledge: Path) -> tuple[str, ...]:
    """Return what classifier, readers and search learn from: exemplars with the turns before them, ways of asking, and every other line of
    `knowledge/` that is kept as YAML.

    Raises: OSError, yaml.YAMLError or ValueError when a file cannot be read; `companion check` names it.
    """
    found: list[str] = []
    for path in sorted(knowledge.rglob("*.yaml")):
        found += _strings(_read_yaml(path.read_text(encoding="utf-8")))
    for path in sorted(knowledge.rglob("*.md")):
        front = re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf-8"), re.DOTALL)
        found += _strings(_read_yaml(front[1])) if front else ()
    for path in sorted(knowledge.rglob("*.jsonl")):
        found += _strings([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    return tuple(dict.fromkeys(found))


def leaks(rows: Iterable[tuple[str, str]], known: Iterable[str]) -> tuple[Leak, ...]:
    """Return each row that shares at least `NEAR` of its words with a known text, beside the closest one. rows: id and text."""
    index = _Index(dict.fromkeys(map(words_of, known)))
    found = (index.closest(sample_id, words_of(text)) for sample_id, text in rows)
    return tuple(leak for leak in found if leak is not None)


def of_split(samples: Iterable[Sample], split: Split) -> Iterator[tuple[str, str]]:
    """Yield id and text of the messages in one half."""
    for sample in samples:
        if sample.split is split:
            yield from ((sample.id, text) for text in messages_of(sample))


class _Index:
    """Find the known text that shares most words with another one.

    Only the rarest words of a text are looked up: two sets that share 80 % of their words share one of the rarest fifth of either, so that
    millions of pairs need not be compared.
    """

    def __init__(self, known: Mapping[str, None]) -> None:
        sets = {text: frozenset(text.split()) for text in known}
        self._sets = {text: words for text, words in sets.items() if len(text.split()) >= FEWEST_WORDS}
        self._frequency = Counter(word for words in self._sets.values() for word in words)
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for text, words in self._sets.items():
            for word in self._rarest(words):
                self._by_word[word].append(text)

    def closest(self, sample_id: str, text: str) -> Leak | None:
        words = frozenset(text.split())
        if len(text.split()) < FEWEST_WORDS:
            return None
        candidates = {known for word in self._rarest(words) for known in self._by_word.get(word, ())}
        scored = [(len(words & self._sets[known]) / len(words | self._sets[known]), known) for known in candidates]
        likeness, known = max(scored, default=(0.0, ""))
        return Leak(sample_id, text, known, likeness) if likeness >= NEAR else None

    def _rarest(self, words: frozenset[str]) -> list[str]:
        keep = len(words) - math.ceil(NEAR * len(words)) + 1
        return sorted(words, key=lambda word: (self._frequency[word], word))[:keep]


def _strings(held: object) -> list[str]:
    if isinstance(held, str):
        return [held]
    inside = held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()
    return [text for part in inside for text in _strings(part)]


def _read_yaml(text: str) -> object:
    """Read it with libyaml where PyYAML was built with it, in a tenth of the time; both loaders make plain values only."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
