"""The values of the practice room: simulated colleagues as small graphs of moments, and the feedback to a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from companion.models import RedactedMessage
from companion.models_lines import LineLabel, LineReading


@dataclass(frozen=True, slots=True)
class Way:
    """Say where a talk goes when a line has any of these labels, or, with `on_limit`, when it says what cannot be kept secret."""

    to: str
    when: frozenset[LineLabel]
    on_limit: bool = False

    def is_taken(self, reading: LineReading) -> bool:
        """Tell whether a line leads this way."""
        return bool(self.when & reading.labels) or (self.on_limit and reading.states_limit)


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold one moment of a simulated colleague. mood: key of `moods` in `prompts/fixed/training.yaml`. says: in the order in which they are said.

    ways: the first that a line takes. otherwise: id of the moment for all other lines; "" where the talk ends.
    """

    id: str
    mood: str
    says: tuple[str, ...]
    ways: tuple[Way, ...]
    otherwise: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Persona:
    """Hold one simulated colleague. note: a content note, "" where none is due. always: ways that hold in every moment, after its own.

    practises: what the summary looks for. closing: said when a practice ends before a last moment is reached.
    """

    id: str
    name: str
    who: str
    about: str
    note: str
    practises: tuple[LineLabel, ...]
    begins: str
    always: tuple[Way, ...]
    moments: Mapping[str, Moment]
    closing: str


@dataclass(frozen=True, slots=True)
class ColleagueLine:
    """Hold what a model needs to word a simulated colleague's next line.

    scripted: what is said, in substance. so_far: the talk before it as (who, what), oldest first, personal details hidden.
    """

    persona: Persona
    mood: str
    scripted: str
    so_far: tuple[tuple[str, RedactedMessage], ...] = field(repr=False)


class TryNext(StrEnum):
    """Name the one thing that feedback suggests to try, most pressing first."""

    NO_SECRECY_PROMISE = "no_secrecy_promise"
    NO_MINIMISING = "no_minimising"
    ASK_PLAINLY = "ask_plainly"
    NO_EARLY_ADVICE = "no_early_advice"
    REFLECT_BETWEEN_QUESTIONS = "reflect_between_questions"
    OPEN_THE_QUESTION = "open_the_question"
    SAY_BACK = "say_back"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold the words for one thing to try, in several wordings, and the id of the module that teaches it."""

    texts: tuple[str, ...]
    module_id: str


@dataclass(frozen=True, slots=True)
class FeedbackWords:
    """Hold the words of feedback. worked: per label, in several wordings. limit: for a line that says what cannot be kept secret."""

    worked: Mapping[LineLabel, tuple[str, ...]]
    limit: tuple[str, ...]
    to_try: Mapping[TryNext, Suggestion]


@dataclass(frozen=True, slots=True)
class LineFeedback:
    """Hold the feedback to one line. worked: what went well, nothing when the line did nothing of it. suggestion: None when nothing is to be said.

    quote: the learner's own sentence that the suggestion is about, "" when it is about the whole.
    """

    worked: tuple[str, ...] = ()
    suggestion: str = ""
    quote: str = field(default="", repr=False)
    module_id: str = ""


@dataclass(frozen=True, slots=True)
class PracticeSummary:
    """Hold how a practice went. lines: the learner's. counts: lines with each label. reached: of what the persona practises, what was done."""

    lines: int
    counts: Mapping[LineLabel, int]
    practised: tuple[LineLabel, ...]
    missed: tuple[LineLabel, ...]
