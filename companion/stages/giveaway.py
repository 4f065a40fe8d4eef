"""Point out what may tell colleagues who wrote a text although no name stands in it, and offer vaguer words.

"The only night pharmacist in Leeds, back from maternity leave": each part is harmless, together they are one person. Only the text itself and
coarse counts are used, never a directory, and never a model. It warns; the person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from companion.models_giveaway import Giveaway, GiveawayKind, GiveawayReading, GiveawayRules, Sign

_SECOND_COUNTS = 0.5
"""Share of its points that a second, different stretch of the same kind adds; chosen by us on the dev half of the evals."""
_SENTENCE_STARTS = re.compile(r"(?:^|[.!?\n])[\s\"'“‘(]{0,4}$")
_ROLES = frozenset({GiveawayKind.ROLE, GiveawayKind.COMMON_ROLE})
_WORD = re.compile(r"[\w'’]+")
_CAPITAL = "\ue000"
"""Stands where a sentence lost its first words, until the next word there has its capital; a private sign that nobody types."""
_LEFT_OVER = re.compile(r"[ \t]{0,4}[,;]?[ \t]{0,4}")


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    sign: Sign
    words: str


def find_giveaways(text: str, rules: GiveawayRules) -> GiveawayReading:
    """Return what in a text may single somebody out, with a reason and vaguer words for each stretch. Linear in the length of the text."""
    matches = sorted(_matches(text, rules.phrases), key=lambda match: (match.start, -match.end))
    score = _score(matches, rules)
    found = tuple(
        Giveaway(match.start, match.end, match.sign.kind, rules.reasons[match.sign.kind], _in_place(text, match))
        for match in _shown(matches)
    )
    return GiveawayReading(found, score, score >= rules.from_points, _rewritten(text, found))


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
    if match.sign.kind in _ROLES:
        for role, how_many in rules.counts.items():
            if role in match.words:
                return rules.how_many[how_many]
    return rules.points[match.sign.kind]


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
