"""Decide how urgently a human is needed: rules on the words as typed, a small classifier on the embedding, and the turns before.

The higher of rules and classifier wins, tamed: where a rule recognised a figure of speech, the classifier must be much surer before it
raises a siren alone. Unsure between none and risk is `concern`: one caring question. Works without classifier, index and database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from companion.errors import CompanionError, TriageFailed
from companion.letter_grams import clues
from companion.models import RawMessage, TriageDecision, TriageLevel, Vector
from companion.phrases import Phrases, Wording
from companion.ports import RiskModel
from companion.spelling import PlainText, Spelling, read

_TURNS_READ = 6
"""How many earlier messages count as the way here. Chosen by us."""
_TURNS_CARRIED = 3
"""For how many turns a risk keeps at least `concern`. Chosen by us."""
_SURE, _HALF_SURE = 0.95, 0.5
_TERSE_WORDS = 3
"""Below it ("did it") the classifier must be as sure of a siren as beside a figure of speech. Chosen by us, dev split."""
_FOLLOW_UP_WORDS = 8
"""Below it a message that leans on earlier ones ("so what else") is unclear by nature: the chance that it is unclear counts half.
Chosen by us on dev conversations."""
_UNCLEAR = 0.7
"""What the chance of being unclear counts beside that of a risk. At 1, months of tiredness met the question about not wanting to live; on rows
aside at risk noticed .976 at 1 and .973 at 0.7, needless questions .156 and .146."""
THOUGHTS = "thoughts"
"""The sign that every rule of level `risk` or above gives by itself."""


@dataclass(frozen=True, slots=True)
class RiskRule:
    """Hold phrases that mean one level, and why.

    sign: what they are a sign of, for combinations; `none` as level means that they count only in combination. softened_by: ids of
    softeners that lower it. about_other: whether the worry is about somebody else than the writer. covers: whether no other rule reads the
    words it found, since "he is standing on the bridge now" would otherwise count as the writer's own danger as well.
    """

    id: str
    level: TriageLevel
    reason: str
    phrases: Phrases
    sign: str | None = None
    softened_by: frozenset[str] = frozenset()
    about_other: bool = False
    covers: bool = False


@dataclass(frozen=True, slots=True)
class Softener:
    """Hold phrases that show a message to be about the past, a course, a joke. also: must occur as well; unless: must not occur."""

    id: str
    becomes: TriageLevel
    reason: str
    phrases: Phrases
    also: Phrases | None = None
    unless: Phrases | None = None

    def is_in(self, plain: PlainText) -> bool:
        """Tell whether the message softens the rules that name this softener."""
        if not self.phrases.found_in(plain) or (self.also is not None and not self.also.found_in(plain)):
            return False
        return self.unless is None or not self.unless.found_in(plain)


@dataclass(frozen=True, slots=True)
class Combination:
    """Say what signs mean together, across the message and the turns before it."""

    signs: frozenset[str]
    level: TriageLevel
    reason: str


@dataclass(frozen=True, slots=True)
class ClassifierBars:
    """Hold how sure (0 to 1) the classifier must be. Chosen by us on evals/datasets/triage.jsonl, dev split.

    siren: for a level at risk. siren_imminent: the same in a first message where `imminent` is the likeliest, as that is the worst to miss (later,
    at .45 and .6: sirens on 425 everyday turns .080 and .056, on 231 turns at risk .831 and .823; two other authors). beside_concern: where
    a rule already found concern, so that two weak signs add up. concern: for the caring question. imminent: to raise a risk to imminent.
    tamed_siren, tamed_concern: the same where a rule recognised a figure of speech or a softener. cleared: how sure of no danger both
    opinions together must be for a concern that only phrases found to be let go ("no way out of this car park"): of 53 dev rows with such a
    concern 11 reach .75, none of them a risk or unclear; the next, a risk, has .70. reader_share: what the reader of whole
    turns counts beside the small classifier in English (`companion/opinions.py`), reader_share_elsewhere: in other languages.
    """

    siren: float
    siren_imminent: float
    beside_concern: float
    concern: float
    imminent: float
    tamed_siren: float
    tamed_concern: float
    cleared: float
    reader_share: float
    reader_share_elsewhere: float


@dataclass(frozen=True, slots=True)
class TriageRules:
    """Hold `knowledge/triage_rules.yaml`. say: plain reasons for what the program itself concludes, by name.

    denials: answers that say no to the caring question, after which it need not be repeated; they take no risk away.
    """

    version: str
    spelling: Spelling
    look_alikes: Phrases
    rules: tuple[RiskRule, ...]
    softeners: tuple[Softener, ...]
    combinations: tuple[Combination, ...]
    confirming_answers: Phrases
    safe_answers: Phrases
    denials: Phrases
    bars: ClassifierBars
    say: Mapping[str, str]
    person_requests: Wording


@dataclass(frozen=True, slots=True)
class _Reading:
    """Hold what the rules make of one message, or of it together with those before.

    is_carried: whether it stems from an earlier one. tells_of_self: whether it says "I" beside a worry about somebody else.
    """

    level: TriageLevel = TriageLevel.NONE
    reasons: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset()
    about_other: bool = False
    is_carried: bool = False
    tells_of_self: bool = False
    is_tamed: bool = False
    plain: PlainText = field(default=PlainText("", frozenset()), repr=False)


def assess(
    raw: RawMessage, history: Sequence[str], rules: TriageRules, embedding: Vector | None, model: RiskModel | None
) -> TriageDecision:
    """Return how urgently a human is needed.

    history: earlier messages of the same person as typed, oldest first. embedding, model: None when they are not available; the rules
    then decide alone and the reasons say so. A classifier that breaks never lowers or prevents the rules' decision.

    Raises: TriageFailed, and nothing else, when the rules themselves break; the caller must treat it as "needs a human".
    """
    try:
        by_rules = _judge(raw, history, rules)
    except CompanionError:
        raise
    except Exception as exc:
        raise TriageFailed("the triage rules could not be applied; run `companion check`") from exc
    odds = _odds(embedding, model, raw, history)
    if odds is None:
        score = _SURE if by_rules.level.is_at_risk else _HALF_SURE
        return TriageDecision(by_rules.level, score, (*by_rules.reasons, rules.say["rules_alone"]), by_rules.about_other)
    words = len(raw.text.split())
    is_terse, leans = words < _TERSE_WORDS, bool(history) and words < _FOLLOW_UP_WORDS
    return _weigh(by_rules, odds, rules, is_terse=is_terse, leans_on_earlier=leans, is_first=not history)


def is_harmless(text: str, rules: TriageRules) -> bool:
    """Tell whether the rules see nothing in a curated text, such as a way in which people ask for an article."""
    return _read_one(text, rules).level is TriageLevel.NONE


def _judge(raw: RawMessage, history: Sequence[str], rules: TriageRules) -> _Reading:
    """Return what the rules say of a message in the light of the turns before it."""
    earlier = [_read_one(text, rules) for text in history[-_TURNS_READ:]]
    now = _read_one(raw.text, rules)
    candidates = [now, *_combined(now, earlier, rules)]
    if rules.safe_answers.found_in(now.plain):
        return max(candidates, key=lambda reading: reading.level.severity)
    if earlier and earlier[-1].level is not TriageLevel.NONE and rules.confirming_answers.found_in(now.plain):
        level = max(earlier[-1].level, TriageLevel.RISK, key=lambda level: level.severity)
        candidates.append(_Reading(level, (rules.say["confirmed"],), about_other=earlier[-1].about_other))
    risks = [reading for reading in earlier[-_TURNS_CARRIED:] if reading.level.is_at_risk]
    if risks:
        about_other = all(reading.about_other for reading in risks)
        candidates.append(_Reading(TriageLevel.CONCERN, (rules.say["earlier_risk"],), about_other=about_other, is_carried=True))
    return max(candidates, key=lambda reading: reading.level.severity)


def _read_one(text: str, rules: TriageRules) -> _Reading:
    """Return what the rules say of one message by itself."""
    whole = read(text, rules.spelling)
    plain = rules.look_alikes.mask(whole)
    matched, rest = _matching(plain, rules)
    active = [softener for softener in rules.softeners if softener.is_in(whole)] if matched else []
    levels = {rule.id: _softened(rule, active) for rule in matched}
    level = max(levels.values(), key=lambda level: level.severity, default=TriageLevel.NONE)
    deciding = [rule for rule in matched if levels[rule.id] is level and level is not TriageLevel.NONE]
    softening = [s for s in active if any(s.id in rule.softened_by for rule in matched)]
    signs = {rule.sign or THOUGHTS for rule in matched if rule.sign or levels[rule.id].is_at_risk}
    return _Reading(
        level=level,
        reasons=tuple(dict.fromkeys([*(rule.reason for rule in deciding), *(s.reason for s in softening)])),
        signs=frozenset(signs),
        about_other=bool(deciding) and all(rule.about_other for rule in matched if rule in deciding or levels[rule.id].is_at_risk),
        tells_of_self=rest is not plain and "i" in rest.words,
        is_tamed=plain is not whole or bool(softening),
        plain=whole,
    )


def _matching(plain: PlainText, rules: TriageRules) -> tuple[list[RiskRule], PlainText]:
    """Return the rules whose phrases occur, in the order of the file, and the text without what rules that cover their words found."""
    covering = {rule.id: rule for rule in rules.rules if rule.covers and rule.phrases.found_in(plain)}
    rest = plain
    for rule in covering.values():
        rest = rule.phrases.mask(rest)
    return [rule for rule in rules.rules if rule.id in covering or rule.phrases.found_in(rest)], rest


def _softened(rule: RiskRule, active: Sequence[Softener]) -> TriageLevel:
    becomes = [softener.becomes for softener in active if softener.id in rule.softened_by]
    return min([rule.level, *becomes], key=lambda level: level.severity)


def _combined(now: _Reading, earlier: Sequence[_Reading], rules: TriageRules) -> list[_Reading]:
    """Return what signs mean together; the newest message must hold one of them, or nothing new was said."""
    readings = [now, *earlier]
    seen = now.signs.union(*(reading.signs for reading in earlier))
    return [
        _Reading(combination.level, (combination.reason,), about_other=_all_of_another(combination, readings), is_tamed=now.is_tamed)
        for combination in rules.combinations
        if combination.signs <= seen and combination.signs & now.signs
    ]


def _all_of_another(combination: Combination, readings: Sequence[_Reading]) -> bool:
    """Tell whether every sign was said of somebody else. With an "I" beside it ("... and I have the pills") it may be the writer's own."""
    holding = [reading for reading in readings if combination.signs & reading.signs]
    return all(reading.about_other and "i" not in reading.plain.words for reading in holding)


def _odds(embedding: Vector | None, model: RiskModel | None, raw: RawMessage, history: Sequence[str]) -> Mapping[TriageLevel, float] | None:
    if embedding is None or model is None:
        return None
    try:
        odds = model.probabilities(embedding, clues(raw.text, history[-_TURNS_READ:]))
        return odds if abs(sum(odds.values()) - 1) < 0.01 else None  # NaN fails this test too
    except Exception:  # noqa: BLE001 - fail closed: whatever breaks in the classifier, the rules' decision counts
        return None


def _of_the_rules(by_rules: _Reading, odds: Mapping[TriageLevel, float], rules: TriageRules) -> TriageDecision:
    """Return a level at risk that the rules found; a risk becomes imminent where the classifier is sure of it."""
    if by_rules.level is TriageLevel.RISK and odds.get(TriageLevel.IMMINENT, 0.0) >= rules.bars.imminent:
        reasons = (*by_rules.reasons, rules.say["classifier_imminent"])
        return TriageDecision(TriageLevel.IMMINENT, odds[TriageLevel.IMMINENT], reasons, by_rules.about_other)
    return TriageDecision(by_rules.level, _SURE, by_rules.reasons, by_rules.about_other)


def _weigh(
    by_rules: _Reading,
    odds: Mapping[TriageLevel, float],
    rules: TriageRules,
    *,
    is_terse: bool,
    leans_on_earlier: bool = False,
    is_first: bool = True,
) -> TriageDecision:
    """Return the higher of rules and classifier, tamed by what the rules recognised.

    is_terse: too few words for the classifier to go by. leans_on_earlier: a short message after others, which is unclear by nature.
    is_first: whether nothing was written before it.
    """
    bars = rules.bars
    at_risk = {level: share for level, share in odds.items() if level.is_at_risk}
    mass = sum(at_risk.values())
    likeliest = max(at_risk, key=lambda level: at_risk[level])
    is_guess = by_rules.level is TriageLevel.NONE
    if by_rules.level.is_at_risk:
        return _of_the_rules(by_rules, odds, rules)
    # Later in a talk, half-sure sirens were mostly wrong: a caring question is there as well, and another turn in which to be surer.
    siren = bars.siren_imminent if is_first and likeliest is TriageLevel.IMMINENT else bars.siren
    siren = min(siren, bars.beside_concern) if by_rules.level is TriageLevel.CONCERN else siren
    siren, concern = (bars.tamed_siren, bars.tamed_concern) if by_rules.is_tamed else (siren, bars.concern)
    if is_terse or likeliest is TriageLevel.HARM_TO_OTHER:
        siren = max(siren, bars.tamed_siren)  # to be taken for a danger to others is the worst of false alarms
    about_other = by_rules.about_other and not by_rules.tells_of_self
    is_known_worry = by_rules.level is TriageLevel.CONCERN and about_other and likeliest is TriageLevel.RISK
    if mass >= siren and not is_known_worry:  # "what do i say to her" is about the risk already told, not a new one
        about_other = about_other and not by_rules.is_carried and likeliest is TriageLevel.IMMINENT  # later it may be the writer's own
        return TriageDecision(likeliest, mass, (*by_rules.reasons, rules.say["classifier_siren"]), about_other, is_guess)
    is_cleared = odds.get(TriageLevel.NONE, 0.0) >= bars.cleared and not by_rules.is_carried and not by_rules.about_other
    if by_rules.level is TriageLevel.CONCERN and not is_cleared:
        return TriageDecision(TriageLevel.CONCERN, max(mass, _HALF_SURE), by_rules.reasons, by_rules.about_other)
    unclear = 0.0 if is_terse else _UNCLEAR * odds.get(TriageLevel.CONCERN, 0.0) / (2 if leans_on_earlier else 1)
    doubt = mass + unclear
    if doubt >= concern:
        return TriageDecision(TriageLevel.CONCERN, mass, (*by_rules.reasons, rules.say["classifier_concern"]), is_guess=is_guess)
    return TriageDecision(TriageLevel.NONE, 1 - mass, by_rules.reasons)
