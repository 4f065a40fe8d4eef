"""What to search for: the message in its own words and in plain ones, and what a short follow-up leaves out.

Measured on evals/datasets/retrieval.jsonl: see the table "What each part of retrieval brings" in evals/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from companion.errors import CompanionError
from companion.models import RedactedMessage, Vector
from companion.phrasebook import Phrasebook
from companion.ports import LexicalIndex, Speller

FOLLOW_UP_WORDS = 12
"""A message of fewer words may lean on what was said before. Chosen by us: follow-ups in the evaluation have at most seven."""
HISTORY_SHARE = 0.5
"""How much of what was searched before a short follow-up takes along; a turn earlier therefore counts half as much again."""
_WORD_OR_PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Query:
    """Hold what a search is made with.

    message: the words to look for. embedding: float32, (dim,), L2-normalised; None when nothing could be embedded.
    """

    message: RedactedMessage
    embedding: Vector | None


def in_plain_words(message: RedactedMessage, phrasebook: Phrasebook, speller: Speller | None, words: LexicalIndex) -> RedactedMessage:
    """Return a message with slang said plainly and slips of the keyboard set right; placeholders stay as they are."""
    text = _outside_placeholders(message.text, phrasebook.plain)
    if speller is not None:
        text = _WORD_OR_PLACEHOLDER.sub(lambda match: _corrected(match[0], phrasebook, speller, words), text)
    return RedactedMessage(text)


def build_query(
    message: RedactedMessage,
    embedding: Vector | None,
    plain: RedactedMessage,
    embed: Callable[[RedactedMessage], Vector | None],
    previous: Vector | None,
) -> Query:
    """Return the query of a message.

    plain: the message in plain words; embedded only where it says something else. previous: what was searched with in the turn before.
    """
    if _folded(plain.text) == _folded(message.text):
        return Query(message, _with_history(message, embedding, previous))
    reworded = embed(plain) if embedding is not None else None
    if embedding is not None and reworded is not None:
        embedding = _unit(embedding + reworded)
    return Query(RedactedMessage(f"{plain.text} {message.text}"), _with_history(message, embedding, previous))


def _with_history(message: RedactedMessage, embedding: Vector | None, previous: Vector | None) -> Vector | None:
    if embedding is None or previous is None or len(message.text.split()) >= FOLLOW_UP_WORDS:
        return embedding
    return _unit((1 - HISTORY_SHARE) * embedding + HISTORY_SHARE * previous)


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, dtype=np.float32)


def _outside_placeholders(text: str, change: Callable[[str], str]) -> str:
    parts = re.split(r"(\[[^\]]{1,40}\])", text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _corrected(word: str, phrasebook: Phrasebook, speller: Speller, words: LexicalIndex) -> str:
    if word.startswith("[") or phrasebook.knows(word):
        return word
    try:
        return speller.corrected(word, words.passages_with)
    except CompanionError:
        return word


def _folded(text: str) -> str:
    return re.sub(r"['\u2018\u2019\u02bc\u00b4`]", "", text.lower())
