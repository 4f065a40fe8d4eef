"""What the library is searched with: plain words for slang, slips set right, and what a follow-up leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.symspell_speller import SymSpellSpeller
from companion.errors import KnowledgeError
from companion.library.phrasebook_file import load_phrasebook
from companion.models import RedactedMessage, Vector
from companion.phrasebook import Phrasebook
from companion.settings import ROOT
from companion.stages.query import build_query, in_plain_words

SLANG = Phrasebook({"knackered": "exhausted", "piling it on": "giving me more work", "dead on my feet": "exhausted"})
NIGHT = "i cannot sleep after my night shifts"


class LibraryWords:
    """Be a lexical index that holds some words."""

    def __init__(self, **held: int) -> None:
        self._held = held

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        return {}

    def passages_with(self, word: str) -> int:
        return self._held.get(word, 0)


@pytest.fixture(scope="module")
def speller() -> SymSpellSpeller:
    return SymSpellSpeller()


# --- slang ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("boss keeps piling it on", "boss keeps giving me more work"),
        ("I'm KNACKERED!", "im exhausted!"),
        ("dead  on my feet, again", "exhausted, again"),
        # near misses: a part of a word, and a part of a phrase
        ("unknackeredly so", "unknackeredly so"),
        ("my feet hurt", "my feet hurt"),
    ],
)
def test_slang_is_said_in_plain_words(typed: str, plain: str) -> None:
    assert SLANG.plain(typed) == plain


def test_the_phrasebook_we_ship_can_be_used() -> None:
    assert load_phrasebook(ROOT / "knowledge" / "phrasebook.yaml").plain("skint") == "short of money and worried about it"


def test_a_knowledge_folder_without_a_phrasebook_works(tmp_path: Path) -> None:
    assert load_phrasebook(tmp_path / "phrasebook.yaml").plain("Skint") == "skint"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("says: [a, b]", "says"),
        ("says:\n  Skint: poor", "Skint"),
        ("says:\n  can't: not able", "can't"),
        ("says:\n  on: off", "True"),
        ("says:\n  skint: " + "x" * 99, "skint"),
        ("says: {", "phrasebook.yaml"),
    ],
)
def test_a_wrong_entry_is_named(text: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "phrasebook.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(KnowledgeError, match=named):
        load_phrasebook(file)


# --- slips of the keyboard --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("strugling", "struggling"),
        ("departmnt", "department"),
        ("undrstand", "understand"),
        # what is right stays: short words, short forms, names of things the library speaks of
        ("bos", "bos"),
        ("dont", "dont"),
        ("adhd", "adhd"),
        ("zzxxqqy", "zzxxqqy"),
    ],
)
def test_a_slip_is_set_right(typed: str, meant: str, speller: SymSpellSpeller) -> None:
    words = LibraryWords(adhd=3)

    assert in_plain_words(RedactedMessage(typed), SLANG, speller, words).text == meant


def test_the_words_of_the_library_are_the_first_guess(speller: SymSpellSpeller) -> None:
    assert speller.corrected("nigth", LibraryWords(night=5).passages_with) == "night"
    assert speller.corrected("burnot", LibraryWords(burnout=9).passages_with) == "burnout"


def test_a_placeholder_stays_as_it_is(speller: SymSpellSpeller) -> None:
    message = RedactedMessage("[Persn A] is strugling and [Person B] is knackered")

    assert in_plain_words(message, SLANG, speller, LibraryWords()).text == "[Persn A] is struggling and [Person B] is exhausted"


def test_a_message_in_plain_words_is_searched_both_ways(embedder: MiniLMEmbedder) -> None:
    typed, plain = RedactedMessage("proper knackered"), RedactedMessage("proper exhausted")
    as_typed = embedder.embed_message(typed)

    query = build_query(typed, as_typed, plain, embedder.embed_message, None)

    assert query.message.text == "proper exhausted proper knackered"
    assert query.embedding is not None
    assert float(query.embedding @ embedder.embed_message(plain)) > float(as_typed @ embedder.embed_message(plain))


def test_a_message_that_needs_no_other_words_is_embedded_once() -> None:
    def embed(message: RedactedMessage) -> Vector:
        raise AssertionError(message)

    alone = np.ones(4, np.float32) / 2

    assert build_query(RedactedMessage("I don't sleep"), alone, RedactedMessage("i dont sleep"), embed, None).embedding is alone


# --- follow-ups -------------------------------------------------------------------------------------------------------------------------


def search_vector(text: str, embedder: MiniLMEmbedder, previous: Vector | None) -> Vector:
    message = RedactedMessage(text)
    found = build_query(message, embedder.embed_message(message), message, embedder.embed_message, previous).embedding
    assert found is not None
    return found


def test_a_short_follow_up_takes_what_was_searched_before_along(embedder: MiniLMEmbedder) -> None:
    previous = embedder.embed_message(RedactedMessage(NIGHT))
    alone = embedder.embed_message(RedactedMessage("and on my days off?"))

    mixed = search_vector("and on my days off?", embedder, previous)

    assert float(mixed @ previous) > float(alone @ previous)
    assert np.isclose(np.linalg.norm(mixed), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "is_mixed"),
    [
        ("and at night?", True),
        ("one two three four five six seven eight nine ten eleven", True),
        ("one two three four five six seven eight nine ten eleven twelve", False),
        ("my manager shouted at me in front of the whole team again today", False),
    ],
)
def test_only_short_messages_lean_on_what_came_before(text: str, is_mixed: bool, embedder: MiniLMEmbedder) -> None:
    alone, previous = embedder.embed_message(RedactedMessage(text)), embedder.embed_message(RedactedMessage(NIGHT))

    assert np.array_equal(search_vector(text, embedder, previous), alone) is not is_mixed
