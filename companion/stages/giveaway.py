"""Point out what may tell colleagues who wrote a text although no name stands in it, and offer vaguer words.

"The only night pharmacist in Leeds, back from maternity leave": each part is harmless, together they are one person. Only the text itself and
coarse counts are used, never a directory. What was found adds up to points; small weights judge them together with how it is said
(`companion/giveaway_chance.py`). Where the stretches found do not explain it, the clauses that tell most are pointed out. It warns; the person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from companion.giveaway_chance import Signs, chance, features, is_readable
from companion.models_giveaway import Giveaway, GiveawayKind, GiveawayReading, GiveawayRules, GiveawayWeights, HowMany, Sign

_SECOND_COUNTS = 0.5
"""Share of its points that a second, different stretch of the same kind adds; chosen by us on the dev half of the evals."""
_SENTENCE_STARTS = re.compile(r"(?:^|[.!?\n])[\s\"'“‘(]{0,4}$")
_ROLES = frozenset({GiveawayKind.ROLE, GiveawayKind.COMMON_ROLE})
_EVERYDAY = frozenset({GiveawayKind.PLACE, GiveawayKind.COMMON_ROLE})
_WORD = re.compile(r"[\w'’]+")
_CAPITAL = "\ue000"
"""Stands where a sentence lost its first words, until the next word there has its capital; a private sign that nobody types."""
_CLAUSE = re.compile(r"([^\s.!?,;][^.!?,;\n]*)([.!?]*)")
_MOST_CLAUSES = 3
_LEFT_OVER = re.compile(r"[ \t]{0,4}[,;]?[ \t]{0,4}")


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    sign: Sign
    words: str


def find_giveaways(text: str, rules: GiveawayRules) -> GiveawayReading:
    """Return what in a text may single somebody out, with a reason and vaguer words for each stretch. Linear in the length of the text."""
    matches = _in_order(text, rules)
    gives_away, score = _tells(_signs(text, matches, rules), rules), _score(matches, rules)
    found = tuple(
        Giveaway(match.start, match.end, match.sign.kind, rules.reasons[match.sign.kind], _in_place(text, match))
        for match in _shown(matches)
    )
    rewritten = _rewritten(text, found)
    if gives_away and (not found or _still_tells(rewritten, rules)):
        found = _with_clauses(text, found, rules)
        rewritten = _rewritten(text, found)
    return GiveawayReading(found, score, gives_away, rewritten)


def signs_of(text: str, rules: GiveawayRules, weights: GiveawayWeights) -> Mapping[str, float]:
    """Return the features of a text, by name, as the weights count them."""
    return features(_signs(text, _in_order(text, rules), rules), rules, weights)


def _in_order(text: str, rules: GiveawayRules) -> list[_Match]:
    return sorted(_matches(text, rules.phrases), key=lambda match: (match.start, -match.end))


def _signs(text: str, matches: Sequence[_Match], rules: GiveawayRules) -> Signs:
    """Return what was found; a job that many have here is a usual one."""
    kinds = tuple(GiveawayKind.COMMON_ROLE if _how_many(match, rules) is HowMany.MANY else match.sign.kind for match in matches)
    pieces: list[str] = []
    position = 0
    for match in _widest([match for match, kind in zip(matches, kinds, strict=True) if kind in _EVERYDAY]):
        pieces.append(text[position : match.start])
        position = match.end
    return Signs(text, " ".join([*pieces, text[position:]]), kinds, _score(matches, rules))


def _chance(text: str, rules: GiveawayRules) -> float:
    return chance(signs_of(text, rules, rules.weights), rules.weights) if rules.weights else 0.0


def _tells(signs: Signs, rules: GiveawayRules) -> bool:
    """Tell whether a text may single somebody out: by its points, or by the weights where they know its words.

    The points stay decisive: many small details in a long letter add up, and the weights alone let one in four letters of the attack pass.
    """
    weights = rules.weights
    if signs.score >= rules.from_points or weights is None or not is_readable(signs.text, weights):
        return signs.score >= rules.from_points
    return chance(features(signs, rules, weights), weights) >= weights.from_chance


def _still_tells(text: str, rules: GiveawayRules) -> bool:
    """Tell whether a text may still single somebody out, apart from what is pointed out and stays because it is the point of the letter."""
    rest = _without_what_stays(text, rules)
    return _tells(_signs(rest, _in_order(rest, rules), rules), rules)


def _without_what_stays(text: str, rules: GiveawayRules) -> str:
    pieces: list[str] = []
    position = 0
    for match in _widest([match for match in _in_order(text, rules) if match.sign.stays]):
        pieces.append(text[position : match.start])
        position = match.end
    return "".join([*pieces, text[position:]])


def _with_clauses(text: str, found: Sequence[Giveaway], rules: GiveawayRules) -> tuple[Giveaway, ...]:
    """Return the stretches with the most telling clauses in their place, one after another until the rest tells nothing, at most some."""
    reason = rules.reasons[GiveawayKind.TOGETHER]
    for start, end in sorted(_clauses(text), key=lambda clause: -_chance(text[clause[0] : clause[1]], rules))[:_MOST_CLAUSES]:
        apart = (each for each in found if each.end <= start or end <= each.start)
        found = sorted([*apart, Giveaway(start, end, GiveawayKind.TOGETHER, reason, "")], key=lambda each: each.start)
        if not _WORD.search(_rewritten(text, found)):
            return tuple(replace(each, vaguer=rules.sentence if place == 0 else "") for place, each in enumerate(found))
        if not _still_tells(_rewritten(text, found), rules):
            break
    return tuple(found)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where clauses stand; one that is a whole sentence with its full stop."""
    for clause in _CLAUSE.finditer(text):
        yield clause.start(1), clause.end(2 if _starts_sentence(text, clause.start()) else 1)


def _matches(text: str, phrases: Mapping[str, Sequence[tuple[Sign | None, re.Pattern[str]]]]) -> list[_Match]:
    found: list[_Match] = []
    harmless: list[range] = []
    for word in _WORD.finditer(text):
        key = word[0].casefold().replace("'", "").replace("’", "")
        for sign, pattern in phrases.get("#" if key.isdecimal() else key, ()):
            match = pattern.match(text, word.start())
            if match is None:
                continue
            words = " ".join(_WORD.findall(match[0].casefold()))
            if sign is None:
                harmless.append(range(match.start(), match.end()))
            elif sign.unless.isdisjoint(words.split()):
                found.append(_Match(match.start(), match.end(), sign, words))
    return [match for match in found if not any(match.start in part and match.end <= part.stop for part in harmless)]


def _score(matches: Iterable[_Match], rules: GiveawayRules) -> float:
    """Add the points of each kind, and a share of them for a second stretch elsewhere in the text."""
    by_kind: dict[GiveawayKind, list[_Match]] = {}
    for match in matches:
        by_kind.setdefault(match.sign.kind, []).append(match)
    score = 0.0
    for found in by_kind.values():
        points = max(_points(match, rules) for match in found)
        score += points * (1 + _SECOND_COUNTS) if len({match.words for match in _widest(found)}) > 1 else points
    return score


def _points(match: _Match, rules: GiveawayRules) -> float:
    how_many = _how_many(match, rules)
    return rules.points[match.sign.kind] if how_many is None else rules.how_many[how_many]


def _how_many(match: _Match, rules: GiveawayRules) -> HowMany | None:
    """Return how many people here have the job, when the deployment says so."""
    if match.sign.kind not in _ROLES:
        return None
    return next((how_many for role, how_many in rules.counts.items() if role in match.words), None)


def _widest(matches: Sequence[_Match]) -> list[_Match]:
    """Return matches that do not overlap: of those that do, the widest, stretched over the others. matches: by start, wider first."""
    kept: list[_Match] = []
    for match in matches:
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
            continue
        wider = max(kept[-1], match, key=lambda one: one.end - one.start)
        kept[-1] = replace(wider, start=kept[-1].start, end=max(kept[-1].end, match.end))
    return kept


def _shown(matches: Sequence[_Match]) -> list[_Match]:
    """Return what to point out: all that has vaguer words, and the rest where nothing of it stands already."""
    offered = _widest([match for match in matches if match.sign.vaguer is not None])
    alone = [
        match
        for match in _widest([match for match in matches if match.sign.vaguer is None])
        if not any(match.start < other.end and other.start < match.end for other in offered)
    ]
    return sorted([*offered, *alone], key=lambda match: match.start)


def _in_place(text: str, match: _Match) -> str | None:
    """Return the vaguer words as they fit here; None when there are none."""
    if match.sign.vaguer is None:
        return None
    words = _WORD.findall(text[match.start : match.end])
    vaguer = match.sign.vaguer.replace("{first}", words[0]).replace("{last}", words[-1])
    return vaguer[:1].upper() + vaguer[1:] if _starts_sentence(text, match.start) and text[match.start].isupper() else vaguer


def _starts_sentence(text: str, position: int) -> bool:
    return _SENTENCE_STARTS.search(text[max(0, position - 6) : position]) is not None or position == 0


def _rewritten(text: str, found: Sequence[Giveaway]) -> str:
    pieces: list[str] = []
    position, said_last = 0, ""
    for giveaway in found:
        if giveaway.vaguer is None:
            continue
        between, vaguer = text[position : giveaway.start], giveaway.vaguer
        position = giveaway.end
        if vaguer and between.isspace() and vaguer == said_last:
            continue
        said_last = vaguer
        pieces += [between if vaguer else between.rstrip(" \t"), vaguer]
        if not vaguer and _starts_sentence(text, giveaway.start):
            pieces += [" " if between[-1:] == " " else "", _CAPITAL if text[giveaway.start].isupper() else ""]
            left_over = _LEFT_OVER.match(text, position)
            position = left_over.end() if left_over else position
    return _tidied("".join([*pieces, text[position:]])) if pieces else text


def _tidied(text: str) -> str:
    """Mend what dropped words leave behind: a comma after a comma or before a full stop, a small letter at the beginning."""
    text = re.sub(r",(?:[ \t]?,){1,4}", ",", text)
    text = re.sub(r"[ \t]?,[ \t]?([.!?])", r"\1", text)
    return re.sub(f"{_CAPITAL}+(\\W{{0,3}})(\\w?)", lambda found: found[1] + found[2].upper(), text)
