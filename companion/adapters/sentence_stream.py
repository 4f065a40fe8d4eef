"""Cut a stream of text fragments into finished sentences with their citation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from companion.models import Passage, ReplySentence

MAX_REPLY_CHARS = 4000
"""Far above 120 words: a babbling server is cut off here."""
_MARKS = r"\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]"
_END = re.compile(rf"[.!?…][\"”’)]*(?:{_MARKS})*[.]?(\s+)(?=[^\s\[])")
_FINISHED = re.compile(rf"[.!?…][\"”’)]*(?:{_MARKS})*[.]?\s*$")
_MARK = re.compile(_MARKS)
_LONGEST_ABBREVIATION = 8
_DOUBLE_STOP = re.compile(rf"([.!?…][\"”’)]*(?:{_MARKS})+)\.$")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|a\.m|p\.m|etc|approx|Dr|Mr|Mrs|Ms|St|vs)\.$")


def sentences(fragments: Iterable[str], passages: Sequence[Passage]) -> Iterator[ReplySentence]:
    """Yield each sentence as soon as it is whole. A sentence that the stream leaves unfinished is dropped.

    passages: those that the marks [1], [2] … of the stream name, in that order; a mark beyond them becomes an unknown id.
    """
    waiting, seen, starts_paragraph = "", 0, False
    for fragment in fragments:
        waiting += fragment[: max(0, MAX_REPLY_CHARS - seen)]
        seen += len(fragment)
        start = 0
        while gap := _gap_after_sentence(waiting, start):
            yield _sentence(waiting[start : gap.start(1)], passages, starts_paragraph)
            starts_paragraph = "\n\n" in gap[1]
            start = gap.end()
        waiting = waiting[start:]
        if seen > MAX_REPLY_CHARS:
            return
    if _FINISHED.search(waiting):
        yield _sentence(waiting, passages, starts_paragraph)


def _gap_after_sentence(text: str, start: int) -> re.Match[str] | None:
    """Return the first sentence's end from `start` on, with the blanks behind it as group 1; None when none is whole yet."""
    ends = _END.finditer(text, start)
    return next(
        (end for end in ends if not _ABBREVIATION.search(text, max(start, end.start(1) - _LONGEST_ABBREVIATION), end.start(1))), None
    )


def _sentence(text: str, passages: Sequence[Passage], starts_paragraph: bool) -> ReplySentence:
    numbers = [int(number) for mark in _MARK.findall(text) for number in re.findall(r"\d+", mark)]
    ids = tuple(passages[n - 1].id if 1 <= n <= len(passages) else f"unknown#{n}" for n in numbers)
    words = re.sub(r"\s+", " ", _MARK.sub("", _DOUBLE_STOP.sub(r"\1", text.strip()))).strip()
    return ReplySentence(re.sub(r"\s+([.!?…])$", r"\1", words), ids, starts_paragraph)
