"""Find people's names in any case, and join the words of one name around a sure part of it. Linear in the number of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property

from companion.adapters.redaction_lexicon import Lexicon
from companion.adapters.redaction_names import NameJudge
from companion.adapters.redaction_reading import MessageReading, Shape
from companion.models import EntityType
from companion.ports import FoundEntity

_JOINS = frozenset({" ", "-", ". ", "\u00a0"})
_MAX_NAME_WORDS = 4


def find_names(
    reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int], tagged: Collection[int] = ()
) -> Iterator[FoundEntity]:
    """Yield each name as one PERSON span.

    person_votes, tagged: indices of words that the language model, and our own tagger, take for a person.
    """
    spans = NameSpans(reading, lexicon, person_votes, tagged)
    sayings = [match.span() for match in lexicon.idioms.finditer(reading.text)]
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
        if any(first <= reading.words[start].start and end <= last for first, last in sayings):
            index += 1
            continue
        yield FoundEntity(reading.words[start].start, end, EntityType.PERSON, 0.85)
        index = stop + 1


class NameSpans(NameJudge):
    """Join the words of one name around a sure part of it."""

    def start_of_name(self, index: int) -> int:
        """Return the first word of the name whose sure part is `index`: takes in an unlisted given name before a surname."""
        before = index - 1
        if before > 0 and self._lexicon.cue("particles", self._key(before)) and self._lexicon.cue("titles", self._key(before - 1)):
            return before
        if before >= 0 and len(self._key(before)) == 1 and self._reading.gap(before) in {". ", "."} and self._is_title(before):
            return before
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

    @cached_property
    def _initials(self) -> Counter[str]:
        """Count for each word how often a single letter follows it: two people of one name are told apart so ("jo b and jo s")."""
        return Counter(word.key for index, word in enumerate(self._words[:-1]) if len(self._key(index + 1)) == 1)

    def _is_initial(self, index: int) -> bool:
        """Tell whether a single letter is the first letter of a surname ("Ricky B", "vicky p said")."""
        word = self._words[index]
        if len(word.key) != 1 or word.key == "i" or word.possessive:
            return False
        if word.shape is Shape.TITLE or self._reading.gap(index)[:1] == ".":
            return True
        if self._lexicon.cue("letters_as_words", word.key):
            return self._initials[self._key(index - 1)] > 1
        after = self._key(index + 1)
        acts = after.endswith("ed") or self._lexicon.english.is_past(after)
        return acts or self._ends_here(index) or any(self._after(index, sign) for sign in ("say_after", "act_after", "weak_before"))

    def _is_surname(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        if not key.isascii():
            return self._is_name_in_other_script(index) or self._is_latin_message
        if index >= 2 and lexicon.cue("syllables", self._key(index - 1)) and self._key(index - 2) in lexicon.last:
            return key in lexicon.short or key in lexicon.ambiguous or key in lexicon.last
        if key in lexicon.never or key in lexicon.common:
            return False
        before = self._key(index - 1)
        if lexicon.cue("syllables", key) and (len(before) < 6 or before in lexicon.last):
            return True
        if lexicon.cue("syllables", before) and before not in lexicon.english and (key in lexicon.short or key in lexicon.last):
            return True
        if lexicon.is_first(key) or lexicon.is_surname_only(key) or self._is_rare_surname(index):
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

    def _is_rare_surname(self, index: int) -> bool:
        """Tell whether a word after a sure given name is a surname though a dictionary holds it ("javier morales"), and no verb."""
        key, lexicon = self._key(index), self._lexicon
        is_sure = lexicon.is_first(self._key(index - 1)) and key in lexicon.last and len(key) > 2
        return is_sure and not lexicon.is_usual(key) and not lexicon.english.is_past(key) and not lexicon.english.is_verb(key)

    def trailing_letters(self, index: int, *, is_whole: bool) -> int:
        """Return how many letters at the end of a one-word name are not part of it: 1 in "sarahs", else 0."""
        return int(is_whole and self._is_owner(index))
