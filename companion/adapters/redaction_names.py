"""Find people's names in any case: by lists of names, by the words around them, and by the vote of the language model.

Each rule answers for one word; `find_names` then joins the words of one name. Linear in the number of words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape
from companion.models import EntityType
from companion.ports import FoundEntity

_JOINS = frozenset({" ", "-", ". ", "\u00a0"})
_LISTING = frozenset({"and", "&", "or", "y", "und", "et", "n"})
_MODALS = frozenset({"will", "may", "can"})
_MAX_NAME_WORDS = 4
_MAX_WORD_CHARS = 30
_FOREIGN_SHARE = 0.5
"""Chosen by us: below this share of English words a message is read as another language, where only capitals and signs count."""


def find_names(reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int]) -> Iterator[FoundEntity]:
    """Yield each name as one PERSON span. person_votes: indices of words that the language model takes for a person."""
    judge = NameJudge(reading, lexicon, person_votes)
    index = 0
    while index < len(reading.words):
        if index % 64 == 0:
            reading.deadline.check()
        if not judge.is_name(index):
            index += 1
            continue
        stop = judge.end_of_name(index)
        start = judge.start_of_name(index)
        yield FoundEntity(reading.words[start].start, reading.words[stop].end, EntityType.PERSON, 0.85)
        index = stop + 1


class NameJudge:
    """Decide word by word whether it is part of a person's name."""

    def __init__(self, reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int]) -> None:
        self._reading = reading
        self._lexicon = lexicon
        self._votes = frozenset(person_votes)
        self._words = reading.words
        self._known: dict[int, bool] = {}

    @cached_property
    def _is_foreign(self) -> bool:
        keys = [w.key for w in self._words if w.shape is not Shape.OTHER]
        known = sum(self._lexicon.is_known(k) for k in keys)
        return len(keys) >= 6 and known < _FOREIGN_SHARE * len(keys)

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

    def is_name(self, index: int) -> bool:
        """Tell whether a word by itself, in its place, is a name."""
        if index not in self._known:
            self._known[index] = self._judge(index)
        return self._known[index]

    def _judge(self, index: int) -> bool:
        word, lexicon = self._words[index], self._lexicon
        if word.end - word.start > _MAX_WORD_CHARS or self._is_inside_token(index):
            return False
        if not word.key.isascii():
            return self._is_name_in_other_script(index)
        if word.key in lexicon.never or len(word.key) < 2:
            return False
        if self._follows_title(index):
            return True
        if word.key in lexicon.ambiguous:
            return self._is_ambiguous_name(index)
        if lexicon.is_first(word.key) or lexicon.is_surname_only(word.key):
            return not self._is_foreign or self._has_sign(index)
        if lexicon.is_unknown(word.key):
            return self._is_rare_name(index)
        return index in self._votes and self._is_capital_surname(index)

    def _is_inside_token(self, index: int) -> bool:
        """Tell whether the word is part of a longer token such as an address of a machine, a number or a tag."""
        word, text = self._words[index], self._reading.text
        before = text[word.start - 1] if word.start else " "
        after = text[word.end] if word.end < len(text) else " "
        return before in "_#$%=\\" or before.isdigit() or after in "_=\\" or after.isdigit()

    def _follows_title(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        english = key in lexicon.english and key not in lexicon.last and key not in lexicon.ambiguous
        if key in lexicon.common or (english and not self._reading.is_capital(index)):
            return False
        if self._before(index, "titles"):
            return True
        if not self._before(index, "titles_also_words"):
            return False
        if lexicon.is_first(key) or lexicon.is_surname_only(key) or self._reading.is_capital(index):
            return True
        return key in lexicon.last and key not in lexicon.function_like and (self._ends_here(index) or self._after(index, "say_after"))

    def _has_sign(self, index: int) -> bool:
        signs = ("roles", "tell_before", "titles", "weak_before")
        return (
            self._words[index].shape is Shape.TITLE or any(self._before(index, sign) for sign in signs) or self._after(index, "say_after")
        )

    def _is_ambiguous_name(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        place_or_month = lexicon.cue("place_like", key) or lexicon.cue("months", key)
        if self._reading.is_capital(index) and (not place_or_month or self._has_person_sign(index)):
            return True
        if self._is_next_to_surname(index):
            return True
        if key in lexicon.function_like or place_or_month:
            return self._has_person_sign(index)
        if self._before(index, "roles") or self._before(index, "tell_before") or self._is_in_list_of_names(index):
            return True
        works = self._works_somewhere(index)
        spoke = self._after(index, "say_after") or self._words[index].possessive
        acted = self._after(index, "act_after") and self._begins_clause(index)
        return (
            works or spoke or acted or (index in self._votes and (self._before(index, "weak_before") or self._reading.starts_clause(index)))
        )

    def _has_person_sign(self, index: int) -> bool:
        """Tell whether the sentence treats an everyday word as a person."""
        key = self._key(index)
        if self._after(index, "say_after") and self._begins_clause(index):
            return key not in _MODALS or self._key(index + 1) not in {"say", "asks"}
        follows = self._ends_here(index) or self._words[index].possessive
        if self._before(index, "roles"):
            return follows or self._after(index, "act_after") and key not in _MODALS or self._after(index, "say_after")
        if self._before(index, "tell_before"):
            return follows and not self._lexicon.cue("months", key) or self._after(index, "follow_after_tell")
        return self._is_in_list_of_names(index) or self._works_somewhere(index)

    def _begins_clause(self, index: int) -> bool:
        return self._reading.starts_clause(index) or self._lexicon.cue("clause_before", self._key(index - 1))

    def _works_somewhere(self, index: int) -> bool:
        preposition = self._key(index + 1) in {"from", "in", "at", "on"} and self._reading.gap(index) == " "
        place = preposition and self._lexicon.cue("places_of_work", self._key(index + 2))
        sure = place and self._key(index + 2) not in {"the", "my", "our", "work", "days", "nights", "it"}
        return sure and (self._before(index, "weak_before") or self._before(index, "tell_before") or self._begins_clause(index))

    def _is_in_list_of_names(self, index: int) -> bool:
        """Tell whether "… and <word>" or "<word> and …" joins it to a sure given name."""
        if index >= 2 and self._key(index - 1) in _LISTING and self._lexicon.is_first(self._key(index - 2)):
            return True
        return self._key(index + 1) in _LISTING and self._lexicon.is_first(self._key(index + 2)) and self._begins_or_cued(index)

    def _begins_or_cued(self, index: int) -> bool:
        return self._begins_clause(index) or self._before(index, "weak_before") or self._before(index, "tell_before")

    def _is_next_to_surname(self, index: int) -> bool:
        """Tell whether a sure surname follows ("grace okafor")."""
        follows = self._reading.gap(index) == " " and self._lexicon.is_surname_only(self._key(index + 1))
        return follows and not self._lexicon.is_first(self._key(index + 1)) and self._key(index) not in _MODALS

    def _is_rare_name(self, index: int) -> bool:
        """Judge a word that stands in no list: capital or a strong sign makes it a name."""
        if self._before(index, "naming") or self._works_somewhere(index):
            return True
        told = self._before(index, "tell_before") and not self._is_foreign
        spoke = self._after(index, "say_after") and self._begins_clause(index)
        if self._before(index, "roles") or told or spoke:
            return True
        is_capital = self._words[index].shape is Shape.TITLE and self._reading.capitals_mean_names
        return is_capital and index in self._votes and not self._is_foreign

    def _is_capital_surname(self, index: int) -> bool:
        """Judge an English word that the language model takes for a person: only a capital surname beside a name or title counts."""
        return self._reading.is_capital(index) and self._key(index) in self._lexicon.last and self._before(index, "tell_before")

    def _is_name_in_other_script(self, index: int) -> bool:
        word = self._words[index]
        surface = self._reading.text[word.start : word.end].casefold()
        if surface in self._lexicon.other_scripts or word.key in self._lexicon.other_scripts:
            return True
        if not self._is_latin_message or len(surface) > 12:
            return False
        signs = ("roles", "tell_before", "titles", "weak_before")
        return any(self._before(index, sign) for sign in signs) or self._after(index, "say_after") or self._after(index, "act_after")

    @cached_property
    def _is_latin_message(self) -> bool:
        latin = sum(w.key.isascii() for w in self._words)
        return latin >= 0.6 * len(self._words)

    def start_of_name(self, index: int) -> int:
        """Return the first word of the name whose sure part is `index`: takes in an unlisted given name before a surname."""
        before = index - 1
        if before < 0 or self._reading.gap(before) != " " or not self._lexicon.is_surname_only(self._key(index)):
            return index
        if self._lexicon.is_first(self._key(index)) or not self._lexicon.is_unknown(self._key(before)):
            return index
        return before

    def end_of_name(self, index: int) -> int:
        """Return the last word of the name that begins at `index`."""
        last = index
        while last + 1 < len(self._words) and last - index < _MAX_NAME_WORDS - 1:
            reach = self._continues(last)
            if not reach:
                break
            last += reach
        return last

    def _continues(self, last: int) -> int:
        """Return how many words to take in after `last`: 0, 1, or 2 for a particle with its surname."""
        if self._words[last].possessive or self._reading.gap(last) not in _JOINS:
            return 0
        key, lexicon = self._key(last + 1), self._lexicon
        if self._is_initial(last + 1):
            return 1
        if self._reading.gap(last) == ". ":
            return 1 if last and len(self._key(last)) == 1 and self._is_surname(last + 1) else 0
        if lexicon.cue("particles", key) and last + 2 < len(self._words) and self._reading.gap(last + 1) in _JOINS:
            key_after = self._key(last + 2)
            if (
                key_after in lexicon.last
                and key_after not in lexicon.common
                and (key_after not in lexicon.english or self._is_title(last + 2))
            ):
                return 2
        return int(self._is_surname(last + 1))

    def _is_title(self, index: int) -> bool:
        return self._words[index].shape is Shape.TITLE and self._reading.capitals_mean_names

    def _is_initial(self, index: int) -> bool:
        word = self._words[index]
        if len(word.key) != 1 or word.key == "i":
            return False
        return word.shape is Shape.TITLE or (
            self._reading.gap(index)[:1] == "." and not self._lexicon.cue("dont_start", "") and word.key.isalpha()
        )

    def _is_surname(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        if not key.isascii():
            return self._is_name_in_other_script(index) or not self._words[index].key.isascii()
        if key in lexicon.never or key in lexicon.common:
            return False
        if lexicon.is_first(key) or lexicon.is_surname_only(key) or (lexicon.is_unknown(key) and not self._is_foreign):
            return True
        if key in lexicon.last or key in lexicon.ambiguous:
            plain = lexicon.cue("plain_surnames", key)
            follows = (
                self._ends_here(index)
                or self._after(index, "say_after")
                or self._after(index, "act_after")
                or self._words[index].possessive
            )
            return self._is_title(index) or (plain and (follows or self._after(index, "weak_before")))
        return self._is_title(index) and self._is_title(index - 1) and index in self._votes
