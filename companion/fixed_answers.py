"""Fixed answers to messages of a known wording, such as "are you human?" or "I am alone"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from companion.models import RedactedMessage, Reply, ReplySentence, WriterName

PLACEHOLDER = re.compile(r"\[[^\]]{1,40}\]")
_OPEN_PATTERN = re.compile(r"\\w|\.[*+{]")
"""A pattern that lets any word in; a name could stand there."""
_SENTENCE = re.compile(r"[^.!?¿¡;:…\n]+")
_SENTENCE_END = re.compile(r"[.!?¿¡;:…\n]+|\s[-–—]+\s")


@dataclass(frozen=True, slots=True)
class FixedAnswer:
    """Hold one fixed answer.

    patterns: compiled, matched against the normalised message of at most max_words words. everywhere: they are tried on each sentence, and
    each part between commas, of a message of any length instead. unless: a sentence that fits one of these asks nothing by itself.
    reply_found: said in its place where the message names a topic (`about`) and something was found for it.
    after_crisis: whether the answer is also given while a chat stays with fixed words after a crisis.
    """

    id: str
    patterns: tuple[re.Pattern[str], ...]
    max_words: int
    reply: str
    everywhere: bool = False
    unless: tuple[re.Pattern[str], ...] = ()
    after_crisis: bool = False
    reply_found: str = ""

    def fits(self, text: str) -> bool:
        """Tell whether a message asks for this answer. text: placeholders already replaced by words."""
        return any(self._fits(part) for part in (self._asking_parts(text) if self.everywhere else (_normalise(text),)))

    def about(self, text: str) -> str:
        """Return the topic that a message which fits names, in lower case without punctuation; empty where the patterns look for none."""
        found = (pattern.search(_normalise(text)) for pattern in self.patterns)
        return next((match.groupdict().get("about") or "" for match in found if match), "")

    def words_asking(self, sentence: str) -> frozenset[str]:
        """Return the words of a sentence that are the question itself, in lower case; none where a pattern would take any word."""
        asked = _normalise(sentence)
        if len(asked.split()) > self.max_words or any(pattern.search(asked) for pattern in self.unless):
            return frozenset()
        closed = (pattern for pattern in self.patterns if not _OPEN_PATTERN.search(pattern.pattern))
        return frozenset(word for pattern in closed if (match := pattern.search(asked)) for word in match[0].split())

    def _fits(self, part: str) -> bool:
        return len(part.split()) <= self.max_words and any(pattern.search(part) for pattern in self.patterns)

    def _asking_parts(self, text: str) -> Iterator[str]:
        for sentence in _SENTENCE_END.split(text):
            whole = _normalise(sentence)
            if whole and not any(pattern.search(whole) for pattern in self.unless):
                yield whole
                parts = sentence.split(",")
                yield from (_normalise(part) for part in (parts if len(parts) > 1 else ()))


def matching_answer(message: RedactedMessage, answers: Sequence[FixedAnswer]) -> FixedAnswer | None:
    """Return the first answer whose patterns fit a message, or None."""
    text = PLACEHOLDER.sub(" someonehidden ", message.text)  # else "[Person A]" would be read as the word "person"
    return next((answer for answer in answers if answer.fits(text)), None)


def is_part_of_a_question(text: str, start: int, end: int, answers: Sequence[FixedAnswer]) -> bool:
    """Tell whether a piece of a message is nothing but words of a known question, such as "Eres" in "¿Eres humano?": no name then.

    start, end: 0-based, end exclusive, characters of the message as typed.
    """
    words = frozenset(_normalise(text[start:end]).split())
    sentence = next((match[0] for match in _SENTENCE.finditer(text) if match.start() <= start and end <= match.end()), "")
    return bool(words) and any(words <= answer.words_asking(sentence) for answer in answers)


def fixed_reply(text: str, *, covered: bool) -> Reply:
    """Return reviewed words as a reply, paragraph by paragraph. covered: False when they stand in for an answer that could not be given."""
    paragraphs = enumerate(text.strip().split("\n\n"))
    sentences = tuple(ReplySentence(paragraph.strip(), starts_paragraph=place > 0) for place, paragraph in paragraphs)
    return Reply(text.strip(), sentences, (), WriterName.FIXED, covered=covered)


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("n't", "nt").replace("'", "")
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s-]", " ", folded)).strip()
