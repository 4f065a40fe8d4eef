"""Fixed answers to messages of a known wording, such as "are you human?" or "I am alone"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from companion.models import RedactedMessage

PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]")


@dataclass(frozen=True, slots=True)
class FixedAnswer:
    """Hold one fixed answer. patterns: compiled, matched against the normalised message of at most max_words words."""

    id: str
    patterns: tuple[re.Pattern[str], ...]
    max_words: int
    reply: str


def matching_answer(message: RedactedMessage, answers: Sequence[FixedAnswer]) -> FixedAnswer | None:
    """Return the first answer whose patterns fit a message, or None."""
    text = _normalise(PLACEHOLDER.sub(" someonehidden ", message.text))  # else "[Person A]" would be read as the word "person"
    n_words = len(text.split())
    fitting = (answer for answer in answers if n_words <= answer.max_words and any(pattern.search(text) for pattern in answer.patterns))
    return next(fitting, None)


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("n't", "nt").replace("'", "")
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s-]", " ", folded)).strip()
