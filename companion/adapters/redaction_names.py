"""Find people's names in any case: by lists of names, by the words around them, and by the vote of the language model.

Each rule answers for one word; `find_names` then joins the words of one name. Linear in the number of words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_reading import MessageReading, Shape
from companion.adapters.redaction_signs import MODALS, NameSigns
from companion.models import EntityType
from companion.ports import FoundEntity

_JOINS = frozenset({" ", "-", ". ", "\u00a0"})
_MAX_NAME_WORDS = 4
_MAX_WORD_CHARS = 30


def find_names(reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int]) -> Iterator[FoundEntity]:
    """Yield each name as one PERSON span. person_votes: indices of words that the language model takes for a person."""
    spans = NameSpans(reading, lexicon, person_votes)
    index = 0
    while index < len(reading.words):
        if index % 64 == 0:
            reading.deadline.check()
        if not spans.is_name(index):
            index += 1
            continue
        stop = spans.end_of_name(index)
        start = spans.start_of_name(index)
        end = reading.words[stop].end - spans.trailing_letters(stop, is_whole=start == stop)
        yield FoundEntity(reading.words[start].start, end, EntityType.PERSON, 0.85)
        index = stop + 1


class NameJudge(NameSigns):
    """Decide word by word whether it is part of a person's name."""

    def is_name(self, index: int) -> bool:
        """Tell whether a word by itself, in its place, is a name."""
        word, lexicon = self._words[index], self._lexicon
        if word.end - word.start > _MAX_WORD_CHARS or self._is_inside_token(index):
            return False
        if not word.key.isascii():
            return self._is_name_in_other_script(index)
        if len(word.key) < 2:
            return self._before(index, "titles") and word.key != "i"
        if word.key in lexicon.never or lexicon.cue("titles", word.key):
            return False
        if self._follows_title(index):
            return True
        if word.key in lexicon.ambiguous:
            return self._is_ambiguous_name(index)
        if lexicon.is_first(word.key) or lexicon.is_surname_only(word.key):
            return not self._is_foreign or self._has_sign(index)
        if self._is_owner(word.key):
            return not self._is_foreign
        if lexicon.is_unknown(word.key):
            return self._is_rare_name(index)
        return self._is_capital_name(index)

    def _is_owner(self, key: str) -> bool:
        """Tell whether a word is a given name with the s of an owner and no apostrophe ("sarahs shift")."""
        name, lexicon = key[:-1], self._lexicon
        is_owned = len(key) > 4 and key[-1] == "s" and lexicon.is_first(name) and not lexicon.is_first(key) and key not in lexicon.never
        return is_owned and (key not in lexicon.english or name in lexicon.english)

    def _follows_title(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        english = key in lexicon.english and key not in lexicon.last and key not in lexicon.ambiguous
        if key in lexicon.common or (english and not self._reading.is_capital(index)):
            return False
        if self._before(index, "titles") or self._is_introduced(index):
            return True
        if not self._before(index, "titles_also_words"):
            return False
        if lexicon.is_first(key) or lexicon.is_surname_only(key) or self._reading.is_capital(index):
            return True
        return (
            lexicon.cue("plain_surnames", key)
            and key not in lexicon.function_like
            and (self._ends_here(index) or self._after(index, "say_after"))
        )

    def _has_sign(self, index: int) -> bool:
        signs = ("roles", "tell_before", "titles")
        return (
            self._words[index].shape is Shape.TITLE or any(self._before(index, sign) for sign in signs) or self._after(index, "say_after")
        )

    def _is_ambiguous_name(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        place_or_month = lexicon.cue("place_like", key) or lexicon.cue("months", key)
        if self._reading.is_capital(index) and (not place_or_month or self._has_person_sign(index)):
            return True
        if (
            self._signs_off(index)
            or self._is_next_to_surname(index)
            or (self._words[index].shape is Shape.TITLE and self._is_before_capital_surname(index))
        ):
            return True
        if self._is_pair_of_syllables(index):
            return True
        if key in lexicon.function_like or place_or_month:
            return self._has_person_sign(index)
        if self._before(index, "roles") or self._before(index, "tell_before") or self._is_in_list_of_names(index):
            return True
        works = self._works_somewhere(index)
        spoke = self._after(index, "say_after") or self._words[index].possessive
        acted = self._after(index, "act_after") and self._begins_clause(index)
        return works or spoke or acted or (index in self._votes and self._before(index, "weak_before"))

    def _has_person_sign(self, index: int) -> bool:
        """Tell whether the sentence treats an everyday word as a person."""
        key = self._key(index)
        if self._after(index, "say_after") and self._begins_clause(index):
            return key not in MODALS or self._key(index + 1) not in {"say", "asks"}
        if self._after(index, "person_acts") and self._begins_clause(index) and not self._lexicon.cue("abstract", key):
            return True
        follows = self._ends_here(index) or self._words[index].possessive
        if self._before(index, "roles"):
            is_name = not (
                self._lexicon.cue("not_after_role", key) or self._lexicon.cue("abstract", key) or self._lexicon.cue("months", key)
            )
            return is_name or follows or self._after(index, "say_after") or (self._after(index, "act_after") and key not in MODALS)
        if self._before(index, "asked_about") and not self._lexicon.cue("abstract", key):
            return not self._ends_here(index)
        if (
            self._ends_here(index)
            and self._key(index - 1) in {"about", "with", "by"}
            and index
            and not self._lexicon.cue("place_like", key)
        ):
            return not (self._lexicon.cue("abstract", key) or self._lexicon.cue("months", key))
        if self._before(index, "tell_before"):
            return follows and not self._lexicon.cue("months", key) or self._after(index, "follow_after_tell")
        return self._is_in_list_of_names(index) or self._works_somewhere(index)

    def _is_rare_name(self, index: int) -> bool:
        """Judge a word that stands in no list: capital or a strong sign makes it a name."""
        if not self._is_foreign and self._is_pair_of_syllables(index):
            return True
        if self._before(index, "naming") or self._works_somewhere(index) or self._is_in_list_of_names(index):
            return True
        told = self._before(index, "tell_before") and not self._is_foreign
        spoke = self._after(index, "say_after") and self._begins_clause(index)
        role = self._before(index, "roles") and not (self._is_foreign and self._words[index].shape is Shape.LOWER)
        if role or told or spoke:
            return True
        acted = self._after(index, "person_acts") and self._begins_clause(index)
        if not self._is_foreign and (acted or (index in self._votes and self._stands_as_subject(index))):
            return True
        is_capital = self._words[index].shape is Shape.TITLE and self._reading.capitals_mean_names
        sure = index in self._votes or self._before(index, "weak_before") or self._is_before_capital_surname(index)
        return is_capital and sure and not self._is_foreign

    def _is_capital_name(self, index: int) -> bool:
        """Judge an English word that the language model takes for a person: only with a capital, beside a surname or a sign of address."""
        if not self._is_title(index) or not (index in self._votes or "-" in self._key(index)) or self._key(index) in self._lexicon.common:
            return False
        addressed = self._reading.is_capital(index) and self._key(index) in self._lexicon.last and self._before(index, "tell_before")
        return addressed or self._is_before_capital_surname(index)

    def _is_name_in_other_script(self, index: int) -> bool:
        word = self._words[index]
        surface = self._reading.text[word.start : word.end].casefold()
        if surface in self._lexicon.other_scripts or word.key in self._lexicon.other_scripts:
            return True
        if not self._is_latin_message or len(surface) > 12:
            return False
        signs = ("roles", "tell_before", "titles", "weak_before")
        return any(self._before(index, sign) for sign in signs) or self._after(index, "say_after") or self._after(index, "act_after")


class NameSpans(NameJudge):
    """Join the words of one name around a sure part of it."""

    def start_of_name(self, index: int) -> int:
        """Return the first word of the name whose sure part is `index`: takes in an unlisted given name before a surname."""
        before = index - 1
        if before < 0 or self._reading.gap(before) != " " or not self._lexicon.is_unknown(self._key(before)) or self._is_address(before):
            return index
        sure_surname = self._lexicon.is_surname_only(self._key(index)) and not self._lexicon.is_first(self._key(index))
        return before if sure_surname or (self._is_title(before) and self._is_title(index)) else index

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
        lexicon = self._lexicon
        if self._is_initial(last + 1):
            return 1
        if self._reading.gap(last) == ". ":
            return 1 if last and len(self._key(last)) == 1 and self._is_surname(last + 1) else 0
        reach = 0
        while reach < 2 and lexicon.cue("particles", self._key(last + 1 + reach)) and self._reading.gap(last + 1 + reach) in _JOINS:
            reach += 1
        key_after = self._key(last + 1 + reach)
        if reach and key_after in lexicon.last and key_after not in lexicon.common:
            is_sure = reach == 2 or key_after not in lexicon.english or self._is_title(last + 1 + reach)
            return reach + 1 if is_sure else 0
        return int(self._is_surname(last + 1))

    def _is_initial(self, index: int) -> bool:
        """Tell whether a single letter is the first letter of a surname ("Ricky B", "vicky p said")."""
        word = self._words[index]
        if len(word.key) != 1 or word.key == "i" or word.possessive:
            return False
        if word.shape is Shape.TITLE or self._reading.gap(index)[:1] == ".":
            return True
        if self._lexicon.cue("letters_as_words", word.key):
            return False
        return self._ends_here(index) or any(self._after(index, sign) for sign in ("say_after", "act_after", "weak_before"))

    def _is_surname(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        if not key.isascii():
            return self._is_name_in_other_script(index) or self._is_latin_message
        if key in lexicon.never or key in lexicon.common:
            return False
        if lexicon.cue("syllables", key) and len(self._key(index - 1)) < 6:
            return True
        if lexicon.is_first(key) or lexicon.is_surname_only(key):
            return True
        if lexicon.is_unknown(key) and not self._is_foreign:
            return self._is_title(index) or self._words[index - 1].shape is not Shape.TITLE
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

    def trailing_letters(self, index: int, *, is_whole: bool) -> int:
        """Return how many letters at the end of a one-word name are not part of it: 1 in "sarahs", else 0."""
        return int(is_whole and self._is_owner(self._key(index)))
