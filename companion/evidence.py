"""Tell whether passages say what a sentence says: shared words, turned meaning, other numbers. A leaf without any vendor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from companion.disguise import straight, unmasked
from companion.models import Passage

_STEM_LENGTH = 5
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATES = re.compile(r"\b(?:not|never|no|nobody|none|nothing|neither|nor|without|avoid|cannot|instead of|rather than|against)\b|n't\b")
_CLAUSE_END = re.compile(r"[.!?;:,\n]+\s*|\s+(?:and|but|or|so that|because|until|unless|before you|after you)\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+|\n+")
_COMPARED = re.compile(r"([^.,;:!?]+)\bthan\b([^.,;:!?]+)")
_CLOSE_ENOUGH = 0.5
"""Share of a sentence's words from which a passage's clause counts as speaking of the same. Chosen by us on evals/datasets/guards.jsonl, dev."""
_PART_STEMS = 3
_MIN_PART_SUPPORT = 0.34
"""Chosen by us on the same data: no faithful paraphrase there has such a part."""
_EMPTY_WORDS = frozenset(
    "that this with from your yours have what when where which while will would could should there their them then than these those they "
    "about into over some such only also even each other more most much many very just like been being does doing done here make made".split()
)


_CLAUSE_EMPTY = _EMPTY_WORDS | frozenset(
    "the an to of in on at is it as or and be you can do if so up by for are was has had its may my we he she".split()
)


def support(sentence: str, sources: Sequence[Passage]) -> float:
    """Return the share (0 to 1) of the sentence's content words whose stems occur in the passages; 1.0 when it has none."""
    wanted = stems(sentence)
    offered = set().union(*(stems(f"{source.title} {source.section} {source.text}") for source in sources)) if sources else set()
    return len(wanted & offered) / len(wanted) if wanted else 1.0


def stems(text: str) -> set[str]:
    """Return the beginnings of a text's content words, in lower case."""
    words = (match[0] for match in _WORD.finditer(straight(text).casefold()))
    return {word[:_STEM_LENGTH] for word in words if len(word) > 3 and word not in _EMPTY_WORDS}


def library_of(sources: Iterable[Passage]) -> str:
    """Return the words of passages with straight apostrophes, once as written and once with numbers and addresses as signs."""
    text = straight(" ".join(f"{source.title} {source.section} {source.text}" for source in sources))
    return f"{text} \n {unmasked(text)}"


def has_foreign_part(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a part of a sentence, between commas or after "and", has three content words or more and hardly any of the passages'."""
    parts = [part for part in _CLAUSE_END.split(straight(sentence).casefold()) if len(stems(part)) >= _PART_STEMS]
    return len(parts) > 0 and any(support(part, sources) < _MIN_PART_SUPPORT for part in parts)


def is_quote(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a sentence stands in a passage word for word; marks and capitals may differ."""
    wanted = _bare(sentence)
    return bool(wanted.strip()) and any(wanted in _bare(source.text) for source in sources)


def _bare(text: str) -> str:
    words = re.findall(r"[^\W_]+", straight(text).casefold())
    return f" {' '.join(words)} "


def contradicts(sentence: str, sources: Sequence[Passage], opposites: Sequence[frozenset[str]]) -> bool:
    """Tell whether a sentence turns what a passage says: says no where it says yes, or the other way round, or "after" for "before".

    opposites: sets of words of which one excludes the others.
    """
    text = straight(sentence).casefold()
    wanted = stems(text)
    statements = [line for source in sources for line in _SENTENCE_END.split(straight(source.text).casefold()) if line.strip()]
    nearest = max(statements, key=lambda line: len(wanted & stems(line)), default="")
    if not wanted or len(wanted & stems(nearest)) < _CLOSE_ENOUGH * len(wanted):
        return False
    return _turns_a_word(text, nearest, opposites) or _turns_a_comparison(text, nearest) or _turns_yes_and_no(text, nearest)


def _turns_a_word(text: str, nearest: str, opposites: Sequence[frozenset[str]]) -> bool:
    said, there = set(_WORD.findall(text)), set(_WORD.findall(nearest))
    return any(said & group and not said & group & there and there & group for group in opposites)


def _turns_a_comparison(text: str, nearest: str) -> bool:
    """Tell whether "A longer than B" stands where the passage says "B longer than A": the same words on the other side of "than"."""
    said, there = _COMPARED.search(text), _COMPARED.search(nearest)
    if said is None or there is None:
        return False
    first, second, known_first, known_second = (set(_WORD.findall(side)) for match in (said, there) for side in match.groups())
    only_first, only_second = first - second, second - first
    return bool(only_first & (known_second - known_first)) and bool(only_second & (known_first - known_second))


def _turns_yes_and_no(text: str, nearest: str) -> bool:
    """Compare clause by clause, so that "drink it early and not late" supports "drink it early"."""
    clauses = [clause for clause in _CLAUSE_END.split(nearest) if clause and _clause_words(clause)]
    for part in _CLAUSE_END.split(text):
        wanted = _clause_words(part)
        if len(wanted) < 2:
            if wanted and _NEGATES.match(part) and not _NEGATES.search(nearest) and wanted <= _clause_words(nearest):
                return True  # such as "never to the wall" beside "turn it to the wall"
            continue
        near = [clause for clause in clauses if len(wanted & _clause_words(clause)) >= _CLOSE_ENOUGH * len(wanted)] or [nearest]
        if all(bool(_NEGATES.search(part)) != bool(_NEGATES.search(clause)) for clause in near):
            return True
    return False


def _clause_words(clause: str) -> set[str]:
    return {word[:_STEM_LENGTH] for word in _WORD.findall(_NEGATES.sub(" ", clause)) if len(word) > 1 and word not in _CLAUSE_EMPTY}


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a text in order, as written in digits."""
    return tuple(match[0] for match in _NUMBER.finditer(text))


def stands_in(detail: str, library: str) -> bool:
    """Tell whether a number or address stands in a text, whole and not as part of a longer one; gaps in it may differ."""
    pieces = [re.escape(piece) for piece in re.split(r"[\s()-]+", detail.rstrip(".,;:!?)")) if piece]
    whole = r"(?<![\w+/@])(?<!\d[ .,:-])(?<!www\.)" + r"[\s()-]*".join(pieces) + r"(?![\w/])(?![ .,:-]\d)"
    return bool(pieces) and re.search(whole, library, re.IGNORECASE) is not None


def runs(text: str, length: int) -> frozenset[tuple[str, ...]]:
    """Return every run of so many words of a text, in lower case without marks."""
    words = re.findall(r"[^\W_]+", straight(text).casefold().replace("'", ""))
    return frozenset(tuple(words[start : start + length]) for start in range(len(words) - length + 1))
