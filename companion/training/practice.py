"""One practice: a talk with a simulated colleague, in memory only. Which reply comes depends on what the learner's line does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from companion.models_lines import LineLabel, LineReading
from companion.models_practice import LineFeedback, Moment, Persona, PracticeSummary
from companion.training.lines import LineScorer

MOST_LINES = 14
"""Lines of the learner after which the simulated colleague has to go. Chosen by us: a quarter of an hour."""
_QUESTIONS = frozenset({LineLabel.OPEN_QUESTION, LineLabel.CLOSED_QUESTION})


@dataclass(frozen=True, slots=True)
class PracticeTurn:
    """Hold one line of the learner, how it was read, the feedback to it and the answer. mood: of the answer."""

    line: str = field(repr=False)
    reading: LineReading
    feedback: LineFeedback
    answer: str
    mood: str


@dataclass(slots=True)
class PracticeTalk:
    """Hold a practice while it goes on. Nothing of it is ever stored: it ends with the page.

    The graph decides what comes next, and works without a model. A model may word an answer (`rewording.py`); which moment the talk is in, when
    it ends, and the feedback stay with the graph and the rules.
    """

    persona: Persona
    first_words: str = ""
    turns: list[PracticeTurn] = field(default_factory=list, repr=False)
    is_over: bool = False
    _at: str = ""
    _said: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self._at = self.persona.begins
        self.first_words = self._say(self.persona.moments[self._at]) or self.persona.closing

    @property
    def mood(self) -> str:
        """Return the mood that the colleague is in now."""
        return self.persona.moments[self._at].mood

    @property
    def last_said(self) -> str:
        """Return what the colleague said last."""
        return self.turns[-1].answer if self.turns else self.first_words

    @property
    def readings(self) -> tuple[LineReading, ...]:
        """Return how the learner's lines were read, oldest first."""
        return tuple(turn.reading for turn in self.turns)

    def read(self, line: str, scorer: LineScorer) -> LineReading:
        """Return how a line is read as the next one of this talk."""
        return scorer.read(line, self.last_said)

    def answer(self, line: str, reading: LineReading, feedback: LineFeedback) -> PracticeTurn:
        """Take the learner's next line and return it with the colleague's answer, which was never said before in this practice."""
        words = self._next_words(reading) if len(self.turns) + 1 < MOST_LINES else None
        if words is None:
            words, self.is_over = self.persona.closing, True
        turn = PracticeTurn(line, reading, feedback, words, self.mood)
        self.turns.append(turn)
        return turn

    def reword(self, words: str) -> None:
        """Let the last answer be said in other words."""
        self.turns[-1] = replace(self.turns[-1], answer=words)

    def summary(self) -> PracticeSummary:
        """Return how it went, counted over the learner's lines."""
        counts = Counter(label for reading in self.readings for label in _counted(reading))
        practised = tuple(label for label in self.persona.practises if counts[label])
        return PracticeSummary(len(self.turns), counts, practised, tuple(label for label in self.persona.practises if not counts[label]))

    def _next_words(self, reading: LineReading) -> str | None:
        """Go where the line leads, and on from there while everything has been said already; None when nothing is left to say."""
        moment = self.persona.moments[self._at]
        ways = (*moment.ways, *self.persona.always)
        ahead = next((way.to for way in ways if way.is_taken(reading)), moment.otherwise)
        passed: set[str] = set()
        while ahead and ahead not in passed:
            passed.add(ahead)
            self._at = ahead
            moment = self.persona.moments[ahead]
            words = self._say(moment)
            if words is not None:
                self.is_over = moment.ends
                return words
            ahead = moment.otherwise
        return None

    def _say(self, moment: Moment) -> str | None:
        words = next((text for text in moment.says if text not in self._said), None)
        if words is not None:
            self._said.add(words)
        return words


def _counted(reading: LineReading) -> frozenset[LineLabel]:
    """Return what a line counts for: the plain question about suicide is a closed one, and none that should have been open."""
    asks_plainly = LineLabel.ASKS_PLAINLY in reading.labels
    return reading.labels - {LineLabel.CLOSED_QUESTION} if asks_plainly else reading.labels


def only_asks(reading: LineReading) -> bool:
    """Tell whether a line does nothing but ask."""
    return bool(reading.labels & _QUESTIONS) and not reading.labels - _QUESTIONS
