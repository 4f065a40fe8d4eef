"""Read a sentence clause by clause: what it says yes to, what it says no to, and how many of what. A leaf without any vendor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from companion.disguise import straight, unmasked

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[.!?;:,()–—\n]")
_STOP = re.compile(r"[.!?;:,()–—\n]")
_OPENS = frozenset(
    "and but or nor so because since until unless if when whenever while once although though who which whose where what why how whether that "
    "than before after".split()
)
"""Words that open a clause of their own, so that a "not" does not reach across them."""
_NEGATES_ALL = frozenset("nobody none nothing neither".split())
"""Words that turn their whole clause, wherever they stand in it."""
_ENDS = frozenset("is are was were can will would should may might must".split())
"""Words at which the reach of "without a date" ends."""
_SHORT_ITEM = 3
_PRONOUNS = frozenset("it one 1 them that this these those".split())
_BEFORE_THINGS = frozenset({"no", "without"})
_NEGATES_NEXT = frozenset("not no never hardly barely rarely seldom without avoid avoids avoiding refuse refuses".split())
"""Words that turn what stands behind them in their clause."""
_REWRITTEN = (
    (re.compile(r"\b(?:instead of|rather than|other than)\b"), ", without"),
    (re.compile(r"\bno[ -]one\b"), "nobody"),
    (re.compile(r"\bcannot\b|\b\w+n't\b|\bno longer\b"), "not"),
    (re.compile(r"\bnot (?:only|just|merely|simply)\b|\b(?:no matter|no doubt|nothing but|why not|whether or not|or not|if not)\b"), ""),
    (re.compile(r"\bonce (?=(?:you|it|he|she|they|we|the|your|some(?:body|one)|every(?:body|one))\b)"), "after "),
    (re.compile(r"\b(?:stops?|quits?|saves?|spares?|prevents?)(?: (?:you|them|people))?(?: from)? (?=\w+ing\b)"), "avoid "),
    (re.compile(r"\b(?:frees?|keeps?) (?:you|them|people) from\b"), "avoid"),
    (re.compile(r"\bagainst (?=\w+ing\b)"), "avoid "),
    (re.compile(r"\b(?:do )?not (\w+(?: \w+){0,3}) (?:before|until)(?= \w)"), r"\1 after"),
    (re.compile(r"\b(?:before|until) ([^.,;:!?]+), do not (?=\w)"), r"after \1, "),
    (re.compile(r"\ba couple of\b"), "two"),
    (re.compile(r"\bhalf an?\b"), "half"),
)
"""What says no in several words, or only seems to."""
_EMPTY = frozenset(
    "the an to of in on at is it as or and be you can do if so up by for are was has its may my we he she them they their your yours this that "
    "these those with from have had been being does did done will would could should there then than such own some very just also even each "
    "much when what which who whose whom where while why how whether into about over out off too any one ones thing things a i me him her us "
    "our his am were not no more most less because since until unless once but nor both get gets got getting let lets make makes made himself "
    "herself itself themselves yourself whoever whatever whenever never nobody none nothing neither hardly without against only before after "
    "again always avoid avoids avoiding refuse refuses barely rarely seldom".split()
)
_IRREGULAR = {
    form: base
    for base, forms in {
        "sleep": "slept", "say": "said", "tell": "told", "go": "went gone goes", "take": "took taken", "give": "gave given", "keep": "kept",
        "feel": "felt", "hear": "heard", "speak": "spoke spoken", "write": "wrote written writing", "begin": "began begun beginning",
        "see": "saw seen", "find": "found", "leave": "left", "lose": "lost", "eat": "ate eaten", "meet": "met", "know": "knew known",
        "come": "came", "think": "thought", "stand": "stood", "sit": "sat sitting", "hold": "held", "pay": "paid", "send": "sent",
        "bring": "brought", "catch": "caught", "choose": "chose chosen", "fall": "fell fallen", "drive": "drove driven", "break": "broke broken",
        "wake": "woke woken", "child": "children", "woman": "women", "man": "men", "life": "lives",
    }.items()
    for form in forms.split()
}  # fmt: skip
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", ""))
_STEM_LENGTH = 6
_SHORTEST_STEM = 3
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_NUMBER_WORDS = {"half": "1/2", "twice": "2x", "double": "2x", "triple": "3x", "dozen": "12"}


@dataclass(frozen=True, slots=True)
class Word:
    """Hold one word of a sentence.

    text: lower case. stem: what it shares with its other forms. clause: which clause it stands in, counted from 0. scope: which "not"
    reaches it, -1 for none. number: its value in signs, "" for other words. is_unsure: whether a later "those who do not" may turn it.
    """

    text: str
    clause: int
    stem: str = ""
    number: str = ""
    scope: int = -1
    is_unsure: bool = False

    @property
    def is_content(self) -> bool:
        """Tell whether the word says what the sentence is about."""
        return len(self.text) > 1 and not self.number and self.text not in _EMPTY

    @property
    def is_negated(self) -> bool:
        """Tell whether a "not" reaches the word."""
        return self.scope >= 0


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold one sentence as its words in order; marks are left out. content: stems of what it is about."""

    words: tuple[Word, ...]
    content: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", frozenset(word.stem for word in self.words if word.is_content))

    def clauses(self) -> Iterator[tuple[Word, ...]]:
        """Yield the words of each clause, in order."""
        for number in sorted({word.clause for word in self.words}):
            yield tuple(word for word in self.words if word.clause == number)


@dataclass(slots=True)
class _Clause:
    opener: str
    words: list[str] = field(default_factory=list)


def read_statement(text: str) -> Statement:
    """Return a sentence's words, each told what clause it stands in, whether a "not" reaches it, and its number."""
    clauses = _clauses(text)
    words: list[Word] = []
    scope = 0
    for number, clause in enumerate(clauses):
        before = words[-1].scope if words and _carries_on(clauses, number) else -1
        marks, scope = _scopes(clause, before, scope)
        words += [Word(text, number, stem_of(text), _number_of(text), mark) for text, mark in zip(clause.words, marks, strict=True)]
        if _ends_in_no(clauses, number):
            words = _unsure(words, clauses, number)
    return Statement(tuple(words))


def stem_of(word: str) -> str:
    """Return what a word shares with its other forms, roughly: `ask` for `asked`, `day` for `days`."""
    word = word.removesuffix("'s")
    word = _IRREGULAR.get(word, word)
    for ending, rest in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(rest) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word.removesuffix(ending) + rest
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] in "ey":
        word = word[:-1]
    return word[:_STEM_LENGTH]


def _clauses(text: str) -> list[_Clause]:
    plain = unmasked(straight(text).casefold())
    for pattern, instead in _REWRITTEN:
        plain = pattern.sub(instead, plain)
    clauses = [_Clause("")]
    for token in _TOKEN.findall(plain):
        is_stop = _STOP.fullmatch(token) is not None
        if is_stop or token in _OPENS:
            if clauses[-1].words:
                clauses.append(_Clause(token))
            elif not is_stop or not clauses[-1].opener:
                clauses[-1].opener = token
        if not is_stop:
            clauses[-1].words.append(token)
            if token in {"and", "or", "nor", "but"}:
                clauses[-1].words.pop()
    return [clause for clause in clauses if clause.words]


def _carries_on(clauses: Sequence[_Clause], number: int) -> bool:
    """Tell whether a "not" before a clause reaches into it: "not a doctor, a lawyer or a spy", "not after the shift"."""
    before, clause = clauses[number - 1], clauses[number]
    if _is_negator(before.words[-1]):
        return clause.opener in _OPENS - {"and", "but"}
    for later in clauses[number:]:
        if later.opener in {"or", "nor"}:
            return True
        if later.opener != "," or len(later.words) > _SHORT_ITEM or any(_is_negator(word) for word in later.words):
            return False
    return False


def _scopes(clause: _Clause, before: int, scope: int) -> tuple[list[int], int]:
    """Return for each word which "not" reaches it, and the number of the next "not"; two of them lift each other."""
    current = before
    if any(word in _NEGATES_ALL for word in clause.words):
        current = scope if current < 0 else -1
        scope += 1
    marks: list[int] = []
    last = ""
    for word in clause.words:
        if last in _BEFORE_THINGS and word in _ENDS:
            current = -1
        last = word if _is_negator(word) else last
        marks.append(current)
        if word in _NEGATES_NEXT:
            current = scope if current < 0 else -1
            scope += 1
            marks[-1] = current
    return marks, scope


def _is_negator(word: str) -> bool:
    return word in _NEGATES_NEXT


def _ends_in_no(clauses: Sequence[_Clause], number: int) -> bool:
    """Tell whether a clause ends in a "not" about what was said before: "those who do not", "without one"."""
    words = clauses[number].words
    for word, what, then in zip(words, words[1:], [*words[2:], "is"], strict=False):
        if _is_negator(word) and what in _PRONOUNS and then in _ENDS:
            return True
    is_last = number + 1 == len(clauses)
    return _is_negator(words[-1]) and (is_last or not _carries_on(clauses, number + 1))


def _unsure(words: list[Word], clauses: Sequence[_Clause], number: int) -> list[Word]:
    """Return the words with those marked to which a short "who do not" answers: the clause that opens alike, or else all before."""
    alike = ({n for n in range(number) if clauses[n].opener == clauses[number].opener} or set(range(number))) | {number}
    return [replace(word, is_unsure=True) if word.clause in alike else word for word in words]


def _number_of(text: str) -> str:
    return text if _DIGITS.fullmatch(text) else _NUMBER_WORDS.get(text, "")
