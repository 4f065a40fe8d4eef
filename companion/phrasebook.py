"""Say in plain words what people say in slang, so that a search finds what an article says in other words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_KEPT_LETTERS = "[^\\W_]"


class Phrasebook:
    """Know how people say things, and the words that the library uses for them."""

    def __init__(self, says: Mapping[str, str]) -> None:
        """says: what people say → plain words; lower case, without apostrophes, whole words."""
        self._says = dict(says)
        self._words = frozenset(word for phrase in says for word in phrase.split())
        longest_first = sorted(says, key=len, reverse=True)
        alternatives = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
        self._pattern = re.compile(rf"(?<!{_KEPT_LETTERS})(?:{alternatives})(?!{_KEPT_LETTERS})") if says else None

    def plain(self, text: str) -> str:
        """Return a text in lower case, without apostrophes, with plain words in the place of each phrase; linear in its length."""
        folded = _APOSTROPHES.sub("", text.lower())
        if self._pattern is None:
            return folded
        return self._pattern.sub(lambda match: self._says[" ".join(match[0].split())], folded)

    def knows(self, word: str) -> bool:
        """Tell whether a word, in lower case, is part of some phrase."""
        return word in self._words
