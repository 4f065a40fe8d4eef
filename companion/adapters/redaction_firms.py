"""Find firms and sites that only the words around them give away: "kestrel systems", "the tamarisk contract", "on fernleigh ward".

A word is proper by degrees: surely, when it has a capital inside a sentence or stands in no list of English; perhaps, when it is a noun
that people rarely use at work. The second kind needs a preposition before it or a verb after it as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape
from companion.models import EntityType
from companion.ports import FoundEntity

_SURELY, _PERHAPS, _NOT = 2, 1, 0
_MAX_NAME_WORDS = 4
_SCORE = 0.88
"""Above a person's 0.85, so that "poppy unit" is one place and not a person in a unit. Chosen by us."""


class FirmFinder:
    """Find firms and sites by the kind of thing named after them, and places that the language model sees after a preposition."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, reading: MessageReading, place_votes: Collection[int]) -> Iterator[FoundEntity]:
        """Yield every firm and site. place_votes: indices of words that the language model takes for a place or an organisation."""
        for index, word in enumerate(reading.words):
            if index % 64 == 0:
                reading.deadline.check()
            if index:
                yield from self._before_kind(reading, index)
            if index in place_votes and index and self._lexicon.is_unknown(word.key) and reading.gap(index - 1) == " ":
                yield from self._voted(reading, index)

    def _before_kind(self, reading: MessageReading, index: int) -> Iterator[FoundEntity]:
        key = reading.words[index].key
        is_firm, is_room, is_site = (self._lexicon.cue(cue, key) for cue in ("wide_firms", "rooms", "wide_sites"))
        is_deal = self._lexicon.cue("deals", key)
        if not (is_firm or is_room or is_site or is_deal) or not self._joined(reading, index - 1):
            return
        degree, first = self._degree(reading, index - 1), index - 1
        while first and index - first < _MAX_NAME_WORDS and self._joined(reading, first - 1) and self._is_inner_capital(reading, first - 1):
            first -= 1
        before = reading.words[first - 1].key if first and reading.gap(first - 1) == " " else ""
        start = reading.words[first].start
        if is_deal:
            sure = degree == _SURELY or (degree == _PERHAPS and self._lexicon.cue("sure_deals", key))
            if before == "the" and sure and not key.endswith("ing"):
                yield FoundEntity(start, reading.words[index - 1].end, EntityType.ORGANISATION, _SCORE)
        elif degree == _SURELY or (degree == _PERHAPS and not is_site and self._is_set(reading, index, before, is_room)):
            yield FoundEntity(start, reading.words[index].end, EntityType.ORGANISATION if is_firm else EntityType.LOCATION, _SCORE)

    def _is_set(self, reading: MessageReading, index: int, before: str, is_room: bool) -> bool:
        """Tell whether a preposition stands before the name, or the name begins a clause and an auxiliary follows it."""
        if before not in {"the", "our", "my"} and self._lexicon.cue("before_room" if is_room else "before_firm", before):
            return True
        after = reading.words[index + 1].key if index + 1 < len(reading.words) and reading.gap(index) == " " else ""
        return reading.starts_clause(index - 1) and self._lexicon.cue("firm_acts", after)

    def _voted(self, reading: MessageReading, index: int) -> Iterator[FoundEntity]:
        word, before = reading.words[index], reading.words[index - 1].key
        if len(word.key) < 4 or self._lexicon.cue("not_a_firm", word.key):
            return
        if self._lexicon.cue("before_town", before) and before not in {"our", "the"}:
            yield FoundEntity(word.start, word.end, EntityType.LOCATION, 0.6)
        elif self._lexicon.cue("before_firm", before):
            yield FoundEntity(word.start, word.end, EntityType.ORGANISATION, 0.6)

    def _joined(self, reading: MessageReading, index: int) -> bool:
        return reading.gap(index) == " " and not reading.words[index].possessive

    def _is_inner_capital(self, reading: MessageReading, index: int) -> bool:
        word = reading.words[index]
        return word.shape is Shape.TITLE and reading.is_capital(index) and word.key not in self._lexicon.common

    def _degree(self, reading: MessageReading, index: int) -> int:
        """Return how surely the word is a proper name."""
        key, lexicon = reading.words[index].key, self._lexicon
        barred = lexicon.cue("not_a_site", key) or lexicon.cue("not_a_firm", key) or key in lexicon.never or key in lexicon.countries
        if barred or key in lexicon.common or lexicon.cue("titles", key) or lexicon.cue("roles", key):
            return _NOT
        if self._is_inner_capital(reading, index) or key in lexicon.places or (lexicon.is_unknown(key) and len(key) > 4):
            return _SURELY
        if lexicon.is_surname_only(key) or lexicon.is_first(key):
            return _SURELY
        english = lexicon.english
        is_thing = (
            english.is_part("noun", key) and not english.is_part("adj", key) and not key.endswith(("ing", "ment", "ion", "s", "ance"))
        )
        return _PERHAPS if len(key) > 3 and is_thing and not lexicon.is_usual(key) else _NOT
