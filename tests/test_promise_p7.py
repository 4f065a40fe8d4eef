"""Promise 7: each citation is real. Whatever a model streams, what is shown cites only passages that it was given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.adapters.sentence_stream import sentences
from companion.bootstrap_words import guard_rules
from companion.library.chunks import cut
from companion.library.reading import read_library
from companion.models import Passage
from companion.settings import ROOT
from companion.stages.grounding import SentenceGuard

RULES = guard_rules(ROOT / "prompts")
PASSAGES = (
    Passage("night#1", "night", "Nights", "What helps", "Wear dark glasses on the way home. Nap for 20 minutes before the shift."),
    Passage("boss#1", "boss", "A loud manager", "What helps", "Write down what the manager said."),
)
SAYINGS = ("Wear dark glasses on the way home", "Write down what the manager said", "It sounds hard", "Try a bath", "Nap for 25 minutes")
STREAMS = st.lists(st.tuples(st.sampled_from(SAYINGS), st.lists(st.integers(0, 12), max_size=3)), min_size=1, max_size=6)


@settings(deadline=None)  # the machine of a test may be busy
@given(STREAMS, st.integers(1, 9))
def test_shown_citations_are_always_among_the_passages_given(said: list[tuple[str, list[int]]], size: int) -> None:
    text = " ".join(f"{words}{''.join(f' [{n}]' for n in marks)}." for words, marks in said)
    guard = SentenceGuard(PASSAGES, RULES)

    checked = [guard.check(each) for each in sentences((text[n : n + size] for n in range(0, len(text), size)), PASSAGES)]

    shown = [each for each in checked if each is not None]
    assert {i for each in shown for i in each.passage_ids} <= {passage.id for passage in PASSAGES}
    assert not any("bath" in each.text or "25" in each.text for each in shown)


FAULTS = [
    "Call 0800 555 0199 now",
    "Call 08\u200b00 55\u200b5 0199 now",
    "Dial nine eight eight",
    "See http://evil.example/a",
    "Ask Sarah Whitfield",
]


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_fragments_is_kept_back_whole(fault: str, size: int) -> None:
    text = f"It sounds hard. {fault} [1]. What helps?"
    guard = SentenceGuard(PASSAGES, RULES)

    shown = [guard.check(each) for each in sentences((text[n : n + size] for n in range(0, len(text), size)), PASSAGES)]

    assert [each.text for each in shown if each is not None] == ["It sounds hard.", "What helps?"]


def test_every_quote_stands_in_its_file_on_disk() -> None:
    library = read_library(ROOT / "knowledge")

    lost = []
    for article in library.articles:
        on_disk = _words((ROOT / "knowledge" / article.path).read_text("utf-8"))
        lost += [(passage.id, quote) for passage in cut(article) for quote in passage.quotes if _words(quote) not in on_disk]

    assert lost == []


def _words(text: str) -> str:
    found = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(found)} "
