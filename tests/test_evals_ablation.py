"""The ablation tells what a part of retrieval brings: a question that only this part can answer is lost without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sample_articles import TODAY, article

from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.symspell_speller import SymSpellSpeller
from companion.library.reading import loose_article
from companion.models import Article, EvidenceGrade, RedactedMessage
from companion.phrasebook import Phrasebook
from companion.searching import Searching
from companion.settings import load_settings
from companion.stages.query import Query
from companion.stages.retrieval import RetrievalOptions
from evals.ablation import Ablated, ablate, variants
from evals.comparison import Comparison, Row
from evals.folder_search import SearchTools, folder_of
from evals.samples import RetrievalSample, Split

BODY = "## What helps\n\n"


def text(name: str, body: str, asked_as: tuple[str, ...] = ()) -> Article:
    """Return a plain text, and how people ask for it."""
    return replace(loose_article(f"# {name}\n\n{BODY}{body}", f"{name}.md"), asked_as=asked_as)


ARTICLES = (
    text("rest", "A dark room and a fixed hour bring rest after working in the dark.", ("my goldfish swims in circles",)),
    text("rent", "Ask the landlord about the rent before the debt grows.", ("skint again before payday",)),
    text("boss", "Write down when the manager shouted, and who was there."),
    text("grief", "Grief comes in waves. Talk about the one who died."),
    text("music", "A song in the break lifts a tired team."),
    text("lifting", "Lift heavy boxes with the knees, and ask a second person."),
)
SLANG = Phrasebook({"zorblax": "the manager shouted"})


@pytest.fixture(scope="module")
def library(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Ablated:
    settings = load_settings(state_dir=tmp_path_factory.mktemp("state"))
    searching = Searching(SearchTools(embedder, SymSpellSpeller()), SLANG, RetrievalOptions(0.3, 0.15))
    bare = [replace(each, asked_as=()) for each in ARTICLES]
    by_id = {each.id: each for each in ARTICLES}
    return Ablated(by_id, folder_of(ARTICLES, searching, settings), folder_of(bare, searching, settings))


def sample(text: str, relevant: str, split: Split = Split.DEV, history: tuple[str, ...] = ()) -> RetrievalSample:
    return RetrievalSample(id=f"{split.value}-{text}", split=split, text=text, relevant=(relevant,), history=history)


def ablated(library: Ablated, *samples: RetrievalSample) -> tuple[Comparison, ...]:
    return ablate(samples, library)


def rows_of_dev(library: Ablated, *samples: RetrievalSample) -> Mapping[str, Row]:
    return {row.system: row for row in ablated(library, *samples)[0].rows}


@pytest.mark.parametrize(
    ("asked", "variant"),
    [
        (sample("a pet fish going round in its bowl", "rest"), "without ways of asking"),
        (sample("zorblax", "boss"), "without phrasebook"),
        (sample("what about that", "grief", history=("my friend died and the grief comes in waves",)), "without the turns before"),
    ],
    ids=["ways of asking", "phrasebook", "history"],
)
def test_a_question_that_needs_a_part_is_answered_worse_without_it(asked: RetrievalSample, variant: str, library: Ablated) -> None:
    rows = rows_of_dev(library, asked)

    assert rows["Companion"].values["mrr"].value == 1.0
    assert rows[variant].values["mrr"].value < 1.0


def test_both_splits_are_shown_side_by_side_and_ours_comes_first(library: Ablated) -> None:
    comparisons = ablated(library, sample("the rent", "rent"), sample("boss shouted", "boss", Split.TEST))

    assert [(comparison.name, comparison.n) for comparison in comparisons] == [("dev", 1), ("test", 1)]
    assert all(comparison.rows[0].system == "Companion" for comparison in comparisons)
    assert all(len(comparison.rows) == len(variants({}, library.folder)) for comparison in comparisons)


def test_questions_outside_the_library_are_not_ranked(library: Ablated) -> None:
    outside = RetrievalSample(id="x", split=Split.DEV, text="pancakes", relevant=())

    assert ablated(library, sample("the rent", "rent"), outside)[0].n == 1


def test_taking_the_evidence_prior_away_leaves_the_rest_of_the_score(library: Ablated) -> None:
    folder = library.folder
    best = folder.searching.ranked(folder.query("rest", Query(RedactedMessage(""), None)), folder.stacks, TODAY, 50)[0]
    founded = replace(best, why=replace(best.why, prior=0.01))
    plain = replace(best, passage=replace(best.passage, doc="rent"), why=replace(best.why, prior=0.005))
    articles = {
        best.passage.doc: replace(article(), evidence=EvidenceGrade.GUIDELINE),
        "rent": replace(article(), evidence=EvidenceGrade.EXPERIENCE),
    }
    by_name = {variant.name: variant for variant in variants(articles, library.folder)}

    assert by_name["Companion"].rank([plain, founded])[0] == best.passage.doc
    assert by_name["without evidence prior"].rank([plain, founded])[0] == "rent"
