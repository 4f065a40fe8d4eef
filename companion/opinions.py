"""Join what the two classifiers of triage think: the small one on the shared embedding, and the reader of whole turns.

They fail differently. The first learns from every line a coordinator adds, in seconds; the second understands negation and what earlier
turns cleared up, and changes only with a release. If either is missing the other counts alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from companion.letter_grams import Clues
from companion.models import RedactedMessage, TriageLevel, Vector
from companion.ports import RiskModel, TurnReader
from companion.searching import available
from companion.stages.triage import ClassifierBars

_TURNS_READ = 6
"""How many earlier messages are read; as many as triage's rules read."""
_FLOOR = 1e-4
"""A chance never counts as less, so that neither opinion can veto the other alone."""


@dataclass(frozen=True, slots=True)
class ReadingAlone:
    """Be a risk model for one message by what the reader made of the turn, while the small classifier is not there."""

    reading: Mapping[TriageLevel, float]

    def probabilities(self, embedding: Vector, clues: Clues = Clues()) -> Mapping[TriageLevel, float]:  # noqa: ARG002, B008 - frozen; one signature for all
        """Return chances per level; they sum to 1."""
        return self.reading


@dataclass(frozen=True, slots=True)
class JoinedOpinion:
    """Be a risk model for one message: a small classifier and, when it is there, what the reader made of the turn.

    share: 0 to 1, what the reader counts; chances are mixed as logarithms (a logarithmic opinion pool).
    """

    first: RiskModel
    reading: Mapping[TriageLevel, float]
    share: float

    def probabilities(self, embedding: Vector, clues: Clues = Clues()) -> Mapping[TriageLevel, float]:  # noqa: B008 - frozen
        """Return chances per level; they sum to 1. Raises: EmbeddingFailed as the classifier does."""
        odds = self.first.probabilities(embedding, clues)
        pooled = {
            level: math.exp(
                (1 - self.share) * math.log(max(odds.get(level, 0.0), _FLOOR)) + self.share * math.log(max(self.reading[level], _FLOOR))
            )
            for level in self.reading
        }
        total = sum(pooled.values())
        return {level: share / total for level, share in pooled.items()}


class Readers(Protocol):
    """Hand out both classifiers; each method may raise a CompanionError."""

    def risk_model(self) -> RiskModel:
        """Return triage's small classifier. Raises: IndexUnavailable, EmbeddingFailed."""
        ...

    def turn_reader(self) -> TurnReader:
        """Return triage's reader of whole turns. Raises: EmbeddingFailed."""
        ...


def opinion(
    parts: Readers, message: RedactedMessage, earlier: Sequence[RedactedMessage], bars: ClassifierBars, *, is_english: bool = True
) -> RiskModel | None:
    """Return what judges this message in the light of those before it, or None when nothing can (rules alone then).

    earlier: of the same person, oldest first. is_english: MiniLM read little else, so in other languages the reader counts less, and not
    alone. On the first start the classifier is being trained for a minute in which people may already write; the reader is there at once.
    """
    first = available(parts.risk_model, "the triage classifier")
    if first is None and not is_english:
        return None
    reader = available(parts.turn_reader, "the reader of turns")
    reading = available(lambda: reader.read(message, earlier[-_TURNS_READ:]), "the reader of turns") if reader is not None else None
    if first is None or reading is None:
        return first if reading is None else ReadingAlone(reading)
    return JoinedOpinion(first, reading, bars.reader_share if is_english else bars.reader_share_elsewhere)
