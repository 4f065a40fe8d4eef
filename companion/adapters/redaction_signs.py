"""The signs around a word that make it a name: titles, roles, verbs of speaking, lists of names, closings.

Every question is about one word by its index and looks at most three words around it, so all of them together are linear.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape

MODALS = frozenset({"will", "may", "can"})
_LISTING = frozenset({"and", "&", "or", "y", "und", "et", "n"})
_FOREIGN_SHARE = 0.5
"""Chosen by us: below this share of English words a message is read as another language, where only capitals and signs count."""


class NameSigns:
    """Answer what stands around a word."""

    def __init__(self, reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int]) -> None:
        self._reading = reading
        self._lexicon = lexicon
        self._votes = frozenset(person_votes)
        self._words = reading.words

    @cached_property
    def _is_foreign(self) -> bool:
        keys = [w.key for w in self._words if w.shape is not Shape.OTHER]
        known = sum(self._lexicon.is_known(k) for k in keys)
        return len(keys) >= 6 and known < _FOREIGN_SHARE * len(keys)

    @cached_property
    def _is_latin_message(self) -> bool:
        latin = sum(w.key.isascii() for w in self._words)
        return latin >= 0.6 * len(self._words)

    def _key(self, index: int) -> str:
        return self._words[index].key if 0 <= index < len(self._words) else ""

    def _before(self, index: int, cue: str) -> bool:
        """Tell whether the word before, with only a space (or a title's dot) between, is a sign of the named kind."""
        if index == 0 or self._reading.gap(index - 1) not in {" ", ". ", ".", ": ", ", ", "  "}:
            return False
        if self._reading.gap(index - 1) == ", " and cue not in {"tell_before", "roles"}:
            return False
        return self._lexicon.cue(cue, self._key(index - 1)) and not self._words[index - 1].possessive

    def _after(self, index: int, cue: str) -> bool:
        return self._reading.gap(index) == " " and not self._words[index].possessive and self._lexicon.cue(cue, self._key(index + 1))

    def _ends_here(self, index: int) -> bool:
        gap = self._reading.gap(index).lstrip(" ")
        return index + 1 >= len(self._words) or (bool(gap) and not gap[0].isalnum() and gap[0] not in "-'’")

    def _begins_clause(self, index: int) -> bool:
        return self._reading.starts_clause(index) or self._lexicon.cue("clause_before", self._key(index - 1))

    def _is_title(self, index: int) -> bool:
        return self._words[index].shape is Shape.TITLE and self._reading.capitals_mean_names

    def _is_inside_token(self, index: int) -> bool:
        """Tell whether the word is part of a longer token such as an address of a machine, a number or a tag."""
        word, text = self._words[index], self._reading.text
        before = text[word.start - 1] if word.start else " "
        after = text[word.end] if word.end < len(text) else " "
        return before in "_#$%=\\" or before.isdigit() or after in "_=\\" or after.isdigit()

    def _is_introduced(self, index: int) -> bool:
        """Tell whether "name is" stands before the word."""
        return (
            index >= 2
            and self._key(index - 1) in {"is", "was", "ist", "es"}
            and self._key(index - 2) in {"name", "names", "name's", "nombre"}
        )

    def _signs_off(self, index: int) -> bool:
        """Tell whether the word closes the message as a signature does ("thanks - jo")."""
        if index == 0 or index + 1 < len(self._words):
            return False
        gap = self._reading.gap(index - 1)
        return "\n" in gap or gap in {" - ", " – ", " — ", " -", " ~"} or (gap == ", " and self._before(index, "tell_before"))

    def _works_somewhere(self, index: int) -> bool:
        preposition = self._key(index + 1) in {"from", "in", "at", "on"} and self._reading.gap(index) == " "
        place = preposition and self._lexicon.cue("places_of_work", self._key(index + 2))
        sure = place and self._key(index + 2) not in {"the", "my", "our", "work", "days", "nights", "it"}
        return sure and (self._before(index, "weak_before") or self._before(index, "tell_before") or self._begins_clause(index))

    def _is_in_list_of_names(self, index: int) -> bool:
        """Tell whether "… and <word>" or "<word> and …" joins it to a sure given name."""
        if index >= 2 and self._key(index - 1) in _LISTING and self._is_likely_first(index - 2):
            return True
        return self._key(index + 1) in _LISTING and self._is_likely_first(index + 2) and self._begins_or_cued(index)

    def _is_likely_first(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        return lexicon.is_first(key) or (key in lexicon.ambiguous and key not in lexicon.function_like and key not in lexicon.short)

    def _begins_or_cued(self, index: int) -> bool:
        return self._begins_clause(index) or self._before(index, "weak_before") or self._before(index, "tell_before")

    def _stands_as_subject(self, index: int) -> bool:
        """Tell whether the word, alone or with one more, begins a clause and acts, or follows a preposition as a person does."""
        acts = any(
            self._after(place, cue) for place in (index, index + 1) if place < len(self._words) for cue in ("act_after", "say_after")
        )
        if self._key(index - 1) in {"is", "was", "does", "did", "has", "can"} and self._begins_clause(index - 1):
            return True
        begins = self._begins_clause(index) or self._key(index - 1) == "since"
        return (begins and (acts or self._words[index].possessive)) or self._before(index, "weak_before")

    def _is_pair_of_syllables(self, index: int) -> bool:
        """Tell whether two short words make a name as many East Asian ones do ("xin yi", "hyun woo")."""
        key, after, lexicon = self._key(index), self._key(index + 1), self._lexicon
        if not (2 <= len(key) <= 4 and 2 <= len(after) <= 5) or self._reading.gap(index) != " " or after in lexicon.common:
            return False
        is_first = key not in lexicon.english and (key in lexicon.short or key in lexicon.last or lexicon.is_unknown(key))
        return (
            is_first
            and after not in lexicon.never
            and (after in lexicon.last or after in lexicon.short or lexicon.is_first(after) or lexicon.cue("syllables", after))
        )

    def _is_next_to_surname(self, index: int) -> bool:
        """Tell whether a sure surname follows ("grace okafor")."""
        follows = self._reading.gap(index) == " " and self._lexicon.is_surname_only(self._key(index + 1))
        return follows and not self._lexicon.is_first(self._key(index + 1)) and self._key(index) not in MODALS

    def _is_before_capital_surname(self, index: int) -> bool:
        """Tell whether a surname with a capital follows ("Mark Rivers", "Ji-woo Park")."""
        follows = self._reading.gap(index) == " " and index + 1 < len(self._words) and self._is_title(index + 1)
        return follows and self._key(index + 1) in self._lexicon.last and self._key(index + 1) not in self._lexicon.common

    def _is_address(self, index: int) -> bool:
        return any(self._lexicon.cue(cue, self._key(index)) for cue in ("titles", "titles_also_words", "roles", "say_after"))
