"""Turn what the reader of personal details saw into spans: runs of word pieces that look like one detail, widened to whole tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from companion.adapters.detail_reader import KINDS, Reading
from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading
from companion.models import EntityType
from companion.ports import FoundEntity

NAME_BAR = 0.5
"""From this chance on a word is taken for part of a name. This and the next three chosen by us on dev rows that training left out."""
EVERYDAY_NAME_BAR = 0.8
"""For a word that is also an everyday word ("penny", "hope"); half of those that are no name are told from names by it on the same rows."""
DETAIL_BAR = 0.6
_KIND_BAR = 0.35
"""What looks like a detail, but of every kind a little, is none ("geb.")."""
_EDGE_BAR = 0.3
_SCORE = 0.7
"""Below what patterns and lists are sure of, above their guesses; it settles only which kind a span of the same length gets."""
_TOKEN = re.compile(r"\S+")
_EDGES = ".,;:!?()[]{}\"'“”‘’…"
_OWN_RULES = frozenset({"O", EntityType.PERSON.value})


def read_names(message: MessageReading, reading: Reading, lexicon: Lexicon) -> frozenset[int]:
    """Return the indices of the words that the reader takes for part of a person's name."""
    return frozenset(
        index
        for index, word in enumerate(message.words)
        if reading.chance(index, EntityType.PERSON) >= (EVERYDAY_NAME_BAR if word.key in lexicon.ambiguous else NAME_BAR)
    )


def find_read_details(message: MessageReading, reading: Reading, lexicon: Lexicon) -> Iterator[FoundEntity]:
    """Yield the details other than names; a run of pieces needs one piece above the bar, and takes in likely neighbours of its kind."""
    detail = 1.0 - reading.pieces[:, 0] - reading.pieces[:, KINDS.index(EntityType.PERSON.value)]
    piece = 0
    while piece < len(reading.places):
        if detail[piece] < _EDGE_BAR:
            piece += 1
            continue
        last = piece
        while last + 1 < len(reading.places) and detail[last + 1] >= _EDGE_BAR and not _begins_another(message.text, reading, last + 1):
            last += 1
        run = reading.pieces[piece : last + 1]
        kind = _kind_of(run)
        is_sure = float(detail[piece : last + 1].max()) >= DETAIL_BAR
        if is_sure and float(run[:, KINDS.index(kind.value)].max()) >= _KIND_BAR:
            start, end = _whole_tokens(message.text, reading.places[piece][0], reading.places[last][1])
            if start < end and not _is_everyday(message.text[start:end], lexicon):
                yield FoundEntity(start, end, kind, _SCORE)
        piece = last + 1


def _begins_another(text: str, reading: Reading, piece: int) -> bool:
    """Tell whether a new word begins at a piece, and a detail of another kind with it ("4.11.1980 Ulm")."""
    start = reading.places[piece][0]
    is_new_word = start > 0 and text[start - 1].isspace()
    return is_new_word and _kind_of(reading.pieces[piece : piece + 1]) is not _kind_of(reading.pieces[piece - 1 : piece])


def _kind_of(run: np.ndarray) -> EntityType:
    """Return the kind that a run of pieces is most likely of, names and no detail left out."""
    total = run.sum(axis=0)
    best = max((kind for kind in range(len(KINDS)) if KINDS[kind] not in _OWN_RULES), key=lambda kind: total[kind])
    return EntityType(KINDS[best])


def _whole_tokens(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span widened to what stands between spaces, without the punctuation around it and a possessive ending."""
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    if text[start:end].casefold().endswith(("'s", "’s")):
        end -= 2
    return start, end


def _is_everyday(surface: str, lexicon: Lexicon) -> bool:
    """Tell whether a run holds nothing but one of the words that are never hidden."""
    return surface.casefold() in lexicon.never or surface.casefold() in lexicon.countries
