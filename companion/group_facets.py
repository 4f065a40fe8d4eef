"""Hear in what somebody wrote the roles, goals and projects that a coordinator put down for a group.

They are short words as people read them ("nurses", "sleep by day", "the new rota system"), so that the reason for a suggestion can name them as they
stand. A facet is spoken of when its words come in their order in one sentence, each in the singular or the plural; small words need not be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.models_groups import PeerGroup
from companion.phrases import Phrases
from companion.spelling import PlainText, Spelling, read

FACETS = ("roles", "goals", "projects")
"""Names of the fields, in the order in which a reason names them."""
_SMALL = frozenset(
    "a an and are at be by for from in into is my of on or our the their to who with your anyone colleagues everyone people staff those".split()
)
"""Words that need not be said: whoever starts on nights does not call themselves "people starting on nights"."""
_NO_SPELLING = Spelling((), {}, ())


@dataclass(frozen=True, slots=True)
class Facet:
    """Hold one facet of a group: the field it stands in, its words as written, and the phrase that finds it."""

    field: str
    written: str
    phrases: Phrases


def facets_of(group: PeerGroup) -> tuple[Facet, ...]:
    """Return the facets of a group that can be heard, in the order of `FACETS`."""
    written = [(field, each) for field in FACETS for each in getattr(group, field)]
    return tuple(Facet(field, each, Phrases([_phrase(each)])) for field, each in written if telling_words(each))


def spoken_facets(facets: Sequence[Facet], said: Sequence[PlainText]) -> Mapping[str, tuple[str, ...]]:
    """Return which facets any of the messages speaks of: field → words as written; fields without one are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for facet in facets:
        if any(facet.phrases.found_in(text) for text in said):
            found[facet.field] = (*found.get(facet.field, ()), facet.written)
    return found


def telling_words(written: str) -> tuple[str, ...]:
    """Return the words of a facet that must be said, in order."""
    return tuple(word for word in read(written, _NO_SPELLING).text.split() if word != "." and word not in _SMALL)


def _phrase(written: str) -> str:
    return " ... ".join(f"({'|'.join(_numbers(word))})" for word in telling_words(written))


def _numbers(word: str) -> tuple[str, ...]:
    """Return a word in the singular and the plural; which of the two was written does not matter."""
    if word.endswith("ies") and len(word) > 4:
        return word, f"{word[:-3]}y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word, word[:-1]
    return word, f"{word}s", *((f"{word[:-1]}ies",) if word.endswith("y") else ())
