"""Turn a message into numbered pieces of words, by which triage's classifier knows misspelt words and languages that the embedding does not.

A stdlib-only leaf. The embedding model was trained on English; pieces of three to five letters are the same in "suicide", "suisidio" and
"suizid", and survive a slip of the finger. Pieces are numbered by CRC-32, so the numbering is the same on every machine and needs no list.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BUCKETS = 1 << 17
"""How many numbers there are; a few pieces share one. Chosen by us on the dev split: half as many lost a little, twice as many won nothing."""
_PIECE_CHARS = range(3, 6)
_MOST_WORDS = 400
"""Of a very long message so many words from each end are read, so that the time stays small. Chosen by us."""
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u00b4`\u2032]")
_WORD = re.compile(r"[^\W_]+|[?!]")
_LEET = str.maketrans("013457@$", "oieastas")
_CLAUSE_END = re.compile(r"[.!?;\n\u2026]+|, (?=and |but |so |then )|\b(?:anyway|btw|by the way)\b", re.IGNORECASE)
_MIN_CLAUSE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Clues:
    """Hold what the classifier is told beside the embedding; each is a tuple of piece numbers, sorted, below `BUCKETS`.

    whole: of the message. clauses: of each of its parts; empty when it has only one. earlier: of each earlier message, oldest first.
    """

    whole: tuple[int, ...] = field(default=(), repr=False)
    clauses: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    earlier: tuple[tuple[int, ...], ...] = field(default=(), repr=False)


def clues(text: str, history: Sequence[str] = ()) -> Clues:
    """Return what the words of a message and of those before it tell the classifier. Linear in the length of the text."""
    parts = _clauses(text)
    return Clues(
        whole=grams(text),
        clauses=tuple(grams(part) for part in parts) if len(parts) > 1 else (),
        earlier=tuple(grams(message) for message in history),
    )


def grams(text: str) -> tuple[int, ...]:
    """Return the numbers of the pieces, words and pairs of words of a text: sorted, each once, 0 to `BUCKETS` - 1."""
    words = _words(text)
    if len(words) > 2 * _MOST_WORDS:
        words = [*words[:_MOST_WORDS], *words[-_MOST_WORDS:]]
    pieces = {piece for word in set(words) for piece in _pieces(word)}
    pieces.update(f"w{word}" for word in words)
    framed = ["^", *words, "$"]
    pieces.update(f"w{one} {two}" for one, two in itertools.pairwise(framed))
    pieces.update(f"s{one} {three}" for one, three in zip(words, words[2:], strict=False))
    return tuple(sorted({zlib.crc32(piece.encode()) % BUCKETS for piece in pieces}))


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text.casefold()))
    plain = folded if folded.isascii() else "".join(char for char in folded if unicodedata.category(char) not in ("Mn", "Cf"))
    return [_spelt(word) for word in _WORD.findall(plain)]


def _spelt(word: str) -> str:
    if word.isdecimal():
        return "0"
    return word if word.isalpha() or len(word) == 1 else word.translate(_LEET)


def _pieces(word: str) -> Iterator[str]:
    framed = f" {word[:40]} "
    for length in _PIECE_CHARS:
        for start in range(len(framed) - length + 1):
            yield f"c{framed[start : start + length]}"


def _clauses(text: str) -> list[str]:
    parts = (part.strip() for part in _CLAUSE_END.split(text))
    return [part for part in parts if part.count(" ") >= _MIN_CLAUSE_WORDS - 1]
