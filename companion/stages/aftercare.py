"""Stay with somebody after a crisis message: fixed words and no advice, until the person chooses to go on.

Nothing from a model and nothing from the library reaches somebody who has just written that life is in danger, unless they ask for it
(DESIGN 1, promise 1). The chat stays open all the while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.fixed_answers import FixedAnswer, matching_answer
from companion.models import RedactedMessage, TriageLevel


@dataclass(frozen=True, slots=True)
class AftercareWords:
    """Hold the words of `prompts/fixed/aftercare.yaml`.

    answers: to "is someone with you?". when_harmed: the same after harm by somebody else. stay: said in turn to anything else.
    """

    answers: tuple[FixedAnswer, ...] = ()
    stay: tuple[str, ...] = ()
    when_harmed: tuple[FixedAnswer, ...] = ()

    @property
    def texts(self) -> frozenset[str]:
        """Return every reply that may be said while staying."""
        return frozenset((*self.stay, *(answer.reply for answer in (*self.answers, *self.when_harmed))))


def words_to_stay(
    message: RedactedMessage, words: AftercareWords, said_before: Sequence[str], *, after: TriageLevel, now: TriageLevel
) -> str | None:
    """Return what to say to a message after a crisis; None when the words for its own triage level come first.

    said_before: the replies so far, oldest first; the same words are not said twice in a row. after: level of the crisis. now: level of
    the message; when that is a crisis itself, only answers to our own question count, which are no danger by themselves.
    """
    answer = matching_answer(message, _answers_after(after, words))
    last = said_before[-1] if said_before else ""
    if answer is not None and answer.reply != last:
        return answer.reply
    if now.is_at_risk or not words.stay:
        return None
    said = sum(reply in words.stay for reply in said_before)
    return words.stay[said % len(words.stay)]


def _answers_after(level: TriageLevel, words: AftercareWords) -> tuple[FixedAnswer, ...]:
    """After harm by somebody else "he is here" means danger, not company; after a threat nobody was asked who is near."""
    if level is TriageLevel.HARM_BY_OTHER:
        return words.when_harmed
    return words.answers if level in (TriageLevel.RISK, TriageLevel.IMMINENT) else ()
