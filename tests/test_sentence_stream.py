"""A stream of fragments becomes the same whole sentences with their marks, however it is cut."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.adapters.sentence_stream import MAX_REPLY_CHARS, sentences
from companion.models import Passage, ReplySentence

PASSAGES = tuple(Passage(f"doc#{n}", "doc", "Title", "Section", "Text.") for n in range(1, 4))


def read(fragments: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    return [(sentence.text, sentence.passage_ids) for sentence in sentences(fragments, PASSAGES)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("It is late. What helps?", [("It is late.", ()), ("What helps?", ())]),
        # marks before the period, behind it, several, in a list, and between two periods
        ("Nap early [1]. Then rest.", [("Nap early.", ("doc#1",)), ("Then rest.", ())]),
        ("Nap early. [1] Then rest.", [("Nap early.", ("doc#1",)), ("Then rest.", ())]),
        ("Nap early.[1] Then rest.", [("Nap early.", ("doc#1",)), ("Then rest.", ())]),
        ("Nap early [1][3]. Rest.", [("Nap early.", ("doc#1", "doc#3")), ("Rest.", ())]),
        ("Nap early [1] [2].", [("Nap early.", ("doc#1", "doc#2"))]),
        ("Nap early [1, 2]. Rest.", [("Nap early.", ("doc#1", "doc#2")), ("Rest.", ())]),
        ("Nap early. [1]. Then rest.", [("Nap early.", ("doc#1",)), ("Then rest.", ())]),
        ("Nap [2] early.", [("Nap early.", ("doc#2",))]),
        # a mark that names nothing becomes an id that nobody knows
        ("Nap early [4]. Rest [0].", [("Nap early.", ("unknown#4",)), ("Rest.", ("unknown#0",))]),
        # brackets that are no mark
        ("[Person A] adds shifts. Ask [Person A].", [("[Person A] adds shifts.", ()), ("Ask [Person A].", ())]),
        ("That is hard. [Person A] again.", [("That is hard. [Person A] again.", ())]),
        # points that end nothing
        ("Nap 1.5 hours. Rest.", [("Nap 1.5 hours.", ()), ("Rest.", ())]),
        ("Ask Dr. Smith today. Rest.", [("Ask Dr. Smith today.", ()), ("Rest.", ())]),
        ("Ask Dr. or Mr. Smith today. Rest.", [("Ask Dr. or Mr. Smith today.", ()), ("Rest.", ())]),
        ("A snack, e.g. an apple, helps. Rest.", [("A snack, e.g. an apple, helps.", ()), ("Rest.", ())]),
        ("Write it down at 3 a.m. when you wake [1]. Rest.", [("Write it down at 3 a.m. when you wake.", ("doc#1",)), ("Rest.", ())]),
        # other ends
        ("Really?! Yes… Go on!", [("Really?!", ()), ("Yes…", ()), ("Go on!", ())]),
        ("Well... that is much. Rest.", [("Well...", ()), ("that is much.", ()), ("Rest.", ())]),
        ('Say "I am tired." Then rest.', [('Say "I am tired."', ()), ("Then rest.", ())]),
        ("Rest (if you can.) Then go.", [("Rest (if you can.)", ()), ("Then go.", ())]),
        # nothing unfinished is shown
        ("It is late. What hel", [("It is late.", ())]),
        ("It is late. Call 0800 12", [("It is late.", ())]),
        ("no end at all", []),
        ("It is late. See Dr. Smith and", [("It is late.", ())]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_stream_becomes_sentences(stream: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert read([stream]) == expected
    assert read(stream) == expected  # letter by letter


def test_sentence_is_given_as_soon_as_the_next_one_begins() -> None:
    taken: list[str] = []

    def stream() -> Iterable[str]:
        for fragment in ["It is late", ". ", "What", " helps?"]:
            taken.append(fragment)
            yield fragment

    first = next(iter(sentences(stream(), ())))

    assert first.text == "It is late."
    assert taken == ["It is late", ". ", "What"]


def test_number_split_across_fragments_stays_whole() -> None:
    assert read(["Nap for 1", ".", "5 hours and 20", "00 steps", ". ", "Rest."]) == [
        ("Nap for 1.5 hours and 2000 steps.", ()),
        ("Rest.", ()),
    ]


def test_mark_split_across_fragments_stays_with_its_sentence() -> None:
    assert read(["Nap early. ", "[", "1", "]", " Rest."]) == [("Nap early.", ("doc#1",)), ("Rest.", ())]


def test_blank_line_starts_a_paragraph() -> None:
    found = list(sentences(["One.\n", "\nTwo. Three.\nFour.\n\n\n", "Five."], ()))

    assert found == [
        ReplySentence("One."),
        ReplySentence("Two.", starts_paragraph=True),
        ReplySentence("Three."),
        ReplySentence("Four."),
        ReplySentence("Five.", starts_paragraph=True),
    ]


def test_line_breaks_inside_a_sentence_become_blanks() -> None:
    assert read(["It is\nlate  now. Rest."]) == [("It is late now.", ()), ("Rest.", ())]


PIECES = [
    "It is late",
    "Dr",
    "e.g",
    "[1]",
    "[2, 3]",
    "[9]",
    "[Person A]",
    "3",
    "3.5",
    ".",
    ". ",
    "! ",
    "? ",
    "… ",
    " ",
    "\n\n",
    '"',
    ")",
    "0800 123",
    ",",
]


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = "".join(draw(st.lists(st.sampled_from(PIECES), max_size=25)))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(cut_texts())
def test_any_cutting_gives_the_same_sentences(case: tuple[str, list[str]]) -> None:
    text, fragments = case

    assert read(fragments) == read([text])


@given(st.text(max_size=200))
def test_no_text_is_invented(text: str) -> None:
    assert all(word in text for sentence, _ in read([text]) for word in sentence.split() if word.isalnum())


@pytest.mark.parametrize("babble", ["and on and on ", "Go on. ", "Mr. ", "[1] ", "... ", '"" ', "\n\n"])
@pytest.mark.parametrize("size", [7, 64_000, 10_000_000])
def test_babble_is_cut_off(babble: str, size: int) -> None:
    fragment = (babble * (size // len(babble) + 1))[:size]

    found = read(fragment for _ in range(10_000_000 // size))

    assert sum(len(text) for text, _ in found) <= MAX_REPLY_CHARS
