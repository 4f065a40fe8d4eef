"""What a peer's line does to a talk: the labels, and the written rules that find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from companion.phrases import Phrases
from companion.spelling import Spelling


class LineLabel(StrEnum):
    """Name what a line does. A line may do several things; `other` stands alone.

    The first four are the skills of OARS (Miller and Rollnick, Motivational Interviewing, 4th ed. 2023), as MITI 4.2 tells them apart.
    """

    REFLECTION = "reflection"  # says back what was said or meant, without a question
    OPEN_QUESTION = "open_question"  # invites to tell, cannot be answered by yes, no or one fact
    CLOSED_QUESTION = "closed_question"  # can be answered by yes, no or one fact
    AFFIRMATION = "affirmation"  # names a strength, an effort or the trust
    ADVICE_EARLY = "advice_early"  # says what to do before it was asked for
    MINIMISING = "minimising"  # makes it smaller, compares, cheers up
    SECRECY_PROMISE = "secrecy_promise"  # promises that nobody will be told
    ASKS_PLAINLY = "asks_plainly"  # asks about suicide in plain words
    OTHER = "other"  # none of these


@dataclass(frozen=True, slots=True)
class LineRule:
    """Hold the phrases of one label. unless: phrases of the same sentence that undo it. unless_asked: of what the colleague said before."""

    phrases: Phrases
    unless: Phrases | None = None
    unless_asked: Phrases | None = None


@dataclass(frozen=True, slots=True)
class QuestionRules:
    """Hold how a question is told from a statement, and an open one from a closed one.

    leads: how a question begins when its mark was left out. opens: what makes one open. closes: what makes it closed all the same.
    """

    leads: Phrases
    opens: Phrases
    closes: Phrases


@dataclass(frozen=True, slots=True)
class NearestBars:
    """Say how the nearest examples decide on a statement that no phrase settled. Chosen on the dev half of evals/datasets/training.jsonl.

    floor: cosine similarity (-1 to 1) below which it is `other`. speaks_of_you: added for a reflection when a phrase of that label occurs.
    echo: share of the similarity to the colleague's own line that is added for a reflection.
    """

    floor: float
    speaks_of_you: float
    echo: float


@dataclass(frozen=True, slots=True)
class LineRules:
    """Hold `knowledge/training/line_rules.yaml`. sure_reflections: phrases that no example in
    meaning outweighs. states_limit: says honestly what cannot be kept secret.
    """

    version: str
    spelling: Spelling
    rules: Mapping[LineLabel, LineRule]
    questions: QuestionRules
    sure_reflections: Phrases
    states_limit: Phrases
    bars: NearestBars


@dataclass(frozen=True, slots=True)
class LineReading:
    """Hold what a line does, and which of its sentences does what, in order. labels: `other` alone when nothing else was found.

    states_limit: whether it says honestly what cannot be kept secret.
    """

    labels: frozenset[LineLabel]
    sentences: tuple[tuple[str, frozenset[LineLabel]], ...] = field(default=(), repr=False)
    states_limit: bool = False

    def sentence_with(self, label: LineLabel) -> str | None:
        """Return the first sentence that has a label, as it was typed, or None."""
        return next((sentence for sentence, labels in self.sentences if label in labels), None)
