"""Answer plain questions about the program itself, and greetings, with fixed and true words before anything is looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.fixed_answers import PLACEHOLDER, FixedAnswer, matching_answer
from companion.models import RedactedMessage

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MIN_FUNCTION_WORDS = 3


@dataclass(frozen=True, slots=True)
class LanguageHint:
    """Hold small words that give a language away, and what its writer reads."""

    code: str
    words: frozenset[str]
    reply: str


@dataclass(frozen=True, slots=True)
class PlainAnswers:
    """Hold everything that is answered with fixed words. unreadable: for a message without words. other_script: for other alphabets."""

    answers: tuple[FixedAnswer, ...]
    languages: tuple[LanguageHint, ...]
    other_script: str
    unreadable: str


def plain_answer(message: RedactedMessage, known: PlainAnswers, *, staying: bool = False) -> str | None:
    """Return the fixed reply to a question about the program, a greeting, or a message no writer can read; None for all others.

    staying: whether the chat stays with fixed words after a crisis; then only what must be true at any time is answered, such as "are you
    human?" and "who reads this?".
    """
    answers = tuple(answer for answer in known.answers if answer.after_crisis) if staying else known.answers
    answer = matching_answer(message, answers)
    if answer is not None or staying:
        return answer.reply if answer is not None else None
    typed = _WORD.findall(PLACEHOLDER.sub(" ", message.text))
    if not any(len(word) > 1 for word in typed):
        return known.unreadable
    if _share_of_latin(typed) < 0.5:
        return known.other_script
    other = other_language(message, known)
    return other.reply if other is not None else None


def other_language(message: RedactedMessage, known: PlainAnswers) -> LanguageHint | None:
    """Return the language whose small words are both frequent and more frequent than the English ones; None for English and unknown ones."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(PLACEHOLDER.sub(" ", message.text))]
    languages = known.languages
    english = sum(word in _ENGLISH for word in words)
    hits: Mapping[str, int] = {hint.code: sum(word in hint.words for word in words) for hint in languages}
    best = max(languages, key=lambda hint: hits[hint.code], default=None)
    if best is None or hits[best.code] < _MIN_FUNCTION_WORDS or hits[best.code] <= english * 1.5 or hits[best.code] < len(words) * 0.3:
        return None
    return best


def is_rather_english(message: RedactedMessage) -> bool:
    """Tell whether small English words make up a good part of a message."""
    words = [word.casefold() for word in _WORD.findall(PLACEHOLDER.sub(" ", message.text))]
    english = sum(word in _ENGLISH for word in words)
    return english >= _MIN_FUNCTION_WORDS or english * 3 > len(words)


def _share_of_latin(words: Sequence[str]) -> float:
    characters = [character for word in words for character in word if character.isalpha()]
    latin = sum(unicodedata.name(character, "").startswith("LATIN") for character in characters)
    return latin / max(1, len(characters))


_ENGLISH = frozenset(
    "i the a to and of is it in my me that you was for on with have but not be are so at this what do can its im she he they all we get from "
    "had been has just about when work".split()
)
