"""Score a peer's line: what each of its sentences does, by written rules first and by the nearest examples where no rule speaks.

Pure but for the embedding, which is given. Without it the rules stand alone, and reflections without "you" are missed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from companion.models import Matrix, Vector
from companion.models_lines import LineLabel, LineReading, LineRule, LineRules
from companion.ports_training import LineEmbedder
from companion.spelling import PlainText, read

_SENTENCE = re.compile(r"(?:(?!, but\b)[^.!?…;\n])+[.!?…;]*")
"""A sentence, or a part of one before "but": "You're worried, but it will pass" says two things."""
_MOST_SENTENCES = 12
"""Of one line; what follows is not read, so that a pasted page costs no time. Chosen by us."""
_BEST = 3
"""How many of the nearest examples of a label speak for it; one alone may be odd. Chosen by us."""
_NO_LABELS: frozenset[LineLabel] = frozenset()
_OTHER = frozenset({LineLabel.OTHER})
_SPOKEN_FIRST = (LineLabel.SECRECY_PROMISE, LineLabel.MINIMISING, LineLabel.ADVICE_EARLY, LineLabel.AFFIRMATION)
"""A sentence of these is not searched for a reflection as well: "You should rest" is no reflection although it speaks of "you"."""


@dataclass(frozen=True, slots=True)
class NearestLines:
    """Hold example sentences by meaning. vectors: float32, (n_examples, dim), rows L2-normalised. labels: of each row;
    questions are not among them, since "You don't want to die" asks nothing however near it is.
    """

    vectors: Matrix
    labels: tuple[LineLabel, ...]
    embed: LineEmbedder

    def closeness(self, vector: Vector) -> Mapping[LineLabel, float]:
        """Return per label how close its nearest examples are: the mean cosine similarity of the best three, -1 to 1."""
        similar = self.vectors @ vector
        return {
            label: float(np.sort(similar[[each is label for each in self.labels]])[-_BEST:].mean()) for label in dict.fromkeys(self.labels)
        }


@dataclass(frozen=True, slots=True)
class LineScorer:
    """Say what a line does. nearest: None when there is no embedding model."""

    rules: LineRules
    nearest: NearestLines | None = None

    def read(self, line: str, before: str = "") -> LineReading:
        """Return what a line does. before: what the colleague said before it, "" at the beginning."""
        states_limit = self.rules.states_limit.found_in(read(line, self.rules.spelling))
        said = _Said(self.rules, before, None if states_limit else self.nearest)  # what is said around a limit has its own sense
        sentences = [match.group().strip() for match in _SENTENCE.finditer(line)][:_MOST_SENTENCES]
        found = [said.labels(sentence, after) for sentence, after in zip_longest(sentences, sentences[1:], fillvalue="") if sentence]
        if states_limit:  # "I promise I tell nobody, unless your life is at risk" is honest
            found = [labels - {LineLabel.SECRECY_PROMISE} for labels in found]
        labels = frozenset[LineLabel]().union(*found) - _OTHER or _OTHER
        return LineReading(labels, tuple(zip(sentences, found, strict=True)), states_limit)


class _Said:
    """Read the sentences of one line."""

    def __init__(self, rules: LineRules, before: str, nearest: NearestLines | None) -> None:
        self._rules, self._nearest = rules, nearest
        self._before = before
        self._before_plain = read(before, rules.spelling)

    def labels(self, sentence: str, after: str) -> frozenset[LineLabel]:
        """Return what one sentence does; empty when it has no words. after: the sentence behind it."""
        plain = read(sentence, self._rules.spelling)
        if plain.words <= {"."}:
            return _NO_LABELS
        is_question = self._is_question(sentence, plain)
        if self._rules.states_limit.found_in(plain) and not is_question:
            return frozenset(label for label in _SPOKEN_FIRST[1:] if self._has(label, plain)) or _OTHER
        if self._has(LineLabel.ASKS_PLAINLY, plain) and (is_question or after.rstrip().endswith("?")):
            return frozenset({LineLabel.ASKS_PLAINLY, LineLabel.CLOSED_QUESTION})
        spoken = frozenset(label for label in _SPOKEN_FIRST if self._has(label, plain))
        if is_question:
            return self._of_question(plain, spoken)
        if spoken or self._is_asked_for(plain):
            return spoken or _OTHER
        if self._has(LineLabel.OPEN_QUESTION, plain):
            return frozenset({LineLabel.OPEN_QUESTION})
        if self._rules.sure_reflections.found_in(plain):
            return frozenset({LineLabel.REFLECTION})
        return self._of_statement(sentence, plain)

    def _of_question(self, plain: PlainText, spoken: frozenset[LineLabel]) -> frozenset[LineLabel]:
        if LineLabel.ADVICE_EARLY in spoken:  # "Have you tried tea?" asks for nothing
            return spoken
        questions = self._rules.questions
        is_open = questions.opens.found_in(plain) and not questions.closes.found_in(plain)
        return spoken | {LineLabel.OPEN_QUESTION if is_open else LineLabel.CLOSED_QUESTION}

    def _of_statement(self, sentence: str, plain: PlainText) -> frozenset[LineLabel]:
        """Return what a statement does that no phrase settled: the label of the nearest examples."""
        speaks_of_you = self._has(LineLabel.REFLECTION, plain)
        vector = self._nearest.embed(sentence) if self._nearest else None
        if self._nearest is None or vector is None:
            return frozenset({LineLabel.REFLECTION}) if speaks_of_you else _OTHER
        close = dict(self._nearest.closeness(vector))
        bars = self._rules.bars
        close[LineLabel.REFLECTION] += (bars.speaks_of_you if speaks_of_you else 0.0) + bars.echo * self._echo(vector, plain)
        label = max(close, key=close.__getitem__)
        if close[label] < bars.floor:
            return _OTHER
        return frozenset({label}) - self._not_early(label) or _OTHER

    def _not_early(self, label: LineLabel) -> frozenset[LineLabel]:
        rule = self._rules.rules[LineLabel.ADVICE_EARLY]
        return frozenset({label}) if label is LineLabel.ADVICE_EARLY and _was_asked(rule, self._before_plain) else _NO_LABELS

    def _echo(self, vector: Vector, plain: PlainText) -> float:
        """Return how much a statement stays with what the colleague said, 0 to 1; a story of one's own does not."""
        rule = self._rules.rules[LineLabel.REFLECTION]
        if self._nearest is None or not self._before or (rule.unless is not None and rule.unless.found_in(plain)):
            return 0.0
        before = self._nearest.embed(self._before)
        return 0.0 if before is None else max(0.0, float(np.dot(before, vector)))

    def _is_question(self, sentence: str, plain: PlainText) -> bool:
        if sentence.endswith("?"):
            return True
        return not sentence.endswith((".", "!", "…")) and self._rules.questions.leads.found_in(plain)

    def _is_asked_for(self, plain: PlainText) -> bool:
        """Tell whether a sentence is advice that the colleague has just asked for."""
        rule = self._rules.rules[LineLabel.ADVICE_EARLY]
        return rule.phrases.found_in(plain) and _was_asked(rule, self._before_plain)

    def _has(self, label: LineLabel, plain: PlainText) -> bool:
        rule = self._rules.rules.get(label)
        if rule is None or not rule.phrases.found_in(plain):
            return False
        if rule.unless is not None and rule.unless.found_in(plain):
            return False
        return not _was_asked(rule, self._before_plain)


def _was_asked(rule: LineRule, before: PlainText) -> bool:
    return rule.unless_asked is not None and rule.unless_asked.found_in(before)
