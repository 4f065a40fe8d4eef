"""Set slips of the keyboard right with SymSpell (Wolf Garbe's symmetric deletes; the frequency list of English comes with symspellpy).

It serves search only: the original words are searched as well, so that a wrong guess costs little.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity

MIN_CHARS = 4
"""Shorter words have too many neighbours. Chosen by us."""
_RARE = 200_000
"""Count in the list below which a word is known, but is nobody's best guess. Chosen by us: keeps about 31,000 of 83,000 words."""
_PREFIX = 4
"""Letters of which slips are listed beforehand. Chosen by us: 10 MB instead of 42 with SymSpell's own 7, and a lookup of .2 instead of .03 ms;
the guesses for 3,000 misspelt words were the same."""
_SHORT_FORMS = frozenset(
    "arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt thats theres theyd theyll theyre theyve wasnt werent "
    "whats wont wouldnt youd youll youre youve".split()
)


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    listing = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return frozenset(line.partition(" ")[0] for line in listing.splitlines())


def is_english(word: str) -> bool:
    """Tell whether a word in lower case stands in the list of English words, with or without its ending after an apostrophe."""
    return word in _listed() or word.partition("'")[0] in _listed() or word.replace("'", "") in _SHORT_FORMS


class SymSpellSpeller:
    """Correct single English words by one letter; fulfils `ports.Speller`. Loads in about half a second, then thread-safe."""

    def __init__(self) -> None:
        """Read the list of words."""
        self._known: set[str] = set(_SHORT_FORMS)
        self._guesses = SymSpell(max_dictionary_edit_distance=1, prefix_length=_PREFIX)
        listing = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
        for line in listing.splitlines():
            word, _, count = line.partition(" ")
            self._known.add(word)
            if len(word) >= MIN_CHARS - 1 and int(count) >= _RARE:
                self._guesses.create_dictionary_entry(word, int(count))

    def corrected(self, word: str, passages_with: Callable[[str], int]) -> str:
        """Return the word that is meant by one, in lower case; the word itself when it is known, short, or nothing is near.

        passages_with: how many passages of the library hold a word; what the library speaks of is right, and is the first guess.
        """
        if len(word) < MIN_CHARS or not word.isalpha() or word in self._known or passages_with(word):
            return word
        near = [found.term for found in self._guesses.lookup(word, Verbosity.CLOSEST, max_edit_distance=1)]
        return max(near, key=passages_with, default=word)  # of equals the first, which is the most frequent
