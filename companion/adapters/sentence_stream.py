"""Cut a stream of text fragments into finished sentences with their citation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from companion.models import Passage, ReplySentence

MAX_REPLY_CHARS = 4000
"""Far above 120 words: a babbling server is cut off here."""
_BOUNDARY = re.compile(r"\s*(.+?[.!?…][\"”’)]*(?:\s*\[\d{1,3}\])*[.]?)(\s+)(?=[^\s\[])", re.DOTALL)
_MARK = re.compile(r"\s*\[(\d{1,3})\]")
_FINISHED = re.compile(r"[.!?…][\"”’)]*(?:\s*\[\d{1,3}\])*[.]?\s*$")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|Dr|Mr|Mrs|Ms|vs)\.$")


def sentences(fragments: Iterable[str], passages: Sequence[Passage]) -> Iterator[ReplySentence]:
    """Yield each sentence as soon as it is whole. A sentence that the stream leaves unfinished is dropped.

    passages: those that the marks [1], [2] … of the stream name, in that order; a mark beyond them becomes an unknown id.
    """
    waiting, seen, starts_paragraph = "", 0, False
    for fragment in fragments:
        seen += len(fragment)
        waiting += fragment
        start = 0
        while match := _BOUNDARY.match(waiting, start):
            if _ABBREVIATION.search(match[1]):
                longer = _BOUNDARY.match(waiting[match.end() :])
                if longer is None:
                    break
                yield _sentence(f"{match[1]} {longer[1]}", passages, starts_paragraph)
                starts_paragraph = "\n\n" in longer[2]
                start = match.end() + longer.end()
                continue
            yield _sentence(match[1], passages, starts_paragraph)
            starts_paragraph = "\n\n" in match[2]
            start = match.end()
        waiting = waiting[start:]
        if seen > MAX_REPLY_CHARS:
            return
    if _FINISHED.search(waiting):
        yield _sentence(waiting, passages, starts_paragraph)


def _sentence(text: str, passages: Sequence[Passage], starts_paragraph: bool) -> ReplySentence:
    numbers = [int(number) for number in _MARK.findall(text)]
    ids = tuple(passages[n - 1].id if 1 <= n <= len(passages) else f"unknown#{n}" for n in numbers)
    words = re.sub(r"\s+", " ", _MARK.sub("", text)).strip()
    return ReplySentence(re.sub(r"\s+([.!?…])$", r"\1", words), ids, starts_paragraph)
