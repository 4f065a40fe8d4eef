"""Articles are cut so that the model reads every word, headings stay, and quotes make sense alone."""

from __future__ import annotations

import pytest
from sample_articles import article, small_library

from companion.adapters.minilm_embedder import MAX_TOKENS, MiniLMEmbedder
from companion.library.chunks import MAX_PASSAGE_WORDS, cut, document_text, plain, quotable, search_text, split_sentences
from companion.library.reading import read_library
from companion.settings import ROOT

SENTENCE = "Lay out your clothes and your bag the evening before an early shift starts again. "


def test_every_passage_of_the_knowledge_folder_is_read_whole_by_the_model(embedder: MiniLMEmbedder) -> None:
    articles = read_library(ROOT / "knowledge").articles

    too_long = [p.id for a in articles for p in cut(a) if embedder.count_tokens(search_text(p)) >= MAX_TOKENS]

    assert len(articles) >= 40
    assert too_long == []


def test_every_article_of_the_knowledge_folder_fits_the_model_as_a_document(embedder: MiniLMEmbedder) -> None:
    articles = read_library(ROOT / "knowledge").articles

    assert [a.id for a in articles if embedder.count_tokens(document_text(a)) >= MAX_TOKENS] == []


def test_every_section_of_the_knowledge_folder_is_found_in_a_passage() -> None:
    for each in read_library(ROOT / "knowledge").articles:
        headings = [line.lstrip("# ") for line in each.body.splitlines() if line.startswith("#")]

        assert list(dict.fromkeys(passage.section for passage in cut(each))) == headings, each.id


def test_no_word_is_lost_or_doubled() -> None:
    for each in (*small_library(), *read_library(ROOT / "knowledge").articles):
        written = " ".join(line for line in each.body.splitlines() if not line.startswith("#")).split()

        assert " ".join(passage.text for passage in cut(each)).split() == written, each.id


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(SENTENCE * 60, id="one paragraph of 900 words"),
        pytest.param("\n".join(f"- {SENTENCE}" for _ in range(60)), id="sixty list items"),
        pytest.param("- " + SENTENCE * 60, id="one endless list item"),
        pytest.param("word " * 900, id="no sentence ends"),
        pytest.param("incomprehensibilities " * 400, id="long words"),
        pytest.param("\n\n".join([SENTENCE * 5] * 12), id="many paragraphs"),
    ],
)
def test_long_text_is_cut_below_what_the_model_reads(body: str, embedder: MiniLMEmbedder) -> None:
    passages = cut(article(f"## What helps right now\n{body}"))

    assert len(passages) > 1
    assert {passage.section for passage in passages} == {"What helps right now"}
    assert all(len(passage.text.split()) <= MAX_PASSAGE_WORDS for passage in passages)
    assert all(embedder.count_tokens(search_text(passage)) < MAX_TOKENS for passage in passages)


def test_ids_count_from_one_in_reading_order() -> None:
    passages = cut(article())

    assert [passage.id for passage in passages] == [f"night-shift#{n}" for n in range(1, len(passages) + 1)]
    assert passages[0].section == "What this is like"


def test_lead_before_the_first_heading_is_a_passage_without_section() -> None:
    lead, first = cut(article("A lead of some words.\n\n## What helps\nWear dark glasses on the way home."))

    assert (lead.section, lead.text) == ("", "A lead of some words.")
    assert first.section == "What helps"


def test_empty_section_gives_no_passage() -> None:
    assert [p.section for p in cut(article("## Empty\n\n## Full\nSome words stand here."))] == ["Full"]


@pytest.mark.parametrize(
    ("heading", "is_advice"),
    [
        ("What helps right now", True),
        ("What to try this week", True),
        ("First steps", True),
        ("When and whom to ask for more", True),
        # near misses: what it is like, and words to use, tell nobody what to do
        ("What this is like", False),
        ("Words you can use", False),
        ("What to say first", False),
        ("Sources", False),
    ],
)
def test_advice_is_told_from_description_by_its_heading(heading: str, is_advice: bool) -> None:
    (passage,) = cut(article(f"## {heading}\nWear dark glasses on the way home."))

    assert passage.is_advice is is_advice


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("- Wear dark glasses. They keep daylight out.", ["Wear dark glasses. They keep daylight out."]),
        ("- Wear **dark** glasses from [a shop](https://example.org).", ["Wear dark glasses from a shop."]),
        ("1. Wear dark glasses.\n2. Hang a thick blanket.", ["Wear dark glasses.", "Hang a thick blanket."]),
        ("- Wear dark glasses\n  on the way home.", ["Wear dark glasses on the way home."]),
        ("Light wakes the body up again. Dark glasses on the way home help.", None),
        # a sentence that leans on the one before is no quote; nor is a fragment
        ("Light wakes the body up again. This is why glasses help a lot.", ["Light wakes the body up again."]),
        ("Light wakes the body up again. But it fades away after some days.", ["Light wakes the body up again."]),
        ("Light wakes the body up again. Not always.", ["Light wakes the body up again."]),
        # near misses: the same words inside a sentence
        ("Many who work nights say that this helps.", ["Many who work nights say that this helps."]),
        ("Thin curtains let the daylight through.", ["Thin curtains let the daylight through."]),
    ],
)
def test_quotes_make_sense_alone(text: str, quotes: list[str] | None) -> None:
    assert list(quotable(text)) == (split_sentences(text) if quotes is None else quotes)


def test_long_list_item_is_quoted_sentence_by_sentence() -> None:
    assert list(quotable("- " + SENTENCE * 6)) == [SENTENCE.strip()] * 6


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Really? Yes! Well…", ["Really?", "Yes!", "Well…"]),
        ('She said "Go home." Then she left.', ['She said "Go home."', "Then she left."]),
        ("Nap 1.5 hours. Then get up.", ["Nap 1.5 hours.", "Then get up."]),
        ("Ask Dr. Smith today. Then rest.", ["Ask Dr. Smith today.", "Then rest."]),
        ("Take a break, e.g. Tea or a walk. Then rest.", ["Take a break, e.g. Tea or a walk.", "Then rest."]),
        ("Wake at 3 a.m. and write it down.", ["Wake at 3 a.m. and write it down."]),
        ("No end here", ["No end here"]),
        ("", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**Bold** and *slanted* and `code`", "Bold and slanted and code"),
        ("See [the guide](https://example.org/a_b).", "See the guide."),
        ("![a picture](x.png) after", "a picture after"),
        ("two\nlines\t here", "two lines here"),
        ("3 * 4 stays readable", "3 4 stays readable"),
    ],
)
def test_markdown_becomes_plain_words(markdown: str, words: str) -> None:
    assert plain(markdown) == words
