"""Feedback to one line of a practice: what worked, and at most one thing to try, with the module that teaches it."""

from __future__ import annotations

from collections.abc import Sequence

from companion.models_lines import LineLabel, LineReading
from companion.models_practice import FeedbackWords, LineFeedback, Persona, TryNext
from companion.training.practice import only_asks

_WORKS = (LineLabel.ASKS_PLAINLY, LineLabel.REFLECTION, LineLabel.AFFIRMATION, LineLabel.OPEN_QUESTION)
_MOST_PRAISE = 2
_QUESTIONS_IN_A_ROW = 3
"""Lines of nothing but questions after which a talk feels like an interview. Chosen by us; MITI 4.2 asks for more reflections than questions."""
_PATIENCE_LINES = 3
"""Lines after which somebody who hints at suicide should have been asked plainly. Chosen by us: the first may be missed, the third not."""
_QUOTED = {
    TryNext.NO_SECRECY_PROMISE: LineLabel.SECRECY_PROMISE,
    TryNext.NO_MINIMISING: LineLabel.MINIMISING,
    TryNext.NO_EARLY_ADVICE: LineLabel.ADVICE_EARLY,
    TryNext.OPEN_THE_QUESTION: LineLabel.CLOSED_QUESTION,
}


def feedback_on(reading: LineReading, earlier: Sequence[LineReading], persona: Persona, words: FeedbackWords) -> LineFeedback:
    """Return the feedback to a line. earlier: the lines before it, oldest first. The wording changes from line to line."""
    turn = len(earlier)
    worked = [_wording(words.worked[label], turn) for label in _WORKS if label in reading.labels and label in words.worked]
    if reading.states_limit:
        worked.insert(0, _wording(words.limit, turn))
    to_try = what_to_try(reading, earlier, persona)
    if to_try is None:
        return LineFeedback(tuple(worked[:_MOST_PRAISE]))
    suggestion = words.to_try[to_try]
    quoted = _QUOTED.get(to_try)
    quote = (reading.sentence_with(quoted) or "") if quoted and len(reading.sentences) > 1 else ""
    return LineFeedback(tuple(worked[:_MOST_PRAISE]), _wording(suggestion.texts, turn), quote, suggestion.module_id)


def what_to_try(reading: LineReading, earlier: Sequence[LineReading], persona: Persona) -> TryNext | None:
    """Return the most pressing thing to try, or None when the line does what it should."""
    labels = reading.labels
    lines = (*earlier, reading)
    is_due = LineLabel.ASKS_PLAINLY in persona.practises and len(lines) >= _PATIENCE_LINES
    never_asked = not any(LineLabel.ASKS_PLAINLY in each.labels for each in lines)
    asks_in_a_row = len(lines) >= _QUESTIONS_IN_A_ROW and all(only_asks(each) for each in lines[-_QUESTIONS_IN_A_ROW:])
    asks_closed = LineLabel.CLOSED_QUESTION in labels and LineLabel.ASKS_PLAINLY not in labels
    due = {
        TryNext.NO_SECRECY_PROMISE: LineLabel.SECRECY_PROMISE in labels,
        TryNext.NO_MINIMISING: LineLabel.MINIMISING in labels,
        TryNext.ASK_PLAINLY: is_due and never_asked,
        TryNext.NO_EARLY_ADVICE: LineLabel.ADVICE_EARLY in labels,
        TryNext.REFLECT_BETWEEN_QUESTIONS: asks_in_a_row,
        TryNext.OPEN_THE_QUESTION: asks_closed and not labels & {LineLabel.REFLECTION, LineLabel.OPEN_QUESTION},
        TryNext.SAY_BACK: labels == {LineLabel.OTHER} and not reading.states_limit,
    }
    return next((each for each in TryNext if due[each]), None)


def _wording(texts: Sequence[str], turn: int) -> str:
    return texts[turn % len(texts)]
