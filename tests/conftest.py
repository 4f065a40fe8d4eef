"""Slow parts, made once for all tests: the real embedding model and a small real library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import one_thread  # noqa: F401  before numpy is imported
import pytest
import shared_models
from own_postgres import postgres_url, stoppable_postgres  # noqa: F401  fixtures for all tests
from sample_articles import small_library
from scripted_llm import ScriptedLLM
from small_companion import write_small_knowledge

from companion.adapters.bm25_index import BM25Index
from companion.adapters.chroma_index import ChromaIndex, open_embedded
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.shelf import LibraryShelf, all_quotes
from companion.bootstrap import App, build
from companion.library.chunks import cut, document_text, search_text
from companion.settings import load_settings, silence_vendors
from companion.stages.retrieval import Stacks


@pytest.fixture(scope="session", autouse=True)
def _silent_vendors() -> None:
    silence_vendors()


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Give the folder in which the built model graph is kept."""
    return shared_models.shared_models()


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shared_models.remove()


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> MiniLMEmbedder:
    """Give the real embedding model."""
    return MiniLMEmbedder(model_cache)


@pytest.fixture(scope="session")
def stacks(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    """Give the small library in a real Chroma store with real BM25."""
    entries = [(article, cut(article)) for article in small_library()]
    passages = [passage for _, some in entries for passage in some]
    ids, texts = [passage.id for passage in passages], [search_text(passage) for passage in passages]
    documents = embedder.embed_passages([document_text(article) for article, _ in entries])
    client = open_embedded(tmp_path_factory.mktemp("chroma"))
    names = [article.id for article, _ in entries]
    ChromaIndex.write(client, "gen-test", passages=(ids, embedder.embed_passages(texts)), documents=(names, documents))
    vectors = ChromaIndex(client, "gen-test")
    shelf = LibraryShelf(entries, embedder.embed_passages(all_quotes(entries)))
    yield Stacks(vectors, BM25Index.build(ids, texts), shelf)
    vectors.close()


@pytest.fixture
def scripted_llm() -> Iterator[ScriptedLLM]:
    """Give an OpenAI-compatible server on loopback that does what a test tells it."""
    with ScriptedLLM() as server:
        yield server


@pytest.fixture(scope="session")
def small_knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small copy of the knowledge folder."""
    return write_small_knowledge(tmp_path_factory.mktemp("small") / "knowledge")


@pytest.fixture(scope="session")
def small_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the state folder that belongs to it."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def app(small_knowledge: Path, small_state: Path) -> Iterator[App]:
    """Give a whole running Companion over the small knowledge folder, its index built; no endpoint of a model."""
    built = build(
        load_settings(knowledge_dir=small_knowledge, state_dir=small_state, country="GB", openai_base_url=None, openai_api_key=None)
    )
    built.warm_up()
    yield built
    built.parts.close()
