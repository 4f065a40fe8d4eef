"""Find phrases in what people type. `companion/spelling.py` reads the misspelt, disguised and drawn-out forms first.

A phrase is written as people read it, so that a coordinator can check and extend it:

    want to (die|be dead)      words in order; (a|b) is one of several
    i [really] hate it         [a] may be missing
    take ... pills             ... stands for up to six other words of the same sentence
    suicid*                    any ending
    {myself}                   one of the words of that name in the file's list `words`
    ^ yes, done $              at the beginning, at the end of a sentence

Case, accents, apostrophes and punctuation do not matter. A phrase never runs over the end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from companion.spelling import PlainText, Spelling, plain_word, read

_PART = re.compile(r"\.\.\.|\^|\$|\{\w+\}|[()\[\]|]|[^\s()\[\]|{}]+")
_MARKS = {"...": "(?:[^ .]+ ){0,6}?", "^": r"(?<=\. )", "$": r"(?=\. |\Z)"}


class Phrases:
    """Hold compiled phrases and find them quickly: a phrase is tried only when its rarest word occurs."""

    def __init__(self, phrases: Iterable[str], words: Mapping[str, Sequence[str]] | None = None) -> None:
        """Compile phrases.

        Raises: ValueError naming the phrase that cannot be understood.
        """
        self._always: list[re.Pattern[str]] = []
        self._by_word: dict[str, list[re.Pattern[str]]] = {}
        self.vocabulary: set[str] = set()
        for phrase in phrases:
            compiled = _Parser(phrase, words or {}).compile()
            self.vocabulary |= compiled.vocabulary
            pattern = _pattern("(?<= )" + compiled.regex)
            if compiled.anchors is None:
                self._always.append(pattern)
            for anchor in compiled.anchors or ():
                self._by_word.setdefault(anchor, []).append(pattern)

    def found_in(self, plain: PlainText) -> bool:
        """Tell whether any phrase occurs."""
        return any(pattern.search(plain.text) for pattern in self._candidates(plain))

    def mask(self, plain: PlainText) -> PlainText:
        """Return the text with every occurrence replaced by a sign that no phrase contains."""
        text = plain.text
        for pattern in self._candidates(plain):
            text = pattern.sub("~ ", text)
        return plain if text == plain.text else PlainText(text, frozenset(text.split()))

    def _candidates(self, plain: PlainText) -> Iterable[re.Pattern[str]]:
        yield from self._always
        seen: set[int] = set()
        for word in plain.words & self._by_word.keys():
            for pattern in self._by_word[word]:
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    yield pattern


@lru_cache(maxsize=8192)
def _pattern(regex: str) -> re.Pattern[str]:
    """Return a compiled pattern; the rules are read again whenever a file changes, and most of them have not."""
    return re.compile(regex)


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold phrases together with the spelling to read texts by."""

    phrases: Phrases
    spelling: Spelling

    def occurs_in(self, text: str) -> bool:
        """Tell whether any of the phrases occurs in a text as typed."""
        return self.phrases.found_in(read(text, self.spelling))


@dataclass(frozen=True, slots=True)
class _Compiled:
    """anchors: words of which at least one must occur, or None when there is no such set."""

    regex: str
    anchors: frozenset[str] | None
    vocabulary: frozenset[str]


class _Parser:
    """Turn one phrase into a regular expression, with the words that must occur."""

    def __init__(self, phrase: str, words: Mapping[str, Sequence[str]]) -> None:
        self._phrase = phrase
        self._parts = _PART.findall(phrase)
        self._at = 0
        self._words = words

    def compile(self) -> _Compiled:
        compiled = self._alternatives(closing=None)
        if not compiled.vocabulary:
            raise ValueError(f"the phrase '{self._phrase}' holds no word")
        return compiled

    def _alternatives(self, closing: str | None) -> _Compiled:
        options = [self._sequence(closing)]
        while self._at < len(self._parts) and self._parts[self._at] == "|":
            self._at += 1
            options.append(self._sequence(closing))
        if closing is not None:
            if self._at >= len(self._parts) or self._parts[self._at] != closing:
                raise ValueError(f"the phrase '{self._phrase}' has no closing {closing}")
            self._at += 1
        elif self._at < len(self._parts):
            raise ValueError(f"the phrase '{self._phrase}' has a {self._parts[self._at]} too many")
        return _either(options)

    def _sequence(self, closing: str | None) -> _Compiled:
        regex, vocabulary, best = "", frozenset[str](), None
        while self._at < len(self._parts) and self._parts[self._at] not in ("|", ")", "]"):
            part = self._one()
            regex, vocabulary = regex + part.regex, vocabulary | part.vocabulary
            if part.anchors is not None and (best is None or _rarity(part.anchors) > _rarity(best)):
                best = part.anchors
        if not regex and closing is not None:
            raise ValueError(f"the phrase '{self._phrase}' has an empty choice")
        return _Compiled(regex, best, vocabulary)

    def _one(self) -> _Compiled:
        part = self._parts[self._at]
        self._at += 1
        if part in _MARKS:
            return _Compiled(_MARKS[part], None, frozenset())
        if part in "([":
            inner = self._alternatives(")" if part == "(" else "]")
            return inner if part == "(" else _Compiled(f"{inner.regex}?", None, inner.vocabulary)
        if part.startswith("{"):
            if part[1:-1] not in self._words:
                raise ValueError(f"the phrase '{self._phrase}' names {part}, which is not in the list 'words'")
            return _either([_Parser(each, self._words).compile() for each in self._words[part[1:-1]]])
        word = plain_word(part)
        if word.endswith("*"):
            return _Compiled(f"{re.escape(word[:-1])}[^ .]* ", None, frozenset({word[:-1]}))
        return _Compiled(f"{re.escape(word)} ", frozenset({word}), frozenset({word}))


def _either(options: Sequence[_Compiled]) -> _Compiled:
    regex = "(?:" + "|".join(option.regex for option in options) + ")"
    anchors: frozenset[str] | None = frozenset()
    for option in options:
        anchors = None if anchors is None or option.anchors is None else anchors | option.anchors
    return _Compiled(regex, anchors, frozenset().union(*(option.vocabulary for option in options)))


def _rarity(words: frozenset[str]) -> float:
    """Rank how seldom one of the words occurs: long words are rare, and few alternatives are better than many."""
    return min(map(len, words)) - 0.1 * len(words)
