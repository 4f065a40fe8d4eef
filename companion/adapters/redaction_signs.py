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

_FOREIGN_WORDS = 0.2
"""Chosen by us: from this share of everyday words of other languages on, and two of them, a message is read as another language."""
_SLIP_SHARE = 0.12
"""Chosen by us: with more unlisted words than this share (and one), a message is read as misspelt, where odd letters mean little."""
_NOT_ACTS = frozenset(
    "read set put cut let hit shut split cost based related needed used been done gone tinted coloured colored washed scented".split()
)
_PAIR_ACTS = frozenset("r are were have both keep dont don't never always get got did do all think want hate say".split())
_PRONOUNS = frozenset("she he shes hes she's he's shell hell hed shed".split())


class NameSigns:
    """Answer what stands around a word."""

    def __init__(self, reading: MessageReading, lexicon: Lexicon, person_votes: Collection[int], tagged: Collection[int] = ()) -> None:
        self._reading = reading
        self._lexicon = lexicon
        self._votes = frozenset(person_votes)
        self._tagged = frozenset(tagged)
        self._words = reading.words

    @cached_property
    def _is_foreign(self) -> bool:
        keys = [w.key for w in self._words if w.shape is not Shape.OTHER]
        foreign = sum(k in self._lexicon.foreign for k in keys)
        if foreign >= max(2, _FOREIGN_WORDS * len(keys)):
            return True
        known = sum(self._lexicon.is_known(k) for k in keys) - foreign
        return len(keys) >= 6 and known < _FOREIGN_SHARE * len(keys)

    @cached_property
    def _is_well_spelt(self) -> bool:
        """Tell whether words that stand in no list are rare here, so that one of them says something."""
        unknown = sum(self._lexicon.is_unknown(w.key) for w in self._words if w.key.isascii())
        return unknown <= max(1, _SLIP_SHARE * len(self._words))

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
        after = index + 3 if self._key(index + 2) in {"the", "our", "my"} else index + 2
        place = preposition and self._lexicon.cue("places_of_work", self._key(after))
        sure = place and self._key(after) not in {"the", "my", "our", "work", "days", "nights", "it"}
        return sure and (self._before(index, "weak_before") or self._before(index, "tell_before") or self._begins_clause(index))

    def _is_in_list_of_names(self, index: int) -> bool:
        """Tell whether "… and <word>" or "<word> and …" joins it to a sure given name."""
        if index >= 2 and self._key(index - 1) in _LISTING:
            signs = ("tell_before", "weak_before", "done_to", "roles")
            told = self._is_likely_first(index - 2) or self._key(index - 2) in self._lexicon.ambiguous
            if self._lexicon.is_first(self._key(index - 2)) or (told and any(self._before(index - 2, sign) for sign in signs)):
                return True
        if self._key(index + 1) not in _LISTING:
            return False
        pair = all(self._lexicon.cue("bare_names", self._key(place)) for place in (index, index + 2))
        cued = self._before(index, "weak_before") or self._before(index, "tell_before")
        return (pair and cued) or (self._lexicon.is_first(self._key(index + 2)) and self._begins_or_cued(index))

    def _is_likely_first(self, index: int) -> bool:
        key, lexicon = self._key(index), self._lexicon
        return lexicon.is_first(key) or (key in lexicon.ambiguous and key not in lexicon.function_like and key not in lexicon.short)

    def _is_stood_in_for(self, index: int) -> bool:
        """Tell whether a person's place is taken ("covering for pat till tuesday")."""
        return self._key(index - 1) == "for" and self._lexicon.cue("stands_in", self._key(index - 2)) and index >= 2

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

    def _acts(self, index: int) -> bool:
        """Tell whether the word begins a clause or follows a role, and the next word is what a person did or does ("dean moved my desk")."""
        if self._reading.gap(index) != " " or self._words[index].possessive:
            return False
        if not (self._begins_clause(index) or self._before(index, "roles")) or self._lexicon.cue("determiners", self._key(index - 1)):
            return False
        key, after = self._key(index), self._key(index + 1)
        if self._lexicon.cue("human_acts", after) or (self._key(index + 2) in {"her", "his"} and self._lexicon.english.is_past(after)):
            return True
        if self._lexicon.cue("refusals", after):
            is_open = self._lexicon.cue("bare_names", key) and self._lexicon.english.is_verb(self._key(index + 2))
            return is_open or self._lexicon.cue("human_bases", self._key(index + 2))
        if after in {"keeps", "kept"}:
            return self._key(index + 2).endswith("ing")
        is_open = key in MODALS or not self._lexicon.cue("abstract", key)
        did = self._lexicon.english.is_past(after) or self._lexicon.english.is_third_person(after)
        return is_open and did and after not in _NOT_ACTS

    def _stands_bare(self, index: int) -> bool:
        """Tell whether an everyday noun stands as only names do: without an article, after a preposition, a verb of telling or "did"."""
        key, lexicon = self._key(index), self._lexicon
        if not lexicon.cue("bare_names", key):
            return False
        if index and lexicon.cue("told_to", self._key(index - 1)) and self._reading.gap(index - 1) == " ":
            return True
        if not (self._ends_here(index) or lexicon.cue("bare_follow", self._key(index + 1))):
            return False
        if self._reading.gap(index) == " " and self._key(index + 1) in {"up", "down", "it"}:
            return False
        is_verb = key in lexicon.function_like and lexicon.english.is_verb(key)
        if self._key(index - 1) in {"to", "and", "of", "or", "like"} and index:
            return False
        if any(self._before(index, sign) for sign in ("tell_before", "done_to")):
            return not is_verb or not self._ends_here(index)
        if self._key(index + 1) in _LISTING and self._key(index + 2) in {"me", "us", "myself"}:
            return True
        return self._before(index, "weak_before") or (not is_verb and (self._before(index, "auxiliaries") or self._before(index, "fond")))

    def _is_paired(self, index: int) -> bool:
        """Tell whether two everyday names are joined and act ("rob n sue r retiring")."""
        for first in (index, index - 2):
            if first < 0 or self._key(first + 1) not in _LISTING or not self._begins_or_cued(first):
                continue
            pair = [self._key(first), self._key(first + 2)]
            if all(key in self._lexicon.ambiguous or self._lexicon.is_first(key) for key in pair) and not any(
                self._lexicon.cue("abstract", key) for key in pair
            ):
                return self._key(first + 3) in _PAIR_ACTS or self._lexicon.english.is_past(self._key(first + 3))
        return False

    def _is_met_again(self, index: int) -> bool:
        """Tell whether "and she" or ", he" takes the word up again ("next to joy and shes anything but")."""
        gap, after = self._reading.gap(index), self._key(index + 1)
        joined = after in {"and", "but", "cos", "because", "bc"} and gap == " " and self._key(index + 2) in _PRONOUNS
        taken_up = joined or (gap in {", ", ". "} and after in _PRONOUNS)
        return taken_up and (self._before(index, "weak_before") or self._before(index, "tell_before") or self._before(index, "roles"))

    def _is_busy_owner(self, index: int) -> bool:
        """Tell whether the word is an everyday name with a shortened "is" ("nicks covering for me")."""
        key, after, lexicon = self._key(index), self._key(index + 1), self._lexicon
        name = key[:-1]
        is_name = key.endswith("s") and name in lexicon.ambiguous and not lexicon.cue("abstract", name) and len(name) > 2
        return (
            is_name
            and self._begins_clause(index)
            and self._reading.gap(index) == " "
            and (after.endswith("ing") or after in {"off", "gone"})
        )

    def _is_pair_of_syllables(self, index: int) -> bool:
        """Tell whether two short words make a name as many East Asian ones do ("xin yi", "hyun woo")."""
        key, after, lexicon = self._key(index), self._key(index + 1), self._lexicon
        if not (2 <= len(key) <= 4 and 2 <= len(after) <= 5) or self._reading.gap(index) != " " or after in lexicon.common:
            return False
        is_first = (
            key not in lexicon.english
            and key not in lexicon.foreign
            and (key in lexicon.short or key in lexicon.last or lexicon.is_unknown(key))
        )
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
