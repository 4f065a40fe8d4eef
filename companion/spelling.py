"""Read what people type, however they type it: misspelt, in leetspeak, with look-alike letters or letters drawn out.

A stdlib-only leaf that triage and the phrases build on. It only ever turns a word into a word that some phrase contains, so ordinary
words come through as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")  # fmt: skip  # noqa: E501
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u00b4`\u2032]")
_SHORT_FORMS = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"\b(he|she|it|that|there|what|who)'s\b"), r"\1 is"),
    (re.compile(r"\b([cdjlmnst]|qu|un|all|dell|dall|nell|sull)'(?=\w)"), r"\1 "),  # French and Italian: j'ai, m'endormir, d'uscita
)
"""What an apostrophe stands for; those that stay are dropped."""
_LOOK_ALIKE_LETTERS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u04bb\u0432\u043a\u043c\u043d\u0442\u03b1\u03b5\u03bf\u03c1\u03b9\u03ba\u03bd\u03c4\u03c5\u0131\u0142\u00f8\u0111\u00e6\u0153",
    "aeopcyxijsdwhbkmhtaeopikvtuilodao",
)
_LEET_AS_I = str.maketrans("01345789@$!|", "oieastbgasii")
_LEET_AS_L = str.maketrans("01345789@$!|", "oleastbgasil")
_CHUNK = re.compile(r"\S+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE_END = re.compile(r"[.!?;:\u2026\u3002]+[\W_]*$")
_INNER_MARK = re.compile(r"[\W_]+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_STARRED_VOWELS = "aeiou"
_SPACED_LETTERS = re.compile(r"(?<= )(?:[^\W\d_] ){4,}")
_TYPO_MIN_CHARS = 6
"""Shorter words have too many innocent neighbours ("pills", "bills"). Chosen by us."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Hold a text as phrases see it: lower case, corrected words with one space around each, "." between sentences."""

    text: str = field(repr=False)
    words: frozenset[str] = field(repr=False)


class Spelling:
    """Know how words of the phrases are misspelt, and set them right."""

    def __init__(self, vocabulary: Iterable[str], replacements: Mapping[str, str], typo_tolerant: Collection[str]) -> None:
        """Take the words of all phrases, replacements such as {"kms": "kill myself"}, and words in which one typo is forgiven."""
        self._replacements = {plain_word(word): " ".join(map(plain_word, instead.split())) for word, instead in replacements.items()}
        self._vocabulary = frozenset(vocabulary) | frozenset(self._replacements) | frozenset(map(plain_word, typo_tolerant))
        self._neighbours: dict[str, str] = {}
        for word in map(plain_word, typo_tolerant):
            if len(word) >= _TYPO_MIN_CHARS:
                self._neighbours.update(dict.fromkeys(_without_one(word), word))

    def correct(self, word: str) -> str:
        """Return the word, or the words, that a typed word stands for; the word itself when nothing is wrong with it."""
        known = self._known(word)
        return self._replacements.get(known, known)

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in a phrase or in the replacements."""
        return word in self._vocabulary

    def _known(self, word: str) -> str:
        if word in self._vocabulary:
            return word
        for candidate in self._candidates(word):
            if candidate in self._vocabulary:
                return candidate
        return self._neighbour(word)

    def _candidates(self, word: str) -> Iterable[str]:
        if _DRAWN_OUT.search(word):
            yield _DRAWN_OUT.sub(r"\1\1", word)
            yield _DRAWN_OUT.sub(r"\1", word)
        if not word.isalpha() and not word.isdecimal():
            for table in (_LEET_AS_I, _LEET_AS_L):
                letters = word.translate(table)
                yield letters
                yield _DRAWN_OUT.sub(r"\1", letters)

    def _neighbour(self, word: str) -> str:
        if len(word) < _TYPO_MIN_CHARS - 1 or not word.isalpha():
            return word
        meant = {self._neighbours[variant] for variant in _without_one(word) if variant in self._neighbours}
        return min(meant, key=lambda known: (abs(len(known) - len(word)), known), default=word)


def read(text: str, spelling: Spelling) -> PlainText:
    """Return a text as phrases see it. Linear in the length of the text."""
    parts: list[str] = [" . "]
    for chunk in _CHUNK.findall(_lower(text).replace("\n", " . ")):
        core = _EDGES.sub("", chunk)
        if core:
            parts.extend(f"{word} " for word in _words(core, spelling))
        if _SENTENCE_END.search(chunk):
            parts.append(". ")
    joined = _SPACED_LETTERS.sub(lambda match: _joined(match.group(), spelling), "".join(parts))
    return PlainText(joined, frozenset(joined.split()))


def plain_word(word: str) -> str:
    """Return a word of a phrase in the form that `read` gives to typed words."""
    return _APOSTROPHES.sub("", _lower(word))


def _lower(text: str) -> str:
    lowered = _in_full(text.casefold())
    if lowered.isascii():
        return lowered
    compatible = unicodedata.normalize("NFKC", _INVISIBLE.sub("", lowered)).casefold()
    bare = "".join(char for char in unicodedata.normalize("NFD", compatible) if unicodedata.category(char) != "Mn")
    return _in_full(bare.translate(_LOOK_ALIKE_LETTERS))


def _in_full(text: str) -> str:
    straight = _APOSTROPHES.sub("'", text)
    if "'" not in straight:
        return straight
    for short, full in _SHORT_FORMS:
        straight = short.sub(full, straight)
    return straight.replace("'", "")


def _words(core: str, spelling: Spelling) -> list[str]:
    """Return the words of a chunk without its edges; marks inside it are letters in disguise only when that gives a known word."""
    if core.isalnum():
        return [spelling.correct(core)]
    for candidate in (core.translate(_LEET_AS_I), core.translate(_LEET_AS_L), _INNER_MARK.sub("", core)):
        if spelling.knows(candidate):
            return [spelling.correct(candidate)]
    starred = _unstarred(core, spelling)
    return [starred] if starred else [spelling.correct(word) for word in _INNER_MARK.split(core) if word]


def _unstarred(core: str, spelling: Spelling) -> str | None:
    if core.count("*") != 1:
        return None
    candidates = (core.replace("*", vowel) for vowel in _STARRED_VOWELS)
    return next((spelling.correct(word) for word in candidates if spelling.knows(word)), None)


def _joined(spaced: str, spelling: Spelling) -> str:
    """Return "kill myself " for "k i l l m y s e l f ": the longest known words from the left, or the letters as they were."""
    letters, words = spaced.replace(" ", ""), []
    while letters:
        known = next((letters[:end] for end in range(min(len(letters), 14), 1, -1) if spelling.knows(letters[:end])), None)
        if known is None:
            return spaced
        words.append(spelling.correct(known))
        letters = letters[len(known) :]
    return " ".join(words) + " "


def _without_one(word: str) -> set[str]:
    """Return the word and all forms with one letter left out; two words one typo apart share such a form."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
