"""How hard a text is to read: the Flesch-Kincaid grade, for English.

Source: Kincaid, Fishburne, Rogers and Chissom, Derivation of new readability formulas for Navy enlisted personnel, 1975: grade = 0.39 words per
sentence + 11.8 syllables per word - 15.59. Syllables are counted by groups of vowels, which is right for about nine words in ten; a section has
enough words for that to even out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from companion.library.chunks import plain, split_sentences

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_BLOCK_START = re.compile(r"\n\s*(?:(?:[-*+>]|\d{1,3}[.)])\s+|\n)")
_VOWELS = re.compile(r"[aeiouy]+")
MIN_WORDS = 40
"""Below it the formula says nothing useful. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Hold the school year that a text asks for, and its hardest sentence."""

    grade: float
    hardest: str


def grade(markdown: str) -> Grade | None:
    """Return the grade of a section of Markdown, or None when it is too short to say. A list item ends its sentence, with or without a stop."""
    blocks = [plain(block) for block in _BLOCK_START.split(f"\n{markdown}")]
    sentences = [sentence for block in blocks for sentence in split_sentences(block) if _WORD.search(sentence)]
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if len(words) < MIN_WORDS:
        return None
    return Grade(_grade(words, len(sentences)), max(sentences, key=lambda sentence: _grade(_WORD.findall(sentence), 1)))


def _grade(words: list[str], sentences: int) -> float:
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / max(sentences, 1) + 11.8 * syllables / max(len(words), 1) - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    count = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and count > 1:
        count -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and count > 1:
        count -= 1
    return max(count, 1)
