"""What is said in the turns after a crisis message: a true answer, the words for staying, or those for a new danger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companion.models import RawMessage, RedactedMessage, TriageDecision, TriageLevel, Vector
from companion.ports import RiskModel
from companion.session import ChatSession
from companion.spelling import read
from companion.stages.aftercare import AftercareWords, Stay, words_to_stay
from companion.stages.answers import PlainAnswers, plain_answer
from companion.stages.triage import TriageRules, assess


@dataclass(frozen=True, slots=True)
class Lingering:
    """Say what of a danger stands in the message itself, apart from the turns before it.

    by_rules: whether the written rules see none in it. only: whether nothing but the classifier's memory of earlier turns speaks of one.
    """

    by_rules: bool = False
    only: bool = False


def lingering(
    raw: RawMessage, session: ChatSession, decision: TriageDecision, rules: TriageRules, seen_by: tuple[Vector | None, RiskModel | None]
) -> Lingering:
    """Look at the message alone. seen_by: its vector and the classifier. Raises: TriageFailed when the rules break."""
    if not decision.level.is_at_risk or assess(raw, (), rules, None, None).level is not TriageLevel.NONE:
        return Lingering()
    is_answer = assess(raw, session.raw_history, rules, None, None).level.is_at_risk  # such as "yes" to the question about being safe
    return Lingering(by_rules=True, only=not is_answer and not assess(raw, (), rules, *seen_by).level.is_at_risk)


def words_after_crisis(
    message: RedactedMessage,
    decision: TriageDecision,
    session: ChatSession,
    lingers: Lingering,
    words: tuple[AftercareWords, PlainAnswers, str | None],
) -> str | None:
    """Return what to say: last among `words` stand those for the message's own triage level, which come first when it is a danger of its own.

    A danger that only lingers silences neither a true answer nor the words for staying: somebody who says "no, only tired" is not asked
    the same question again.
    """
    aftercare, answers, own = words
    is_danger = decision.level.is_at_risk
    told = plain_answer(message, answers, staying=True)
    if told is not None and (not is_danger or lingers.by_rules):
        return told
    now = TriageLevel.NONE if lingers.only else decision.level
    if own is not None and session.stays_for_another and _is_own_doubt(decision):
        return own
    after = session.staying_after or decision.level
    if session.stays_for_another and is_danger and lingers.by_rules:
        after, now = TriageLevel.IMMINENT, TriageLevel.NONE  # "what do i say to him" is about the other, however near it sounds to danger
    return words_to_stay(message, aftercare, session.replies, Stay(after, now, session.stays_for_another)) or own


def open_question(raw: RawMessage, session: ChatSession, fixed: Mapping[str, str], rules: TriageRules | None) -> str | None:
    """Return the line that keeps the caring question open, None unless the last reply asked it and this message does not answer it.

    Whoever passes over the question may be weighing an answer; a reply on sleep alone would close the door again.
    """
    if rules is None or not session.exchanges or session.replies[-1] != fixed["crisis_concern"]:
        return None
    plain = read(raw.text, rules.spelling)
    return None if rules.denials.found_in(plain) or rules.safe_answers.found_in(plain) else fixed["question_stands"]


def _is_own_doubt(decision: TriageDecision) -> bool:
    """Tell whether somebody who worries about another now says something that makes one ask how safe they are themselves."""
    return decision.level is TriageLevel.CONCERN and not decision.about_other and not decision.is_guess
