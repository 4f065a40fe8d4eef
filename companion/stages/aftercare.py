"""Stay with somebody after a crisis message: fixed words and no advice, until the person chooses to go on.

Nothing from a model and nothing from the library reaches somebody who has just written that life is in danger, unless they ask for it
(DESIGN 1, promise 1). Whoever worries about somebody else may be answered by the library, never by a model. The chat stays open all the while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.fixed_answers import FixedAnswer, matching_answer
from companion.models import RedactedMessage, TriageLevel


@dataclass(frozen=True, slots=True)
class AftercareWords:
    """Hold the words of `prompts/fixed/aftercare.yaml`.

    answers: to "is someone with you?". when_harmed: the same after harm by somebody else. stay: said in turn to anything else. for_another,
    for_another_now, stay_for_another: the same after a worry about somebody else, and after their danger now.
    """

    answers: tuple[FixedAnswer, ...] = ()
    stay: tuple[str, ...] = ()
    when_harmed: tuple[FixedAnswer, ...] = ()
    for_another: tuple[FixedAnswer, ...] = ()
    for_another_now: tuple[FixedAnswer, ...] = ()
    stay_for_another: tuple[str, ...] = ()

    @property
    def texts(self) -> frozenset[str]:
        """Return every reply that may be said while staying."""
        answers = (*self.answers, *self.when_harmed, *self.for_another, *self.for_another_now)
        return frozenset((*self.stay, *self.stay_for_another, *(answer.reply for answer in answers)))


@dataclass(frozen=True, slots=True)
class Stay:
    """Say after what the program stays. after: level of the crisis. now: level of the message. for_another: whether it was a worry about
    somebody else."""

    after: TriageLevel
    now: TriageLevel
    for_another: bool = False

    @property
    def may_read(self) -> bool:
        """Tell whether the library may answer in its own reviewed words: "what do i say to her?" is asked about a danger that is not now."""
        return self.for_another and self.after is not TriageLevel.IMMINENT


def words_to_stay(message: RedactedMessage, words: AftercareWords, said_before: Sequence[str], stay: Stay) -> str | None:
    """Return what to say to a message after a crisis; None when the words for its own triage level come first.

    said_before: the replies so far, oldest first; the same words are not said twice in a row. When the message is a crisis itself, only
    answers to our own question count, which are no danger by themselves.
    """
    answer = matching_answer(message, _answers_after(stay, words))
    last = said_before[-1] if said_before else ""
    if answer is not None and answer.reply != last:
        return answer.reply
    texts = words.stay_for_another if stay.for_another else words.stay
    if stay.now.is_at_risk or not texts or stay.may_read:
        return None
    said = sum(reply in texts for reply in said_before)
    return texts[said % len(texts)]


def _answers_after(stay: Stay, words: AftercareWords) -> tuple[FixedAnswer, ...]:
    """After harm by somebody else "he is here" means danger, not company; after a threat nobody was asked who is near."""
    level = stay.after
    if stay.for_another:
        return words.for_another_now if level is TriageLevel.IMMINENT else words.for_another
    if level is TriageLevel.HARM_BY_OTHER:
        return words.when_harmed
    return words.answers if level in (TriageLevel.RISK, TriageLevel.IMMINENT) else ()
