"""Load `knowledge/giveaway.yaml`: what may tell colleagues who wrote a text, and the vaguer words that are offered.

Its phrases are written like those of triage, but are looked for in the text as typed, since the places matter here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from companion.library.giveaway_weights import load_giveaway_weights
from companion.library.yaml_entries import Entry, build_all, read_entry
from companion.models_giveaway import GiveawayKind, GiveawayRules, HowMany, Sign

_PARTS = re.compile(r"\.\.\.|\{\w+\}|[()\[\]|]|[^\s()\[\]|{}]+")
_BEFORE = r"(?:(?<!\w)|[\s-]{1,3})"
_ANY_WORD = r"[\w'’]{1,30}+"
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})?")
_BUILT_IN = {
    "ed": r"\w{2,18}ed",
    "job": r"\w{2,18}(?:er|or|ist|ian|man|woman|eer|smith|wright|ess)s?",
    "Name": r"(?-i:[A-Z][a-z]{2,20}(?:[ -][A-Z][a-z]{2,20})?)",
    "hidden": r"\[[^\[\]\n]{1,40}\]",
}
_GAPS = {
    "...": f"(?:{_BEFORE}{_ANY_WORD}){{0,3}}",
    "{rest}": rf"(?:{_BEFORE}(?!(?:and|but|so|because|now|i)(?!\w)){_ANY_WORD}){{0,12}}",
}
_FOLLOWS = ">"
_SMALL = "small_words"
_LEAVE_OUT = "(leave out)"
_STAYS = "(stays)"


def load_giveaway_rules(path: Path) -> GiveawayRules:
    """Return the rules, with the weights that lie beside them as `giveaway_weights.json`, if any.

    Raises: KnowledgeError naming file, line, entry, field and remedy.
    """
    root = read_entry(path)
    root.allow_only(
        {"version", "from_points", "counts", "how_many", "points", "reasons", "words", "harmless", "signs", "cues", "manners", "sentence"}
    )
    words = root.text_lists("words")
    if _SMALL not in words:
        root.refuse("words", f"needs a list named {_SMALL}")
    lists = _Lists(words)
    return GiveawayRules(
        phrases=_phrases(root, lists),
        points={kind: _points(root.entry("points"), kind.value) for kind in GiveawayKind},
        reasons={kind: root.entry("reasons").text(kind.value) for kind in GiveawayKind},
        from_points=_points(root, "from_points"),
        counts=_counts(root.entry("counts")),
        how_many={how_many: _points(root.entry("how_many"), how_many.value) for how_many in HowMany},
        cues=_cues(root.entry("cues"), lists),
        manners={word.casefold(): name for name, words in root.text_lists("manners").items() for word in words},
        sentence=root.text("sentence"),
        weights=load_giveaway_weights(path.with_name("giveaway_weights.json")),
    )


def _counts(entry: Entry) -> Mapping[str, HowMany]:
    choices = [how_many.value for how_many in HowMany]
    return {" ".join(role.casefold().split()): HowMany(entry.one_of(role, choices)) for role in entry.names}


def _points(entry: Entry, field: str) -> float:
    written = entry.text(field)
    if not _NUMBER.fullmatch(written):
        entry.refuse(field, "must be a number such as 1 or 0.5")
    return float(written)


def _phrases(root: Entry, lists: _Lists) -> Mapping[str, tuple[tuple[Sign | None, re.Pattern[str]], ...]]:
    found: dict[str, list[tuple[Sign | None, re.Pattern[str]]]] = {}
    signs = build_all(root.entries("signs", "kind"), lambda entry: (_sign(entry), _compiled(entry, "says", lists)))
    for sign, patterns in ((None, _compiled(root, "harmless", lists)), *signs):
        for pattern, firsts in patterns:
            for first in sorted(firsts):
                found.setdefault(first, []).append((sign, pattern))
    return {first: tuple(pairs) for first, pairs in found.items()}


def _cues(entry: Entry, lists: _Lists) -> Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name in entry.names:
        for pattern, firsts in _compiled(entry, name, lists):
            for first in sorted(firsts):
                found.setdefault(first, []).append((name, pattern))
    return {first: tuple(pairs) for first, pairs in found.items()}


def _sign(entry: Entry) -> Sign:
    entry.allow_only({"kind", "says", "vaguer", "unless"})
    kind = GiveawayKind(entry.one_of("kind", [kind.value for kind in GiveawayKind]))
    unless = frozenset(word.casefold() for word in entry.texts("unless", required=False))
    vaguer = entry.optional("vaguer")
    if vaguer == _STAYS:
        return Sign(kind, None, unless, stays=True)
    return Sign(kind, "" if vaguer == _LEAVE_OUT else vaguer, unless)


def _compiled(entry: Entry, field: str, lists: _Lists) -> list[tuple[re.Pattern[str], frozenset[str]]]:
    try:
        parts = [_Phrase(phrase, lists).read() for phrase in entry.texts(field)]
    except ValueError as exc:
        entry.refuse(field, str(exc))
    return [(re.compile(rf"{part.pattern}(?!\w)", re.IGNORECASE), part.firsts) for part in parts]


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold a piece of a phrase. firsts: the words it may begin with, "#" for figures. may_lack: whether it may be missing."""

    pattern: str
    firsts: frozenset[str]
    may_lack: bool = False


class _Lists:
    """Hand out the lists of the file as parts, each turned into one only once."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._words = words
        self._known: dict[str, _Part] = {}
        self._open: set[str] = set()
        small = "|".join(_literal(word) for word in words[_SMALL])
        self._known["word"] = _Part(rf"{_BEFORE}(?!(?:{small})(?!\w)){_ANY_WORD}", _NOTHING)

    def part(self, name: str) -> _Part:
        """Return the part of a list. Raises: ValueError when there is no such list, or it names itself."""
        if name in _BUILT_IN:
            return _Part(_BEFORE + _BUILT_IN[name], _NOTHING)
        if name not in self._known:
            if name not in self._words or name in self._open:
                raise ValueError(f"the list {{{name}}} is not below `words`, or names itself")
            self._open.add(name)
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> _Part:
        parts = [_Phrase(entry, self).read() for entry in sorted(self._words[name], key=len, reverse=True)]
        by_letter: dict[str, list[str]] = {}
        for part in parts:
            by_letter.setdefault("".join(sorted({first[:1] for first in part.firsts})), []).append(part.pattern)
        branches = [
            f"(?={_BEFORE}[{re.escape(letters)}]){_either(forms)}" if letters.isalpha() else _either(forms)
            for letters, forms in by_letter.items()
        ]
        return _Part(_either(branches), frozenset().union(*(part.firsts for part in parts)))


class _Phrase:
    """Turn one phrase into a regular expression; every repetition in it is bounded, so that it is linear on any text."""

    def __init__(self, phrase: str, lists: _Lists) -> None:
        self._phrase = phrase
        self._parts = _PARTS.findall(phrase)
        self._lists = lists

    def read(self) -> _Part:
        """Return the phrase as a part. Raises: ValueError naming the phrase."""
        after = self._parts[self._parts.index(_FOLLOWS) + 1 :] if _FOLLOWS in self._parts else []
        self._parts = self._parts[: len(self._parts) - len(after) - 1] if after else self._parts
        found = self._alternatives(until=None)
        if after:
            self._parts = after
            found = replace(found, pattern=f"{found.pattern}(?={self._alternatives(until=None).pattern}(?!\\w))")
        if not found.firsts or found.may_lack:
            raise ValueError(f"'{self._phrase}' must begin with a whole word, a number or a list, so that it is found quickly")
        return found

    def _alternatives(self, until: str | None) -> _Part:
        branches: list[_Part] = []
        current = _EMPTY
        while self._parts:
            name = self._parts.pop(0)
            if name == until:
                return _any_of([*branches, current])
            if name == "|":
                branches.append(current)
                current = _EMPTY
            else:
                current = _joined(current, self._part(name))
        if until is not None:
            raise ValueError(f"a bracket of '{self._phrase}' is not closed")
        return _any_of([*branches, current])

    def _part(self, name: str) -> _Part:
        if name == "(":
            return self._alternatives(until=")")
        if name == "[":
            inner = self._alternatives(until="]")
            return _Part(f"{inner.pattern}?", inner.firsts, may_lack=True)
        if name in _GAPS:
            return _Part(_GAPS[name], _NOTHING, may_lack=True)
        if name in (")", "]"):
            raise ValueError(f"a bracket of '{self._phrase}' is closed twice")
        if name.startswith("{"):
            return self._lists.part(name[1:-1])
        return _Part(_BEFORE + _literal(name), _first_of(name))


_NOTHING: frozenset[str] = frozenset()
_EMPTY = _Part("", _NOTHING, may_lack=True)


def _joined(before: _Part, after: _Part) -> _Part:
    firsts = before.firsts | after.firsts if before.may_lack else before.firsts
    return _Part(before.pattern + after.pattern, firsts, before.may_lack and after.may_lack)


def _any_of(branches: Sequence[_Part]) -> _Part:
    firsts = frozenset().union(*(branch.firsts for branch in branches))
    return _Part(_either([branch.pattern for branch in branches]), firsts, any(branch.may_lack for branch in branches))


def _either(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _first_of(word: str) -> frozenset[str]:
    """Return the key under which a text's word is looked up; nothing for a word with an open beginning or end."""
    if word.startswith("#") or word.isdecimal():
        return frozenset({"#"})
    if "*" in word:
        return _NOTHING
    return frozenset(re.findall(r"\w+", word.casefold().replace("'", "").replace("’", ""))[:1])


def _literal(part: str) -> str:
    """Return a word as people type it: the apostrophe may be missing, * is any ending or beginning, # a number in figures."""
    text = re.escape(part.replace("’", "'")).replace("'", "['’]?").replace(r"\#", r"\d{1,4}")
    return text.replace(r"\*", r"\w{0,20}")
