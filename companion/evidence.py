"""Tell whether passages say what a sentence says: shared words, quotes, numbers. A leaf without any vendor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from companion.disguise import straight, unmasked
from companion.models import Passage

_STEM_LENGTH = 5
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CLAUSE_END = re.compile(r"[.!?;:,\n]+\s*|\s+(?:and|but|or|so that|because|until|unless|before you|after you)\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+|\n+")
_PART_STEMS = 3
_MIN_PART_SUPPORT = 0.34
"""Chosen by us on the same data: no faithful paraphrase there has such a part."""
_SURE = frozenset("must always never every everyone everybody any whoever whatever certainly surely guaranteed".split())
_EMPTY_WORDS = frozenset(
    "that this with from your yours have what when where which while will would could should there their them then than these those they "
    "about into over some such only also even each other more most much many very just like been being does doing done here make made".split()
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
    return _both_forms(" ".join(f"{source.title} {source.section} {source.text}" for source in sources))


@lru_cache(maxsize=256)
def _both_forms(library: str) -> str:
    """Return words of the library twice; every sentence of a reply asks anew. Holds some 2 kB each, and no person's words."""
    text = straight(library)
    return f"{text} \n {unmasked(text)}"


def has_foreign_part(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a part of a sentence, between commas or after "and", has three content words or more and hardly any of the passages'."""
    parts = [part for part in _CLAUSE_END.split(straight(sentence).casefold()) if len(stems(part)) >= _PART_STEMS]
    return len(parts) > 0 and any(support(part, sources) < _MIN_PART_SUPPORT for part in parts)


def is_surer(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a sentence holds for everybody and always, or orders, in words that its passages do not have."""
    there = {word.removesuffix("s") for source in sources for word in _WORD.findall(straight(source.text).casefold())}
    return bool(set(_WORD.findall(straight(sentence).casefold())) & _SURE - there)


def is_quote(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a sentence stands in a passage word for word; marks and capitals may differ."""
    wanted = _bare(sentence)
    return bool(wanted.strip()) and any(wanted in _bare_passage(source.text) for source in sources)


@lru_cache(maxsize=1024)
def _bare_passage(library: str) -> str:
    """Return the bare words of one passage, remembered: of the library, never of a person."""
    return _bare(library)


def is_whole_quote(sentence: str, sources: Sequence[Passage]) -> bool:
    """Tell whether a sentence is whole sentences of a passage in a row; a piece of one may leave out its "not"."""
    wanted = _bare(sentence)
    for source in sources:
        lines = [_bare(line)[1:] for line in _SENTENCE_END.split(source.text)]
        for start in range(len(lines)):
            said = " "
            for line in lines[start:]:
                said += line
                if said == wanted:
                    return True
                if len(said) > len(wanted):
                    break
    return False


def _bare(text: str) -> str:
    words = re.findall(r"[^\W_]+", straight(text).casefold())
    return f" {' '.join(words)} "


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
