"""Decide word by word what is part of a person's name: by lists of names, by letters, by the words around, by the language model's vote.

Each rule answers for one word and looks at most three words around it; `redaction_spans.py` joins the words of one name.
"""

from __future__ import annotations

from companion.adapters.redaction_reading import Shape
from companion.adapters.redaction_signs import MODALS, NameSigns

_MAX_WORD_CHARS = 30
_LIKELY, _SURE = 0.65, 0.85
"""Likeness of an unlisted word to a name: from _LIKELY on with a sign around it, from _SURE on without. Chosen by us on the dev split."""


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
        if word.key in lexicon.never or lexicon.cue("titles", word.key) or self._is_of_a_place(index):
            return False
        if self._is_foreign and word.key in lexicon.everyday_elsewhere and word.shape is not Shape.TITLE:
            return self._before(index, "naming")
        if self._follows_title(index) or self._is_tagged(index):
            return True
        if word.key in lexicon.ambiguous:
            return self._is_ambiguous_name(index)
        if lexicon.is_first(word.key) or lexicon.is_surname_only(word.key):
            begins = self._begins_clause(index) and lexicon.is_first(word.key)
            # A listed given name that is no everyday word of another language is one there too; surnames are everyday words too often.
            is_given = lexicon.is_first(word.key) and word.key not in lexicon.everyday_elsewhere
            return not self._is_foreign or is_given or begins or self._has_sign(index)
        if self._is_owner(index):
            return not self._is_foreign
        if lexicon.is_unknown(word.key):
            return self._is_rare_name(index)
        return self._is_capital_name(index)

    def _is_tagged(self, index: int) -> bool:
        """Tell whether the trained tagger takes an English message's word for a name; of months and places the rules know more."""
        key = self._key(index)
        unsure = self._lexicon.cue("place_like", key) or self._lexicon.cue("months", key) or key in {"so", "an"}
        return index in self._tagged and not self._is_foreign and not unsure

    def _is_of_a_place(self, index: int) -> bool:
        """Tell whether the word names a place or thing by the next one ("victoria line")."""
        key = self._key(index)
        return (
            (self._lexicon.cue("place_like", key) or key in self._lexicon.places)
            and self._reading.gap(index) == " "
            and self._lexicon.cue("after_place", self._key(index + 1))
        )

    def _is_owner(self, index: int) -> bool:
        """Tell whether a word is a given name with the s of an owner and no apostrophe ("sarahs shift")."""
        if self._is_busy_owner(index):
            return True
        key, lexicon = self._key(index), self._lexicon
        name = key[:-1]
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
        if self._acts(index) or self._stands_bare(index) or self._is_paired(index):
            return True
        if self._is_pair_of_syllables(index) or self._is_met_again(index) or self._is_stood_in_for(index):
            return True
        if key in lexicon.function_like or place_or_month:
            return self._has_person_sign(index)
        if self._before(index, "roles") or self._before(index, "tell_before") or self._is_in_list_of_names(index):
            return True
        works = self._works_somewhere(index)
        spoke = self._after(index, "say_after") or self._words[index].possessive
        acted = self._after(index, "act_after") and self._begins_clause(index)
        voted = index in self._votes and self._before(index, "weak_before")
        joined_verb = self._key(index - 1) == "and" and lexicon.english.is_past(key)
        return works or spoke or acted or (voted and not joined_verb)

    def _has_person_sign(self, index: int) -> bool:
        """Tell whether the sentence treats an everyday word as a person."""
        key = self._key(index)
        if key in {"so", "an"} and self._words[index].shape is Shape.LOWER:
            return False
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
        """Judge a word that stands in no list: its letters, a capital or a strong sign make it a name."""
        if self._looks_like_name(index):
            return True
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

    def _looks_like_name(self, index: int) -> bool:
        """Tell whether the letters, together with the place in the sentence, make a name. The bars are chosen by us on the dev split."""
        if self._is_foreign or not self._is_well_spelt:
            return False
        likeness = self._lexicon.likeness(self._key(index))
        if likeness > _LIKELY / 2 and self._lexicon.is_slip_of_first(self._key(index)):
            likeness = max(likeness, _LIKELY)
        if likeness < _LIKELY or self._lexicon.cue("determiners", self._key(index - 1)):
            return False
        if likeness >= _SURE:
            return True
        placed = any(self._before(index, sign) for sign in ("weak_before", "tell_before", "roles", "done_to"))
        return placed or index in self._votes or self._words[index].possessive or self._acts(index)

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
