"""What redaction knows about words: English, names of many cultures, signs that mark a name, words that are never one.

The English words come from the word index inside the spaCy model; the names and signs from the lists in `redaction_words/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from companion.adapters.redaction_name_shapes import NameShapes
from companion.errors import RedactionFailed
from companion.library.quick_yaml import quick_load

_CONTRACTIONS = ("'m", "'ve", "'ll", "'d", "'re", "n't")

_NO_SURE_NAMES = ("ambiguous_names", "function_like_names", "short_names", "never_names", "common_words", "countries")
_MEDICINE_ENDINGS = tuple(
    "azepam olol april zole statin cillin mycin azine oxetine ipram aline apine idone triptan sartan fenac profen codone orphine barbital "
    "gabalin pentin tidine floxacin cycline prazole tadine dipine semide parin gliptin formin glutide lukast terol sone solone zepine "
    "idine oxone nazole clovir vudine tinib mab".split()
)
"""Endings of medicines' generic names (WHO's stems, "The use of stems in the selection of INN", 2018); only words in no list are tried."""

WORD_LISTS = Path(__file__).resolve().parent / "redaction_words"


def read_words(path: Path) -> frozenset[str]:
    """Return the words of a list file; lines that begin with # are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def sure_names() -> frozenset[str]:
    """Return given names and surnames, lower case, that are hardly ever anything else; for the output guard."""
    words = {name: read_words(WORD_LISTS / f"{name}.txt") for name in ("first_names", "sure_surnames", *_NO_SURE_NAMES)}
    return (words["first_names"] | words["sure_surnames"]).difference(*(words[name] for name in _NO_SURE_NAMES))


def _near(word: str) -> Iterable[str]:
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
    for i in range(len(word) - 1):
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


class EnglishWords:
    """Tell English words, inflected ones too, and slips of common ones.

    index: base forms by part of speech. suffixes: (ending, replacement) rules by part of speech. irregular: inflected forms by part of
    speech. Parts of speech are "noun", "verb", "adj" and "adv".
    """

    def __init__(
        self,
        index: Mapping[str, frozenset[str]],
        suffixes: Mapping[str, tuple[tuple[str, str], ...]],
        irregular: Mapping[str, frozenset[str]],
    ) -> None:
        self._all = frozenset().union(*irregular.values(), *index.values())
        self._irregular_verbs = irregular.get("verb", frozenset())
        self._index = index
        self._suffixes = suffixes
        self._is_word = lru_cache(maxsize=20_000)(self._look_up)

    def __contains__(self, key: str) -> bool:
        return self._is_word(key)

    def base_forms(self) -> frozenset[str]:
        """Return all base and irregular forms."""
        return self._all

    def is_past(self, key: str) -> bool:
        """Tell whether a word is a verb's past form ("moved", "took"), whatever else it may be."""
        if key in self._irregular_verbs:
            return not key.endswith(("ing", "s"))
        verbs = self._index.get("verb", frozenset())
        doubled = len(key) > 5 and key[-3] == key[-4] and key[:-3] in verbs
        return key.endswith("ed") and (
            key[:-1] in verbs or key[:-2] in verbs or doubled or (key.endswith("ied") and key[:-3] + "y" in verbs)
        )

    def is_third_person(self, key: str) -> bool:
        """Tell whether a word is a verb's form for he and she and no plural ("retires")."""
        verbs, nouns = (self._index.get(part, frozenset()) for part in ("verb", "noun"))
        bases = (key[:-1], key[:-2]) if key.endswith("s") else ()
        return any(base in verbs for base in bases) and not any(base in nouns for base in bases)

    def is_verb(self, key: str) -> bool:
        """Tell whether a word, or what stands before its final s, is a verb."""
        verbs = self._index.get("verb", frozenset())
        return key in verbs or (key.endswith("s") and (key[:-1] in verbs or key[:-2] in verbs))

    def is_part(self, part: str, key: str) -> bool:
        """Tell whether a base form, or a verb's form, belongs to a part of speech: "noun", "verb", "adj" or "adv"."""
        return self.is_verb(key) if part == "verb" else key in self._index.get(part, frozenset())

    def _look_up(self, key: str) -> bool:
        bare = key.replace("'", "")
        if key in self._all or bare in self._all:
            return True
        if "-" in key:
            return all(part in self for part in key.split("-"))
        return any(
            bare.endswith(ending) and bare[: len(bare) - len(ending)] + instead in self._index[part]
            for part, rules in self._suffixes.items()
            for ending, instead in rules
        )


class Lexicon:
    """Answer questions about one folded word. Built once; read-only, so safe for all threads."""

    def __init__(self, english: EnglishWords, common: Iterable[str], keep: Iterable[str] = ()) -> None:
        try:
            self.english = english
            self.never = read_words(WORD_LISTS / "never_names.txt") | frozenset(keep)
            self.first = read_words(WORD_LISTS / "first_names.txt") - self.never
            self.last = read_words(WORD_LISTS / "surnames.txt") - self.never
            self.sure_last = read_words(WORD_LISTS / "sure_surnames.txt") - self.never
            self.short = read_words(WORD_LISTS / "short_names.txt") - self.never
            self.function_like = read_words(WORD_LISTS / "function_like_names.txt")
            self.ambiguous = read_words(WORD_LISTS / "ambiguous_names.txt") | self.function_like | self.short
            self.other_scripts = read_words(WORD_LISTS / "names_other_scripts.txt")
            self.places = read_words(WORD_LISTS / "cities.txt")
            self.countries = read_words(WORD_LISTS / "countries.txt")
            self.everyday_elsewhere = read_words(WORD_LISTS / "foreign_words.txt")
            self._shapes = NameShapes(WORD_LISTS / "name_shapes.json")
            usual = read_words(WORD_LISTS / "common_words.txt")
            loaded: dict[str, Any] = quick_load((WORD_LISTS / "cues.yaml").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
            raise RedactionFailed("a word list of redaction cannot be read; reinstall Companion") from exc
        self.cues: Mapping[str, frozenset[str]] = {name: frozenset(map(str, words)) for name, words in loaded.items()}
        self.ambiguous |= self.cues["bare_names"] - self.first
        sayings = sorted(self.cues["idioms"], key=len, reverse=True)
        self.idioms = re.compile(r"\b(?:" + "|".join(map(re.escape, sayings)) + r")(?!\w)", re.IGNORECASE)
        self.common = frozenset(common)
        # What is English or a name as well ("nada", "jo") does not show that a message is in another language, but is no name in one that is.
        names = self.first | self.ambiguous | self.short
        self.foreign = frozenset(word for word in self.everyday_elsewhere - names if word not in self.common and word not in english)
        signs = [self.cues[name] for name in ("titles", "titles_also_words", "roles", "tell_before", "say_after", "act_after")]
        self._sign_words = frozenset().union(*signs)
        self._usual = usual
        self._slips = frozenset(near for word in self.common.union(usual, self._sign_words) if len(word) > 3 for near in _near(word))

    def cue(self, name: str, key: str) -> bool:
        """Tell whether a word is a sign of the named kind (a list of `cues.yaml`)."""
        return key in self.cues[name]

    def is_first(self, key: str) -> bool:
        """Tell whether a word, or each part of a hyphenated one, is hardly ever anything but a given name."""
        return key in self.first or ("-" in key and all(p in self.first or p in self.last or len(p) < 3 for p in key.split("-")))

    def is_surname_only(self, key: str) -> bool:
        """Tell whether a word is a surname and no English word or town."""
        if key in self.sure_last:
            return True
        return len(key) > 3 and key in self.last and key not in self.english and key not in self.places

    def is_usual(self, key: str) -> bool:
        """Tell whether a word is an everyday one of work and of Companion's library."""
        return key in self._usual or key in self.common or key in self._sign_words

    def is_unknown(self, key: str) -> bool:
        """Tell whether a word is in no list at all and no slip of a common word: perhaps a rare name."""
        return len(key) > 2 and not self.is_known(key) and not any(near in self._slips for near in _near(key))

    def likeness(self, key: str) -> float:
        """Return 0 to 1: how much a word in no list looks like a name by its letters; 0 for a listed word, a short one or a medicine."""
        if len(key) < 4 or not key.isalpha() or key.endswith(_MEDICINE_ENDINGS) or not self.is_unknown(key):
            return 0.0
        return self._shapes.likeness(key)

    def is_slip_of_first(self, key: str) -> bool:
        """Tell whether a letter is missing, doubled, swapped or too much in a given name of six letters or more ("natahsa")."""
        if not 5 <= len(key) <= 14:
            return False
        if any(near in self.first for near in _near(key) if len(near) > 5 or len(near) == len(key)):
            return True
        places = range(1, len(key) + 1)
        return any(key[:i] + letter + key[i:] in self.first for i in places for letter in "abcdefghijklmnopqrstuvwxyz")

    def _is_clipped(self, key: str) -> bool:
        """Tell whether a word is an everyday one as people type it: "sayin", "cancelld", "whatsapps"."""
        full = {"n": key + "g", "d": key[:-1] + "ed", "s": key[:-1]}.get(key[-1:], "")
        return len(key) > 4 and bool(full) and (full in self.never or (key[-1] != "s" and full in self.english))

    def is_known(self, key: str) -> bool:
        """Tell whether a word is English, a place, or never a name."""
        if key.endswith(_CONTRACTIONS) or self._is_clipped(key):
            return True
        if (
            key in self._sign_words
            or key in self.never
            or key in self.foreign
            or key in self.english
            or key in self.common
            or key in self.places
            or key in self.countries
        ):
            return True
        return "-" in key and any(part in self.never for part in key.split("-"))
