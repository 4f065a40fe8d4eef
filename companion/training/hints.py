"""A hint to a peer who is writing in a true talk: only what may hurt, never praise, and at most one. Nothing of it is kept."""

from __future__ import annotations

from companion.models_lines import LineLabel
from companion.models_practice import FeedbackWords, LineFeedback, TryNext
from companion.training.lines import LineScorer

_HINTED = {
    TryNext.NO_SECRECY_PROMISE: LineLabel.SECRECY_PROMISE,
    TryNext.NO_MINIMISING: LineLabel.MINIMISING,
    TryNext.NO_EARLY_ADVICE: LineLabel.ADVICE_EARLY,
}
"""Most pressing first. A closed question or a line without an echo is no reason to speak up while two people talk; the practice room is for that."""


def hint_on(draft: str, before: str, scorer: LineScorer, words: FeedbackWords) -> LineFeedback | None:
    """Return the one hint to a draft, or None. before: what the other said last, "" when nothing."""
    reading = scorer.read(draft, before)
    due = next((each for each, label in _HINTED.items() if label in reading.labels), None)
    if due is None:
        return None
    suggestion = words.to_try[due]
    return LineFeedback((), suggestion.texts[0], reading.sentence_with(_HINTED[due]) or "", suggestion.module_id)
