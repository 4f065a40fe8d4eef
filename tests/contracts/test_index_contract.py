"""What every index of passages must do, held against exact search in numpy: Chroma embedded and on a server, and BM25."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from chromadb.api import ClientAPI
from chromadb.utils.embedding_functions import register_embedding_function

from companion.adapters.bm25_index import BM25Index
from companion.adapters.chroma_index import ChromaIndex, open_embedded, open_server
from companion.errors import IndexUnavailable
from companion.models import Matrix, RedactedMessage

Open = Callable[[], ClientAPI]


def vectors_of(n: int, seed: int) -> Matrix:
    """Return unit vectors that lie near a space of few dimensions, as those of texts do; no approximate search is exact on pure noise."""
    meanings = np.random.default_rng(0).normal(size=(32, 384))
    noise = np.random.default_rng(seed)
    rows = noise.normal(size=(n, 32)) @ meanings + 0.3 * noise.normal(size=(n, 384))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


IDS = [f"article-{n // 8}#{n % 8 + 1}" for n in range(2500)]  # more than one batch
VECTORS = vectors_of(len(IDS), seed=1)
DOCUMENT_IDS = [f"article-{n}" for n in range(313)]
DOCUMENTS = vectors_of(len(DOCUMENT_IDS), seed=2)


def exact(ids: list[str], vectors: Matrix, query: Matrix, k: int) -> dict[str, float]:
    cosines = vectors @ query
    return {ids[i]: float(cosines[i]) for i in np.argsort(-cosines)[:k]}


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running `chroma run`, the Rust server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).parent / "chroma"
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the Chroma server did not start")


@pytest.fixture(scope="module", params=["embedded", "server"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Give a way to open the same written store again and again."""
    if request.param == "server":
        url = request.getfixturevalue("server_url")
        opening: Open = lambda: open_server(url)  # noqa: E731
    else:
        folder = tmp_path_factory.mktemp("embedded")
        opening = lambda: open_embedded(folder)  # noqa: E731
    client = opening()
    ChromaIndex.write(client, "gen-1", passages=(IDS, VECTORS), documents=(DOCUMENT_IDS, DOCUMENTS))
    client.close()
    return opening


@pytest.fixture
def index(opened: Open) -> Iterator[ChromaIndex]:
    """Give the written index, opened afresh."""
    found = ChromaIndex(opened(), "gen-1")
    yield found
    found.close()


@pytest.mark.parametrize("k", [1, 10, 100])
@pytest.mark.parametrize("seed", range(3, 8))
def test_nearest_passages_are_those_of_exact_search(index: ChromaIndex, seed: int, k: int) -> None:
    query = vectors_of(1, seed)[0]

    found, wanted = index.nearest_passages(query, k), exact(IDS, VECTORS, query, k)

    assert list(found)[:10] == list(wanted)[:10]
    assert found.keys() == wanted.keys()
    assert all(abs(score - wanted[passage]) < 1e-4 for passage, score in found.items())
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_nearest_documents_are_those_of_exact_search(index: ChromaIndex) -> None:
    found, wanted = index.nearest_documents(DOCUMENTS[7], 10), exact(DOCUMENT_IDS, DOCUMENTS, DOCUMENTS[7], 10)

    assert list(found) == list(wanted)
    assert np.allclose(list(found.values()), list(wanted.values()), atol=1e-4)


def test_asking_for_more_than_there_is_gives_all(index: ChromaIndex) -> None:
    assert set(index.nearest_documents(DOCUMENTS[0], 100_000)) == set(DOCUMENT_IDS)


def test_scores_survive_a_reopening(opened: Open) -> None:
    def look() -> Mapping[str, float]:
        index = ChromaIndex(opened(), "gen-1")
        found = index.nearest_passages(VECTORS[42], 20)
        index.close()
        return found

    assert dict(look()) == dict(look())


def test_unknown_generation_is_unavailable(opened: Open) -> None:
    client = opened()

    with pytest.raises(IndexUnavailable, match="gen-9"):
        ChromaIndex(client, "gen-9")
    client.close()


def test_library_without_articles_finds_nothing(tmp_path: Path) -> None:
    nothing: tuple[list[str], Matrix] = ([], np.zeros((0, 384), np.float32))
    client = open_embedded(tmp_path)
    ChromaIndex.write(client, "gen-0", passages=nothing, documents=nothing)
    index = ChromaIndex(client, "gen-0")

    assert (dict(index.nearest_passages(VECTORS[0], 5)), dict(index.nearest_documents(VECTORS[0], 5))) == ({}, {})
    index.close()


def test_progress_ends_with_all_passages(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    client = open_embedded(tmp_path)

    ChromaIndex.write(client, "g", passages=(IDS, VECTORS), documents=(["a"], DOCUMENTS[:1]), progress=lambda *at: seen.append(at))

    assert seen[-1] == (2500, 2500)
    assert seen == sorted(seen)
    client.close()


def test_folder_that_is_no_store_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"this is no database" * 500)

    with pytest.raises(IndexUnavailable):
        ChromaIndex(open_embedded(tmp_path), "gen-1")


def test_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(IndexUnavailable, match="COMPANION_CHROMA_URL"):
        open_server("http://127.0.0.1:9")


_LOADED: list[str] = []


@register_embedding_function
class _Poison:
    """Stand for code that a stored collection names, to be run by whoever opens it (CVE-2026-45829)."""

    @staticmethod
    def name() -> str:
        return "poison"

    @staticmethod
    def build_from_config(config: object) -> _Poison:
        _LOADED.append("built")
        return _Poison()

    def __call__(self, input: object) -> list[Matrix]:
        _LOADED.append("called")
        return [VECTORS[0]]


@pytest.mark.parametrize("named", ["poison", "sentence_transformer", "never-heard-of"])
def test_poisoned_collection_loads_no_code(named: str, tmp_path: Path) -> None:
    client = open_embedded(tmp_path)
    ChromaIndex.write(client, "gen-1", passages=(IDS[:20], VECTORS[:20]), documents=(["a"], DOCUMENTS[:1]))
    client.close()
    _poison(tmp_path / "chroma.sqlite3", named)

    index = ChromaIndex(open_embedded(tmp_path), "gen-1")
    found = index.nearest_passages(VECTORS[3], 5)
    index.close()

    assert next(iter(found)) == IDS[3]
    assert _LOADED == []
    assert "sentence_transformers" not in sys.modules


def _poison(database: Path, named: str) -> None:
    """Name an embedding function in every stored collection, as an attacker with the file would."""
    function = {"type": "known", "name": named, "config": {"model_name": "evil/model", "kwargs": {"trust_remote_code": True}}}
    with sqlite3.connect(database) as db:
        for row, stored in db.execute("select id, config_json_str from collections").fetchall():
            config = {**json.loads(stored or "{}"), "embedding_function": function}
            db.execute("update collections set config_json_str = ? where id = ?", (json.dumps(config), row))


# --- words ------------------------------------------------------------------------------------------------------------------------------

TEXTS = {
    "night#1": "Wear dark glasses on the way home from the night shift.",
    "night#2": "Sleeping in daylight is hard; hang a blanket over the window.",
    "boss#1": "Your manager shouts and you freeze.",
}


@pytest.fixture(params=["built", "loaded"])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> BM25Index:
    """Give the lexical index as built, and as read from disk."""
    built = BM25Index.build(list(TEXTS), list(TEXTS.values()))
    if request.param == "built":
        return built
    built.save(tmp_path / "bm25")
    return BM25Index.load(tmp_path / "bm25")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("blankets for windows", ["night#2"]),  # other endings of the same word
        ("NIGHT SHIFTS", ["night#1"]),
        ("my manager's shouting", ["boss#1"]),
        ("shift daylight manager", ["night#1", "night#2", "boss#1"]),
        # no word in common, or only words that say nothing
        ("pancakes", []),
        ("what do i do about it", []),
        ("", []),
        ("?!", []),
        ("\U0001f622", []),
        # a placeholder is no word of the message
        ("[Person manager]", []),
        ("[Person A] pancakes", []),
    ],
)
def test_passages_are_found_by_their_words(words: BM25Index, query: str, found: list[str]) -> None:
    scores = words.scores(RedactedMessage(query), 10)

    assert sorted(scores) == sorted(found)
    assert all(score > 0 for score in scores.values())
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_at_most_k_words_matches_come_back(words: BM25Index) -> None:
    assert len(words.scores(RedactedMessage("shift daylight manager"), 2)) == 2


def test_index_of_no_words_finds_nothing(tmp_path: Path) -> None:
    BM25Index.build(["a#1"], ["the and of"]).save(tmp_path)

    assert BM25Index.load(tmp_path).scores(RedactedMessage("manager"), 5) == {}


@pytest.mark.parametrize("damage", ["removed", "emptied", "overwritten"])
@pytest.mark.parametrize("file", ["passage_ids.json", "params.index.json", "vocab.index.json", "data.csc.index.npy"])
def test_damaged_lexical_index_is_unavailable(file: str, damage: str, tmp_path: Path) -> None:
    BM25Index.build(list(TEXTS), list(TEXTS.values())).save(tmp_path)
    assert (tmp_path / file).exists()
    if damage == "removed":
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(b"" if damage == "emptied" else b"\x00garbage")

    with pytest.raises(IndexUnavailable):
        BM25Index.load(tmp_path).scores(RedactedMessage("manager"), 5)
