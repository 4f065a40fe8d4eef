"""Choose the fixed words for a message at risk: by its level, never the same twice in a row, and first in short in the writer's own language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.fixed_answers import PLACEHOLDER
from companion.models import RedactedMessage, TriageDecision, TriageLevel
from companion.session import ChatSession
from companion.stages.aftercare import AftercareWords
from companion.stages.answers import PlainAnswers, is_rather_english, other_language

_FIXED_BY_LEVEL: Mapping[TriageLevel, str] = {
    TriageLevel.CONCERN: "crisis_concern",
    TriageLevel.RISK: "crisis_risk",
    TriageLevel.IMMINENT: "crisis_imminent",
    TriageLevel.HARM_BY_OTHER: "harm_by_other",
    TriageLevel.HARM_TO_OTHER: "harm_to_other",
}
_FOR_ANOTHER, _FOR_ANOTHER_NOW = "crisis_for_colleague", "crisis_for_colleague_now"
_BESIDE_LEVELS = (_FOR_ANOTHER, _FOR_ANOTHER_NOW, "crisis_again", "triage_down", "redaction_down", "redaction_down_again")
FIXED_NAMES = (*_FIXED_BY_LEVEL.values(), *_BESIDE_LEVELS)
"""Files of `prompts/fixed` that a turn may need; bootstrap refuses to start without them."""
_SELF_ASKED = ("crisis_concern", "crisis_risk", "crisis_imminent", "crisis_again")

_NAMES_OF_SHORT: Mapping[str, str] = {
    **{level.value: name for level, name in _FIXED_BY_LEVEL.items()},
    "for_another": _FOR_ANOTHER,
    "for_another_now": _FOR_ANOTHER_NOW,
}
SHORT_WORDS = (*_NAMES_OF_SHORT, "stay")
"""What `prompts/fixed/crisis_languages.yaml` must hold for each language."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class OwnLanguage:
    """Hold the crisis words of one language in short. told_by: words that give it away beside a crisis; words: by `SHORT_WORDS`."""

    code: str
    told_by: frozenset[str]
    words: Mapping[str, str]


def words_for(decision: TriageDecision, session: ChatSession, fixed: Mapping[str, str], aftercare: AftercareWords) -> str | None:
    """Return the fixed words for a decision; None when there is nothing to say, and nobody is asked the same question twice in a row.

    fixed: texts of `prompts/fixed` by name.
    """
    name = _FIXED_BY_LEVEL.get(decision.level)
    if name is None:
        return None
    if decision.about_other:
        name = _FOR_ANOTHER_NOW if decision.level is TriageLevel.IMMINENT else _FOR_ANOTHER
    last = session.replies[-1] if session.exchanges else ""
    was_asked = last in {fixed[asked] for asked in _SELF_ASKED} or last in aftercare.texts
    was_asked = was_asked or (decision.about_other and fixed[name] in session.replies)
    if was_asked and decision.level is TriageLevel.CONCERN:
        return None
    if last == fixed[name]:  # `crisis_again` speaks of the reader's own danger
        name = {_FOR_ANOTHER: _FOR_ANOTHER_NOW, _FOR_ANOTHER_NOW: _FOR_ANOTHER}.get(name, "crisis_again")
    return fixed[name]


def in_own_language(
    message: RedactedMessage,
    said: str,
    session: ChatSession,
    fixed: Mapping[str, str],
    languages: tuple[PlainAnswers, Sequence[OwnLanguage]],
) -> str | None:
    """Return what stands before the English crisis words when they are not in the writer's language; None for English and unknown ones.

    said: the English words, one of `fixed` or those for staying. languages: the small words of each language, and its crisis words. A
    message too short to tell ("si", "solo") is read in the language of the last earlier one that can be told.
    """
    own = _language_of(message, session, *languages)
    if own is None:
        return None
    return own.words[next((short for short, name in _NAMES_OF_SHORT.items() if said == fixed[name]), "stay")]


def _language_of(message: RedactedMessage, session: ChatSession, answers: PlainAnswers, known: Sequence[OwnLanguage]) -> OwnLanguage | None:
    for text in (message, *(exchange.message for exchange in reversed(session.exchanges))):
        hint = other_language(text, answers)
        if hint is not None:
            return next((own for own in known if own.code == hint.code), None)
        own = _told_by_few_words(text, answers, known)
        if own is not None or is_rather_english(text):
            return own
    return None


def _told_by_few_words(message: RedactedMessage, answers: PlainAnswers, known: Sequence[OwnLanguage]) -> OwnLanguage | None:
    """Return the language of which a message of few words ("quiero morir") holds most; one telling word must be among them."""
    words = {word.casefold() for word in _WORD.findall(PLACEHOLDER.sub(" ", message.text))}
    small = {hint.code: hint.words for hint in answers.languages}
    hits = {own.code: len(words & (own.told_by | small.get(own.code, frozenset()))) for own in known if words & own.told_by}
    best = max(known, key=lambda own: hits.get(own.code, 0), default=None)
    return best if best is not None and hits.get(best.code) and not is_rather_english(message) else None
