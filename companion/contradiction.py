"""Tell whether a sentence says otherwise than the passages that it cites. A leaf without any vendor.

Each clause of the sentence is laid beside the statement of the passages that speaks of the same, and compared with it in four ways: yes for
no, a word for its opposite, two sides swapped, another number of the same things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from companion.clauses import Statement, Word, read_statement, stem_of
from companion.disguise import straight
from companion.models import Passage

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+|\n+")
_SPEAKS_OF_THE_SAME = 0.5
"""Share of a sentence's or clause's words from which a statement counts as speaking of the same. Chosen by us on evals/datasets/guards.jsonl
and grounding.jsonl, dev; so are the other shares here."""
_MOST = 0.5
_ALL_BUT_SAME = 0.7
_OPPOSITE_COUNTS = 0.9
"""An opposite speaks of the same nearly as well as the word itself, which comes first."""
_PREFIXES = {"un": 3, "dis": 4, "ir": 4, "non": 4, "in": 5, "im": 5}
"""Beginnings that turn a word, and how long the rest must be: "improve" is no opposite of "prove"."""
_UNITS = frozenset(
    map(stem_of, "second minute hour day night week month year time percent metre mile kilometre pound euro dollar person people".split())
)
_AMOUNTS = frozenset("most many several all every few both".split())
_LITTLE_WORDS = frozenset("in on off to from up down over under inside outside".split())
"""Opposites that only count before the same word, for they stand in other meanings everywhere."""
_REACH = 3
_REMEMBERED = 64
"""Passages, of the library alone."""
_TIMES = frozenset({"1/2", "2x", "3x"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_JOINTS = frozenset("than before after into when if because until".split())

Opposites = Sequence[tuple[frozenset[str], frozenset[str]]]
"""Pairs of sides; a word of one side excludes those of the other."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """Hold what a sentence says, and the statement it is laid beside."""

    said: Statement
    there: Statement
    opposites: Opposites


def contradicts(sentence: str, sources: Sequence[Passage], opposites: Opposites) -> bool:
    """Tell whether a sentence says otherwise than what its passages say about the same."""
    said = read_statement(sentence)
    statements = [statement for source in sources for statement in _statements_of(source.text)]
    pairs = [_Beside(part, there, opposites) for part, there in _aligned(said, statements, opposites)]
    return any(_differs(pair) for pair in pairs) or _counts_in_another_unit(said, statements)


@lru_cache(maxsize=_REMEMBERED)
def _statements_of(text: str) -> tuple[Statement, ...]:
    """Return the statements of a passage; those of the library come again with every sentence of a reply."""
    return tuple(read_statement(line) for line in _SENTENCE_END.split(straight(text)) if line.strip())


def _differs(pair: _Beside) -> bool:
    checks = (_turns_yes_and_no, _turns_a_word, _swaps_sides, _counts_otherwise, _names_another_rate)
    return any(check(pair) for check in checks)


def _aligned(said: Statement, statements: Sequence[Statement], opposites: Opposites) -> list[tuple[Statement, Statement]]:
    """Return the parts of a sentence, each with the statement that speaks of the same; parts that none speaks of are left out."""
    whole = {n: _share(said, there, opposites) for n, there in enumerate(statements)}
    if not whole:
        return []
    best = max(whole, key=lambda n: whole[n])
    parts: dict[int, list[Word]] = {}
    for words in said.clauses():
        clause = Statement(words)
        near = {n: _share(clause, there, opposites) for n, there in enumerate(statements)}
        nearest = max(near, key=lambda n: near[n] + whole[n])
        if near[nearest] < _SPEAKS_OF_THE_SAME or (len(clause.content) < 2 and clause.content & statements[best].content):
            nearest = best
        parts.setdefault(nearest, []).extend(words)
    pairs = [(Statement(tuple(words)), statements[n]) for n, words in parts.items()]
    return [(part, there) for part, there in pairs if _share(part, there, opposites) >= _SPEAKS_OF_THE_SAME]


def _share(part: Statement, there: Statement, opposites: Opposites) -> float:
    """Return the share (0 to 1) of a part's words that a statement has, their opposites included."""
    wanted = part.content
    if not wanted:
        return 0.0
    found = {stem for stem in wanted if stem in there.content or _bare(stem, there.content)}
    turned: set[str] = set()
    for one, other in opposites:
        turned |= (wanted & one) if there.content & other else frozenset()
        turned |= (wanted & other) if there.content & one else frozenset()
    return (len(found) + _OPPOSITE_COUNTS * len(turned - found)) / len(wanted)


def _bare(stem: str, known: Iterable[str]) -> str:
    """Return the known word that a stem turns by its beginning, such as "happi" for "unhapp", or ""."""
    rests = [
        stem.removeprefix(prefix) for prefix, length in _PREFIXES.items() if stem.startswith(prefix) and len(stem) >= len(prefix) + length
    ]
    return next((word for word in known for rest in rests if word.startswith(rest)), "")


def _signs(words: Iterable[Word], known: frozenset[str]) -> Mapping[str, set[bool]]:
    """Return stem → how it is said, True for yes; both when it is unsure. known: stems of the other side, of which "un…" is a no."""
    signs: dict[str, set[bool]] = {}
    for word in words:
        bare = "" if word.stem in known or not word.is_content else _bare(word.stem, known)
        is_yes = word.is_negated == bool(bare)
        signs.setdefault(bare or word.stem, set()).update({True, False} if word.is_unsure else {is_yes})
    return signs


def _turns_yes_and_no(pair: _Beside) -> bool:
    said, there = _signs(pair.said.words, pair.there.content), _signs(pair.there.words, pair.said.content)
    for one, other, signs in ((pair.said, pair.there, there), (pair.there, pair.said, said)):
        for scope in sorted({word.scope for word in one.words if word.is_negated}):
            reached = [word for word in one.words if word.scope == scope]
            content = [word for word in reached if word.is_content]
            if _is_turned(content, signs) if content else _turns_little_words(reached, other):
                return True
    return _turns_by_prefix(pair, said, there)


def _turns_little_words(reached: Sequence[Word], other: Statement) -> bool:
    """Tell whether two words that say nothing alone, such as "get up", follow each other on the other side without the "not"."""
    plain = {(one.text, then.text) for one, then in pairwise(other.words) if not (one.is_negated or one.is_unsure)}
    return bool({(one.text, then.text) for one, then in pairwise(reached[1:3])} & plain)


def _is_turned(words: Sequence[Word], signs: Mapping[str, set[bool]]) -> bool:
    """Tell whether the words under one "not" are said without it on the other side: the first of them, or most."""
    if not words or any(False in signs.get(word.stem, ()) for word in words):
        return False
    turned = [word.stem in signs and not word.is_unsure for word in words]
    return turned[0] or sum(turned) > _MOST * len(turned)


def _turns_by_prefix(pair: _Beside, said: Mapping[str, set[bool]], there: Mapping[str, set[bool]]) -> bool:
    """Tell whether one says "unkind" where the other says "kind"."""
    for words, known in ((pair.said.words, pair.there.content), (pair.there.words, pair.said.content)):
        for word in words:
            bare = "" if word.stem in known or not word.is_content else _bare(word.stem, known)
            if bare and not said.get(bare, set()) & there.get(bare, set()):
                return True
    return False


def _turns_a_word(pair: _Beside) -> bool:
    """Tell whether the sentence says "after" where the statement says "before", of the same things."""
    is_same = _share(pair.said, pair.there, pair.opposites) >= _ALL_BUT_SAME
    for one, other in pair.opposites:
        for left, right in ((one, other), (other, one)):
            said = [word for word in pair.said.words if word.stem in left]
            there = [word for word in pair.there.words if word.stem in right]
            if not said or not there or _has(pair.there, left) or _has(pair.said, right):
                continue
            if any(_is_about_the_same(pair, a, b, is_same=is_same) and a.is_negated == b.is_negated for a in said for b in there):
                return True
    return _says_both_otherwise(pair)


def _says_both_otherwise(pair: _Beside) -> bool:
    """Tell whether "after it, not before it" stands where the statement says "before it, not after it"."""
    said, there = (_signs(side.words, frozenset()) for side in (pair.said, pair.there))
    heard = said.keys() | there.keys()
    pairs = [both for both in pair.opposites if all(side & heard for side in both)]
    return any(stem in said and stem in there and not said[stem] & there[stem] for one, other in pairs for stem in one | other)


def _has(statement: Statement, side: frozenset[str]) -> bool:
    return any(word.stem in side for word in statement.words)


def _is_about_the_same(pair: _Beside, one: Word, other: Word, *, is_same: bool) -> bool:
    if one.text in _LITTLE_WORDS or other.text in _LITTLE_WORDS:
        return bool(_next(pair.said, one) & _next(pair.there, other))
    near = {word.stem for word in pair.said.words if word.clause == one.clause and word.is_content}
    near_other = {word.stem for word in pair.there.words if word.clause == other.clause and word.is_content}
    return bool(near & near_other) or (is_same and not (near and near_other))


def _next(statement: Statement, word: Word) -> set[str]:
    """Return the first content word behind a word."""
    start = next(n for n, known in enumerate(statement.words) if known is word)
    return {word.stem for word in [word for word in statement.words[start + 1 : start + 1 + _REACH] if word.is_content][:1]}


def _swaps_sides(pair: _Beside) -> bool:
    """Tell whether what stands before and behind a word has changed places: "feelings move us more than figures"."""
    said, there = pair.said.words, pair.there.words
    if any(
        one.text == other.text
        and one.text in _JOINTS
        and (one.text == "than" or _next(pair.said, one) != _next(pair.there, other))
        and _is_crossed(_sides_of(said, n), _sides_of(there, m))
        for n, one in enumerate(said)
        for m, other in enumerate(there)
    ):
        return True
    if _is_crossed(_around_then(said), _around_then(there)):
        return True
    told, known = (tuple(word for word in words if word.is_content) for words in (said, there))
    has_short_no = any(word.is_unsure for word in (*said, *there))
    done_by, done_by_there = _done_by(said), _done_by(there)
    return any(
        one.stem == other.stem
        and one.is_negated == other.is_negated
        and (one.stem in done_by) == (other.stem in done_by_there)
        and (_changes_neighbours(told, n, known, m) or (has_short_no and _changes_who(told, n, known, m)))
        for n, one in enumerate(told)
        for m, other in enumerate(known)
    )


def _done_by(words: Sequence[Word]) -> frozenset[str]:
    """Return the stems of what is done "by" somebody: there who does it stands behind."""
    return frozenset(word.stem for word, then in pairwise(words) if then.text == "by")


_Sides = tuple[frozenset[str], frozenset[str]]


def _sides_of(words: Sequence[Word], n: int) -> _Sides:
    """Return the stems before a joint and those behind it in its clause, without what stands on both sides."""
    before = frozenset(word.stem for word in words[:n])
    behind = frozenset(word.stem for word in words[n + 1 :] if word.clause <= words[n].clause + (words[n].text != "than"))
    return before - behind, behind - before


def _around_then(words: Sequence[Word]) -> _Sides:
    """Return the stems before the first "then" and those behind it; none without one."""
    n = next((n for n, word in enumerate(words) if word.text == "then"), 0)
    before, behind = frozenset(word.stem for word in words[:n]), frozenset(word.stem for word in words[n:] if n)
    return before - behind, behind - before


def _is_crossed(said: _Sides, there: _Sides) -> bool:
    return bool(said[0] & there[1]) and bool(said[1] & there[0])


def _changes_neighbours(said: Sequence[Word], n: int, there: Sequence[Word], m: int) -> bool:
    """Tell whether the word before and the word behind have changed places."""
    if not (_stands_between(said, n) and _stands_between(there, m)):
        return False
    before, behind, before_there, behind_there = said[n - 1].stem, said[n + 1].stem, there[m - 1].stem, there[m + 1].stem
    return before == behind_there and behind == before_there and before != behind


def _changes_who(said: Sequence[Word], n: int, there: Sequence[Word], m: int) -> bool:
    """Tell whether who does it has changed places with who does not: "a manager can, which the program cannot"."""
    if not (_stands_between(said, n) and _stands_between(there, m)) or said[n + 1].stem != there[m + 1].stem:
        return False
    before, before_there = said[n - 1].stem, there[m - 1].stem
    later, later_there = ({word.stem for word in words[k + 1 :]} for words, k in ((said, n), (there, m)))
    return before != before_there and before in later_there and before_there in later


def _stands_between(words: Sequence[Word], n: int) -> bool:
    """Tell whether a word that comes once has a word on each side, and is no item of a list."""
    if not 0 < n < len(words) - 1 or sum(word.stem == words[n].stem for word in words) > 1:
        return False
    return not words[n - 1].clause < words[n].clause < words[n + 1].clause


def _counts_otherwise(pair: _Beside) -> bool:
    """Tell whether the statement has another number of the same things and nowhere that number."""
    said, there = _counted(pair.said), _counted(pair.there)
    for what, number, is_negated in said:
        known = {count for other, count, no in there if other == what and no == is_negated}
        if known and number not in known and number != "*":
            return True
    return False


def _names_another_rate(pair: _Beside) -> bool:
    """Tell whether something that the statement has so often a day is said to be so often a week."""
    said, there = _rates(pair.said), _rates(pair.there)
    return any(what in there and unit not in there[what] for what, units in said.items() for unit in units)


def _rates(statement: Statement) -> Mapping[str, set[str]]:
    """Return thing → units, such as "times" → "week" for "three times a week"."""
    rates: dict[str, set[str]] = {}
    for what, joint, unit in zip(statement.words, statement.words[1:], statement.words[2:], strict=False):
        if joint.text in {"a", "an", "per", "each", "every"} and unit.stem in _UNITS and what.is_content:
            rates.setdefault(what.stem, set()).add(unit.stem)
    return rates


def _counted(statement: Statement) -> list[tuple[str, str, bool]]:
    """Return what is counted, its number, and whether it is denied, for each number of a statement."""
    return [
        (what.stem, word.number or "*", word.is_negated)
        for n, word in enumerate(statement.words)
        if (word.number and not _YEAR.fullmatch(word.number)) or word.text in _AMOUNTS
        for what in _things_behind(statement.words, n)
    ]


def _things_behind(words: Sequence[Word], n: int) -> list[Word]:
    """Return the words right behind a number that may be what it counts; a word or two of description may stand between."""
    things: list[Word] = []
    for k, word in enumerate(words[n + 1 :], n + 1):
        is_range = word.number or (word.text in {"or", "to"} and k + 1 < len(words) and words[k + 1].number)
        if is_range or len(things) == _REACH:
            continue
        if word.text in {"the", "a", "as"} and words[n].number in _TIMES and not things:
            continue
        if word.clause != words[n].clause or (not word.is_content and word.stem != "thing"):
            break
        things.append(word)
    return things


def _counts_in_another_unit(said: Statement, statements: Sequence[Statement]) -> bool:
    """Tell whether a number counts days where the passages count so many weeks, and nowhere so many days."""
    there = [one for statement in statements for one in _counted(statement)]
    for what, number, _ in _counted(said):
        units = {unit for unit, count, _ in there if count == number and unit in _UNITS}
        if what in _UNITS and number != "*" and units and what not in units:
            return True
    return False
