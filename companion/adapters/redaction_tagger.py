"""Judge by the words around it whether a word that may be a name is one here: "they gave chance my locker", "they gave me no chance".

The weights come from `tools/train_name_tagger.py`: a logistic regression over the word, its kind, its two neighbours on each side and the
signs they carry, trained on sentences written for Companion and on marked messages of the dev split. It only adds names to what the rules find.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape, Word
from companion.errors import RedactionFailed

BUCKETS = 1 << 15
"""How many groups the features are hashed into. Chosen by us: 44 kB as text."""
_SIGNS = tuple(
    "titles roles tell_before weak_before clause_before say_after act_after person_acts human_acts determiners done_to auxiliaries "
    "bare_follow refusals places_of_work site_kinds".split()
)
_PARTS = ("noun", "verb", "adj", "adv")
_MAX_CHARS = 30


def may_be_name(word: Word, lexicon: Lexicon) -> bool:
    """Tell whether a word is worth judging: listed as a name, an everyday word that is also a name, or in no list at all."""
    key = word.key
    if not 2 <= len(key) <= _MAX_CHARS or not key.isascii() or key in lexicon.never or lexicon.cue("titles", key):
        return False
    return kind_of(key, lexicon) != "word"


def kind_of(key: str, lexicon: Lexicon) -> str:
    """Return what the lists know about a word: first, both (a name and an everyday word), last, unknown,
    slip (unlisted, and one letter from a common word) or word."""
    if key in lexicon.ambiguous:
        return "both"
    if lexicon.is_first(key):
        return "first"
    if lexicon.is_surname_only(key):
        return "last"
    if lexicon.is_known(key) or lexicon.is_usual(key) or len(key) < 3:
        return "word"
    return "unknown" if lexicon.is_unknown(key) else "slip"


def features_of(reading: MessageReading, index: int, lexicon: Lexicon) -> Iterator[str]:
    """Yield the signs that speak for or against a name at word `index`; at most about 90."""
    word = reading.words[index]
    kind = kind_of(word.key, lexicon)
    before, after = _edge(reading, index - 1), _edge(reading, index)
    shape = word.shape.name if reading.capitals_mean_names and not (word.shape is Shape.TITLE and reading.starts_sentence(index)) else "-"
    yield from (f"kind {kind}", f"shape {shape}", f"gap {before} {after}", f"owner {word.possessive}", f"kind shape {kind} {shape}")
    if kind == "both":
        yield f"word {word.key}"
    if kind in {"unknown", "slip"}:
        yield f"like {int(10 * lexicon.likeness(word.key))}"
        yield f"slip {lexicon.is_slip_of_first(word.key)}"
    near = {step: _near(reading, index + step, lexicon) for step in (-2, -1, 1, 2)}
    gaps = {-2: before, -1: before, 1: after, 2: after}
    for step, neighbour in near.items():
        key = f"{gaps[step]}{neighbour}"
        yield f"{step} {key}"
        yield f"{step} {kind} {key}"
        if kind == "both":
            yield f"{step} {word.key} {key}"
        for sign in _signs(reading, index + step, lexicon):
            yield f"{step} sign {gaps[step]}{sign}"
            yield f"{step} {kind} sign {gaps[step]}{sign}"
    for left, right in ((-2, -1), (-1, 1), (1, 2)):
        yield f"{left} {right} {kind} {before}{near[left]} {after}{near[right]}"


def bucket_of(feature: str) -> int:
    """Return the group of a feature, 0 to BUCKETS - 1."""
    return zlib.crc32(feature.encode()) % BUCKETS


def _edge(reading: MessageReading, index: int) -> str:
    """Return what stands between a word and the next: nothing for a space, a sign, or the end of the message."""
    if index < 0 or index + 1 >= len(reading.words):
        return "|"
    return reading.gap(index).strip()[:1]


def _near(reading: MessageReading, index: int, lexicon: Lexicon) -> str:
    """Return a neighbour: the word itself, or its kind where it is a name or unknown, so that nobody's name is learnt by heart."""
    if not 0 <= index < len(reading.words):
        return "|"
    key = reading.words[index].key
    kind = kind_of(key, lexicon)
    return key if kind in {"word", "both"} else f"<{kind}>"


def _signs(reading: MessageReading, index: int, lexicon: Lexicon) -> Iterator[str]:
    if not 0 <= index < len(reading.words):
        return
    key = reading.words[index].key
    if kind_of(key, lexicon) not in {"word", "both"}:
        return
    yield from (sign for sign in _SIGNS if lexicon.cue(sign, key))
    if lexicon.english.is_past(key):
        yield "past"
    yield from (part for part in _PARTS if lexicon.english.is_part(part, key))


class NameTagger:
    """Find the names in a message by a trained model. Read-only after it is built, so safe for all threads.

    bar: the least chance, 0 to 1, from which on a word is taken for a name.
    Raises: RedactionFailed when the file is missing, broken, or its weights do not have the hash it states.
    """

    def __init__(self, path: Path, lexicon: Lexicon) -> None:
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
            self._scale, self._intercept, self._bar = (float(loaded[name]) for name in ("scale", "intercept", "bar"))
            weights = base64.b64decode(loaded["weights"], validate=True)
            stated = str(loaded["sha256"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise RedactionFailed(f"{path.name} of redaction cannot be read; reinstall Companion") from exc
        if len(weights) != BUCKETS or hashlib.sha256(weights).hexdigest() != stated:
            raise RedactionFailed(f"{path.name} of redaction is damaged or of another version; reinstall Companion")
        self._weights = memoryview(weights).cast("b")
        self._lexicon = lexicon

    def names(self, reading: MessageReading) -> frozenset[int]:
        """Return the indices of the words that the model takes for names."""
        found = set()
        for index, word in enumerate(reading.words):
            if index % 64 == 0:
                reading.deadline.check()
            if may_be_name(word, self._lexicon) and self.chance(reading, index) >= self._bar:
                found.add(index)
        return frozenset(found)

    def chance(self, reading: MessageReading, index: int) -> float:
        """Return 0 to 1: how likely word `index` is a name in its place."""
        total = self._intercept + self._scale * sum(
            self._weights[b] for b in {bucket_of(f) for f in features_of(reading, index, self._lexicon)}
        )
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))
