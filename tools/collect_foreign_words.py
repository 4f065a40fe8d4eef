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
from companion.stages.answers import other_language

TARGET = WORD_LISTS / "foreign_words.txt"
GIVEN = ("first_names", "short_names", "ambiguous_names", "function_like_names")
OTHER_NAMES = ("surnames", "sure_surnames", "cities", "countries")
USUAL_FROM, USUAL_GIVEN_FROM = 2, 3
"""So often must a word that is a surname or a town as well have been written small ("petit", "quero"), and so often one that is a given name ("ben",
which is "am" in Dutch). Chosen by us."""
FEW_ENGLISH = 0.3
"""A text whose words are English in a smaller share than this is in another language, when it is too short to tell by its small words. Chosen by us."""
_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")


def main() -> None:
    """Add what is new, and say how much that was."""
    head = [line for line in TARGET.read_text("utf-8").splitlines() if line.startswith("#")]
    before = read_words(TARGET)
    given, other = (frozenset().union(*(read_words(WORD_LISTS / f"{name}.txt") for name in names)) for names in (GIVEN, OTHER_NAMES))
    counts = Counter(_foreign_words(ROOT / "knowledge" / "exemplars"))
    needed = {word: USUAL_GIVEN_FROM if word in given else USUAL_FROM if word in other else 1 for word in counts}
    words = before | {word for word, count in counts.items() if count >= needed[word]}
    lines = textwrap.wrap(" ".join(sorted(words)), 140, break_on_hyphens=False)
    TARGET.write_text("\n".join([*head, *lines]) + "\n", "utf-8")
    print(f"{len(words) - len(before)} words added, {len(words)} in all")


def _foreign_words(exemplars: Path) -> list[str]:
    known = plain_answers(ROOT / "prompts", has_model=False)

    def is_foreign(text: str) -> bool:
        if other_language(RedactedMessage(text), known) is not None:
            return True
        words = [word.casefold() for word in _WORD.findall(_PLACEHOLDER.sub(" ", text))]
        return len(words) > 1 and sum(map(is_english, words)) < FEW_ENGLISH * len(words)

    texts = (text for text, _ in load_exemplars(exemplars) if is_foreign(text))
    # A capital inside a sentence may begin a place's name; German nouns are written small often enough to be found all the same.
    return [fold(word) for text in texts for word in _WORD.findall(_PLACEHOLDER.sub(" ", text)) if word.islower() and len(word) > 1]


if __name__ == "__main__":
    main()
