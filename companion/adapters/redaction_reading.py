"""One message as the recognisers of redaction see it: words, their shapes, and the time that is left."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

import regex  # type: ignore[import-untyped]

from companion.errors import RedactionFailed

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-][\p{L}\p{M}]+)*")
_WAITING_FACTOR = 6
"""Chosen by us: ordinary prose must not fail because other chats keep the processor busy."""
_CLAUSE_ENDS = frozenset('.!?\n:;,("“—–-/[•*>')
_SENTENCE_ENDS = frozenset('.!?\n:"“•*>')
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "đ": "d", "’": "'"})


def fold(word: str) -> str:
    """Return a word in lower case without accents and possessive ending, the form that all word lists use."""
    lowered = word.casefold().translate(_PLAIN)
    if not lowered.isascii():
        parts = unicodedata.normalize("NFD", lowered)
        lowered = "".join(c for c in parts if not 0x300 <= ord(c) <= 0x36F)
    return lowered[:-2] if lowered.endswith("'s") else lowered


class Deadline:
    """Watch the time that one message may take: seconds of this thread's own work, and six times as much by the clock on a busy machine."""

    def __init__(self, seconds: float) -> None:
        self._work_end = time.thread_time() + seconds
        self._end = time.monotonic() + _WAITING_FACTOR * seconds

    def check(self) -> None:
        """Raise RedactionFailed when the time has passed."""
        if time.thread_time() > self._work_end or time.monotonic() > self._end:
            raise RedactionFailed("the message took too long to read; nothing was passed on")


class Shape(Enum):
    """Say how a word is written. OTHER: a script without case, or mixed case."""

    LOWER = auto()
    TITLE = auto()
    UPPER = auto()
    OTHER = auto()


def _shape(word: str) -> Shape:
    if word.islower():
        return Shape.LOWER
    if word.isupper():
        return Shape.UPPER if len(word) > 1 else Shape.TITLE
    if word[0].isupper() or any(c.isupper() for c in word):
        return Shape.TITLE
    return Shape.OTHER


@dataclass(frozen=True, slots=True)
class Word:
    """Hold one word: its place in the text (end exclusive), its folded key and its shape. A possessive ending is outside the span."""

    start: int
    end: int
    key: str
    shape: Shape
    possessive: bool


class MessageReading:
    """Hold a message's text, its words in order, and the deadline."""

    def __init__(self, text: str, deadline: Deadline) -> None:
        self.text = text
        self.deadline = deadline

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Return the words in order; hyphenated and apostrophised words are one."""
        return tuple(self._word(match.start(), match.group()) for match in _WORD.finditer(self.text))

    @staticmethod
    def _word(start: int, surface: str) -> Word:
        owner = surface.casefold().endswith(("'s", "’s"))
        bare = surface[:-2] if owner else surface
        return Word(start, start + len(bare), fold(bare), _shape(bare), owner)

    def gap(self, index: int) -> str:
        """Return the text between word `index` and the next one, without a possessive ending; after the last word the rest."""
        here = self.words[index]
        start = here.end + (2 if here.possessive else 0)
        stop = self.words[index + 1].start if index + 1 < len(self.words) else len(self.text)
        return self.text[start:stop]

    def starts_clause(self, index: int) -> bool:
        """Tell whether nothing but punctuation of a clause stands before the word."""
        return index == 0 or any(c in _CLAUSE_ENDS for c in self.gap(index - 1))

    def starts_sentence(self, index: int) -> bool:
        """Tell whether a capital at this word means nothing."""
        return index == 0 or any(c in _SENTENCE_ENDS for c in self.gap(index - 1))

    def is_capital(self, index: int) -> bool:
        """Tell whether the word's capital says something: capitals are rare in this message and no sentence starts here."""
        return self.words[index].shape is Shape.TITLE and self.capitals_mean_names and not self.starts_sentence(index)

    @cached_property
    def capitals_mean_names(self) -> bool:
        """Tell whether capitals are sparse enough to mark names."""
        inner = [w.shape for i, w in enumerate(self.words) if w.end - w.start > 1 and not self.starts_sentence(i)]
        return len(inner) < 3 or inner.count(Shape.TITLE) <= 0.6 * len(inner)
