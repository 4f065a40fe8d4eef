"""Retrieval finds what answers a message in the citable part of the library, or says that nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from sample_articles import TODAY, article, small_library

from companion.adapters.bm25_index import BM25Index
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.errors import IndexUnavailable
from companion.library.chunks import cut, search_text
from companion.library.reading import read_library
from companion.library.relevance import Relevance, prior
from companion.models import Article, EvidenceGrade, RedactedMessage, Vector
from companion.settings import ROOT
from companion.stages.retrieval import RetrievalOptions, Retrieved, Stacks, retrieve, search

OPTIONS = RetrievalOptions(score_threshold=0.34, lexical_weight=0.1, passages_per_reply=4)
NIGHT = "i cannot sleep after my night shifts"
PANCAKES = "give me a good pancake recipe with blueberries"


class BrokenIndex:
    """Be an index that cannot be searched."""

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        raise IndexUnavailable("broken for a test")

    nearest_documents = nearest_passages

    def scores(self, query: RedactedMessage, k: int) -> Mapping[str, float]:
        raise IndexUnavailable("broken for a test")

    def passages_with(self, word: str) -> int:
        raise IndexUnavailable("broken for a test")


class ExactIndex:
    """Search a library held in memory, exactly."""

    def __init__(self, vectors: Mapping[str, Vector]) -> None:
        self._vectors = vectors

    def nearest_passages(self, embedding: Vector, k: int) -> Mapping[str, float]:
        return {i: float(v @ embedding) for i, v in self._vectors.items() if "#" in i}

    def nearest_documents(self, embedding: Vector, k: int) -> Mapping[str, float]:
        return {i: float(v @ embedding) for i, v in self._vectors.items() if "#" not in i}


def stacks_of(articles: tuple[Article, ...], embedder: MiniLMEmbedder) -> Stacks:
    entries = [(each, cut(each)) for each in articles]
    texts = {p.id: search_text(p) for _, passages in entries for p in passages}
    about = texts | {each.id: each.summary for each in articles}
    vectors = dict(zip(about, embedder.embed_passages(list(about.values())), strict=True))
    shelf = LibraryShelf(entries, embedder.embed_passages(all_quotes(entries)))
    return Stacks(ExactIndex(vectors), BM25Index.build(list(texts), list(texts.values())), shelf)


def ask(text: str, stacks: Stacks, embedder: MiniLMEmbedder | None, today: date = TODAY, options: RetrievalOptions = OPTIONS) -> Retrieved:
    message = RedactedMessage(text)
    embedding = embedder.embed_message(message) if embedder else None
    return retrieve(message, embedding, stacks, options=options, today=today)


@pytest.mark.parametrize(
    ("text", "doc"),
    [
        (NIGHT, "night-shift"),
        ("my boss yelled at me in the meeting again", "shouting-boss"),
        ("a patient I looked after died last night and i keep seeing his face", "patient-died"),
        ("cant pay the rent this month, so much debt", "money-short"),
        ("i was promoted and now i lead the people i used to sit with", "new-team"),
    ],
)
def test_message_finds_its_article(text: str, doc: str, stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask(text, stacks, embedder)

    assert found.article is not None
    assert found.article.id == doc
    assert found.topics[0] == found.article.topics[0]


@pytest.mark.parametrize("text", [PANCAKES, "what is the capital of france", "asdf qwer", "?", ""])
def test_message_that_the_library_does_not_cover_finds_nothing(text: str, stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask(text, stacks, embedder)

    assert (found.passages, found.topics, found.article) == ((), (), None)
    assert found.best_score < OPTIONS.score_threshold


def test_threshold_decides_what_is_covered(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    best = ask(NIGHT, stacks, embedder).best_score

    assert ask(NIGHT, stacks, embedder, options=replace(OPTIONS, score_threshold=best)).passages
    assert not ask(NIGHT, stacks, embedder, options=replace(OPTIONS, score_threshold=best + 0.001)).passages


@pytest.mark.parametrize(
    "changes", [{"review_by": date(2026, 11, 22)}, {"licence": ""}, {"sources": ()}], ids=["out of date", "no licence", "no sources"]
)
@pytest.mark.parametrize("has_embedding", [True, False])
def test_article_that_may_not_be_cited_is_never_returned(changes: dict[str, object], has_embedding: bool, embedder: MiniLMEmbedder) -> None:
    night, *others = small_library()
    stacks = stacks_of((replace(night, **changes), *others), embedder)  # type: ignore[arg-type]
    message = RedactedMessage(NIGHT)
    embedding = embedder.embed_message(message) if has_embedding else None

    found = search(message, embedding, stacks, options=OPTIONS, today=TODAY, k=100)
    chosen = retrieve(message, embedding, stacks, options=replace(OPTIONS, score_threshold=-1.0), today=TODAY).passages

    assert "night-shift" not in {p.doc for p in (*(each.passage for each in found), *chosen)}


def test_article_expires_without_a_new_index(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    assert ask(NIGHT, stacks, embedder, today=date(2027, 11, 1)).passages
    assert not ask(NIGHT, stacks, embedder, today=date(2027, 11, 2)).passages


def test_best_article_brings_its_advice(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask("i come home from a night shift, the birds are loud, and sleep does not come", stacks, embedder)

    sections = [p.section for p in found.passages if p.doc == "night-shift"]

    assert {"What helps right now", "What to try this week"} <= set(sections)
    assert "What this is like" in sections  # the passage that the message resembles most stays


def test_closest_passage_stays_though_its_article_has_much_advice(embedder: MiniLMEmbedder) -> None:
    steps = [f"## What helps, part {n}\n- {line}" for n, line in enumerate(_ADVICE, start=1)]
    stacks = stacks_of((article("\n\n".join(steps)),), embedder)

    found = ask("should i hang thick dark curtains over the bedroom window", stacks, embedder)

    assert len(found.passages) <= OPTIONS.passages_per_reply
    assert "curtains" in " ".join(p.text for p in found.passages)


_ADVICE = (
    "Eat a small meal before you go to bed after a night shift.",
    "Tell your family at which hours of the day you are asleep.",
    "Put the phone into another room before you lie down to sleep.",
    "Drink no coffee during the second half of a night shift.",
    "Walk for ten minutes in the evening before the night shift starts.",
    "Hang thick dark curtains over the window of the bedroom.",
)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 8])
def test_a_writer_gets_at_most_as_many_passages_as_set_and_none_twice(limit: int, stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask(NIGHT, stacks, embedder, options=replace(OPTIONS, passages_per_reply=limit)).passages

    assert 1 <= len(found) <= limit
    assert len({p.id for p in found}) == len(found)
    assert "night-shift" in {p.doc for p in found}
    assert all(0.0 <= p.score <= 1.0 for p in found)


def test_search_is_best_first_and_at_most_k(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    message = RedactedMessage(NIGHT)

    found = [each.passage for each in search(message, embedder.embed_message(message), stacks, options=OPTIONS, today=TODAY, k=5)]

    assert len(found) == 5
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert found[0].doc == "night-shift"


# --- with a part down ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words_alone() -> Stacks:
    """Give the real library with its vectors broken; the scale of BM25 depends on how many articles there are."""
    entries = [(each, cut(each)) for each in read_library(ROOT / "knowledge").articles]
    texts = {p.id: search_text(p) for _, passages in entries for p in passages}
    shelf = LibraryShelf(entries, np.zeros((len(all_quotes(entries)), 384), np.float32))
    return Stacks(BrokenIndex(), BM25Index.build(list(texts), list(texts.values())), shelf)


@pytest.mark.parametrize("is_embedded", [True, False], ids=["vector index down", "no embedding"])
@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("cannot sleep in daylight after a night shift", "shift_work"),
        ("hot flushes and menopause at work", "menopause"),
    ],
)
def test_words_alone_still_find_an_article(text: str, topic: str, is_embedded: bool, words_alone: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask(text, words_alone, embedder if is_embedded else None)

    assert found.passages
    assert topic in found.topics


@pytest.mark.parametrize("text", [PANCAKES, "home", "asdf qwer", ""])
def test_words_alone_know_when_they_find_nothing(text: str, words_alone: Stacks) -> None:
    assert not ask(text, words_alone, None).passages


def test_vectors_serve_while_the_lexical_index_is_down(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    found = ask(NIGHT, replace(stacks, words=BrokenIndex()), embedder)

    assert found.article is not None
    assert found.article.id == "night-shift"


def test_both_indexes_down_is_said(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    with pytest.raises(IndexUnavailable):
        ask(NIGHT, Stacks(BrokenIndex(), BrokenIndex(), stacks.shelf), embedder)
    with pytest.raises(IndexUnavailable):
        ask(NIGHT, replace(stacks, words=BrokenIndex()), None)


def test_passage_of_another_generation_is_passed_over(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    others = small_library()[1:]
    newer = stacks_of(others, embedder).shelf

    found = ask(NIGHT, replace(stacks, shelf=newer), embedder)

    assert "night-shift" not in {p.doc for p in found.passages}


# --- several articles -----------------------------------------------------------------------------------------------------------------


def test_the_same_text_in_two_articles_is_shown_once(embedder: MiniLMEmbedder) -> None:
    night = article()
    stacks = stacks_of((night, replace(night, id="a-copy", title="A copy", path="articles/copy.md")), embedder)
    message = RedactedMessage(NIGHT)

    found = search(message, embedder.embed_message(message), stacks, options=OPTIONS, today=TODAY, k=50)
    texts = [each.passage.text for each in found]

    assert len(texts) == len(set(texts))


def test_beside_the_best_article_each_other_one_speaks_before_any_speaks_twice(stacks: Stacks, embedder: MiniLMEmbedder) -> None:
    options = replace(OPTIONS, score_threshold=-1.0, passages_per_reply=6)

    docs = [passage.doc for passage in ask(NIGHT, stacks, embedder, options=options).passages]
    others = [doc for doc in docs if doc != "night-shift"]

    assert len(others) >= 2
    assert len(others) == len(set(others))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"evidence": EvidenceGrade.GUIDELINE}, {"evidence": EvidenceGrade.EXPERIENCE}),
        ({"reviewed_on": TODAY}, {"reviewed_on": TODAY - timedelta(days=700)}),
    ],
    ids=["evidence", "freshness"],
)
def test_of_equal_articles_the_better_founded_and_the_fresher_come_first(better: dict[str, object], worse: dict[str, object]) -> None:
    one, other = (replace(article(), **changes) for changes in (better, worse))  # type: ignore[arg-type]

    assert 0.0 <= prior(other, TODAY) < prior(one, TODAY) <= 0.02


def test_priors_never_beat_a_clearly_better_answer() -> None:
    good = Relevance(as_article=0.5, as_passage=0.5, as_sentence=0.5, as_asked=None, word_share=0.0, prior=0.0)
    worse = replace(good, as_passage=0.4, prior=0.02)

    assert good.score(0.1) > worse.score(0.1)
