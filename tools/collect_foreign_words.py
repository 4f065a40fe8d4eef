"""Collect everyday words of other languages from the exemplars, for `companion/adapters/redaction_words/foreign_words.txt`.

Run from the repository's root after exemplars in other languages were added: `PYTHONPATH=. python tools/collect_foreign_words.py`. In exemplars
names are placeholders, so no word in them is a name; one that is a given name, a surname or a town as well must have been written small several
times nonetheless, so that nobody is uncovered by a rare word. Words that are already in the file stay.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from pathlib import Path

from companion.adapters.redaction_lexicon import WORD_LISTS, read_words
from companion.adapters.redaction_reading import fold
from companion.adapters.symspell_speller import is_english
from companion.bootstrap_words import plain_answers
from companion.library.triage_words import load_exemplars
from companion.models import RedactedMessage
from companion.settings import ROOT
from companion.stages.answers import is_rather_english, other_language

TARGET = WORD_LISTS / "foreign_words.txt"
GIVEN = ("first_names", "short_names", "ambiguous_names", "function_like_names")
OTHER_NAMES = ("surnames", "sure_surnames", "cities", "countries")
USUAL_FROM, USUAL_GIVEN_FROM = 2, 3
"""So often must a word that is a surname or a town as well have been written small ("petit", "quero"), and so often one that is a given name ("ben",
which is "am" in Dutch). Chosen by us."""
BOTH = frozenset(("so",))
"""Usual in English as well, and kept: "só quero" is Portuguese."""
MOST_KNOWN = 0.5
"""A text too short to tell by its small words is in another language when more than this share of its words is known from others that are. Chosen by us."""
_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")


def main() -> None:
    """Add what is new, take out what English texts use more, and say how much that was."""
    head = [line for line in TARGET.read_text("utf-8").splitlines() if line.startswith("#")]
    before = read_words(TARGET)
    given, other = (frozenset().union(*(read_words(WORD_LISTS / f"{name}.txt") for name in names)) for names in (GIVEN, OTHER_NAMES))
    foreign, english = _counted(ROOT / "knowledge" / "exemplars", before)
    needed = {word: USUAL_GIVEN_FROM if word in given else USUAL_FROM if word in other else 1 for word in foreign}
    words = before | {word for word, count in foreign.items() if count >= needed[word]}
    # "im", "dont", "lol": two of them in a message, and it would be taken for German or Dutch, where fewer words are taken for names.
    words = {word for word in words if english[word] < USUAL_FROM or english[word] <= foreign[word] or word in BOTH}
    lines = textwrap.wrap(" ".join(sorted(words)), 140, break_on_hyphens=False)
    TARGET.write_text("\n".join([*head, *lines]) + "\n", "utf-8")
    print(f"{len(words - before)} words added, {len(before - words)} taken out, {len(words)} in all")


def _counted(exemplars: Path, listed: frozenset[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how many texts in other languages, and how many English ones, use each word."""
    known = plain_answers(ROOT / "prompts", has_model=False)
    foreign, english, unsure = Counter[str](), Counter[str](), list[set[str]]()
    for text, _ in load_exemplars(exemplars):
        # A capital inside a sentence may begin a place's name; German nouns are written small often enough to be found all the same.
        words = {fold(word) for word in _WORD.findall(_PLACEHOLDER.sub(" ", text)) if word.islower() and len(word) > 1}
        if other_language(RedactedMessage(text), known) is not None:
            foreign.update(words)
        elif is_rather_english(RedactedMessage(text)) and sum(map(is_english, words)) > MOST_KNOWN * len(
            words
        ):  # "a", "do" are Portuguese too
            english.update(words)
        else:
            unsure.append(words)
    sure = listed | {word for word, count in foreign.items() if count > english[word]}
    for words in unsure:
        told = sum(word in sure and not is_english(word) for word in words)
        (foreign if told > MOST_KNOWN * len(words) else english).update(words)
    return foreign, english


if __name__ == "__main__":
    main()
