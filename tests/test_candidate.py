"""A candidate library answers as the index of the same articles would, and leaves folder and index alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sample_articles import small_library

from companion.adapters.candidate import Candidate, build_candidate
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.generations import Generations, Ingredients
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.models import RedactedMessage, TriageLevel
from companion.stages.retrieval import RetrievalOptions, Stacks, search

EXEMPLARS = [(f"i want to disappear {n}", TriageLevel.RISK) for n in range(6)] + [
    (f"too many shifts {n}", TriageLevel.NONE) for n in range(6)
]
LIBRARY = Ingredients(small_library(), EXEMPLARS)
TODAY = date(2026, 11, 23)
QUERIES = ("i cannot sleep after my night shifts", "my manager shouts at me", "pancakes")


@pytest.fixture(scope="module")
def built(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the index of the library."""
    folder = tmp_path_factory.mktemp("candidate") / "index"
    Generations(folder).build(LIBRARY, embedder)
    return folder


@pytest.fixture
def candidate(built: Path, embedder: MiniLMEmbedder) -> Candidate:
    """Give the candidate library of the same articles."""
    return build_candidate(LIBRARY, embedder, EmbeddingCache(built / "embeddings.sqlite", embedder))


@pytest.mark.parametrize("query", QUERIES)
def test_candidate_ranks_as_the_index_does(query: str, built: Path, candidate: Candidate, embedder: MiniLMEmbedder) -> None:
    message, options = RedactedMessage(query), RetrievalOptions(0.25, 0.1)
    generation = Generations(built).open_current(embedder.model_id)

    found = [
        [
            (each.passage.id, pytest.approx(each.passage.score, abs=1e-3))
            for each in search(message, embedder.embed_message(message), s, options=options, today=TODAY, k=9)
        ]
        for s in (
            Stacks(generation.vectors, generation.words, generation.shelf),
            Stacks(candidate.vectors, candidate.words, candidate.shelf),
        )
    ]

    assert found[0] == found[1]


def test_candidate_of_known_exemplars_assesses_as_the_index_does(built: Path, candidate: Candidate, embedder: MiniLMEmbedder) -> None:
    vector = embedder.embed_message(RedactedMessage("i want to disappear"))
    generation = Generations(built).open_current(embedder.model_id)

    assert candidate.risk.probabilities(vector) == generation.risk.probabilities(vector)


def test_new_exemplars_train_a_classifier_of_their_own(built: Path, embedder: MiniLMEmbedder) -> None:
    more = replace(LIBRARY, exemplars=[*EXEMPLARS, *((f"quiet tuesday {n}", TriageLevel.NONE) for n in range(6))])
    kept = sorted((built / "risk").iterdir())

    risk = build_candidate(more, embedder, EmbeddingCache(built / "embeddings.sqlite", embedder)).risk

    quiet = embedder.embed_message(RedactedMessage("quiet tuesday"))
    before = Generations(built).open_current(embedder.model_id).risk
    assert risk.probabilities(quiet)[TriageLevel.NONE] != before.probabilities(quiet)[TriageLevel.NONE]
    assert sorted((built / "risk").iterdir()) == kept


def test_edit_is_found_in_the_candidate_alone(built: Path, embedder: MiniLMEmbedder) -> None:
    first = LIBRARY.articles[0]
    edited = replace(first, body=f"{first.body}\n\n## Try this today\n\nBake pancakes with your neighbour before the shift.\n")
    before = sorted(path.name for path in built.iterdir())

    found = build_candidate(
        Ingredients((edited, *LIBRARY.articles[1:]), EXEMPLARS), embedder, EmbeddingCache(built / "embeddings.sqlite", embedder)
    )

    assert next(iter(found.words.scores(RedactedMessage("pancakes"), 3))).startswith(f"{first.id}#")
    assert sorted(path.name for path in built.iterdir()) == before


def test_empty_library_is_a_candidate_too(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    found = build_candidate(Ingredients((), EXEMPLARS), embedder, EmbeddingCache(tmp_path / "e.sqlite", embedder))

    assert found.vectors.nearest_passages(np.ones(384, np.float32), 3) == {}
    assert found.words.scores(RedactedMessage("manager"), 3) == {}
