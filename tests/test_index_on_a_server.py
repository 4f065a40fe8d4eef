"""Several instances share one Chroma server: nobody drops what another one reads, and losing the server loses no answer."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from test_generations import EDITED, LIBRARY, best

from companion.adapters import chroma_leases
from companion.adapters.chroma_index import open_server
from companion.adapters.generations import Generations
from companion.adapters.minilm_embedder import MiniLMEmbedder


class Server:
    """Run `chroma run`, the Rust server, until told to stop."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """Take the server away."""
        self._process.terminate()
        self._process.wait(10)

    def collections(self) -> set[str]:
        """Return the names of all collections."""
        with closing(open_server(self.url)) as client:
            return {collection.name for collection in client.list_collections()}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a running server of its own."""
    (tmp_path / "server").mkdir()
    found = Server(tmp_path / "server")
    yield found
    found.stop()


Instance = Callable[[str], Generations]


@pytest.fixture
def instance(server: Server, tmp_path: Path) -> Instance:
    """Give a way to make an instance with a state folder of its own."""
    return lambda name: Generations(tmp_path / name, server.url)


def test_two_instances_of_one_library_build_side_by_side(instance: Instance, server: Server, embedder: MiniLMEmbedder) -> None:
    for name in ("one", "two"):
        instance(name).build(LIBRARY, embedder)

    assert len(server.collections()) == 4
    assert [best(instance(name).open_current(embedder.model_id), embedder) for name in ("one", "two")] == ["night-shift"] * 2


def test_a_build_never_drops_what_another_instance_reads(instance: Instance, embedder: MiniLMEmbedder) -> None:
    instance("one").build(LIBRARY, embedder)
    reader = instance("one").open_current(embedder.model_id)

    for library in (LIBRARY, EDITED, LIBRARY):
        instance("one").build(library, embedder, rebuild=True)
        instance("two").build(library, embedder, rebuild=True)

    assert best(reader, embedder) == "night-shift"
    assert reader.is_whole()  # it was the server that answered


def test_what_nobody_reads_any_more_is_dropped(
    instance: Instance, server: Server, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_leases, "LEASE_S", -1.0)
    instance("one").build(LIBRARY, embedder)
    before = server.collections()

    instance("one").build(EDITED, embedder, rebuild=True)

    assert len(server.collections()) == 2
    assert not before & server.collections()


def test_other_collections_of_the_server_are_left_alone(instance: Instance, server: Server, embedder: MiniLMEmbedder) -> None:
    with closing(open_server(server.url)) as client:
        client.create_collection("somebody-elses-passages", embedding_function=None)

    instance("one").build(LIBRARY, embedder)

    assert "somebody-elses-passages" in server.collections()


def test_without_the_server_vectors_are_compared_one_by_one(instance: Instance, server: Server, embedder: MiniLMEmbedder) -> None:
    instance("one").build(LIBRARY, embedder)
    reader = instance("one").open_current(embedder.model_id)

    server.stop()

    assert best(reader, embedder) == "night-shift"
    assert not reader.is_whole()
    assert best(instance("one").open_current(embedder.model_id), embedder) == "night-shift"


def test_edit_is_published_without_the_server(instance: Instance, server: Server, embedder: MiniLMEmbedder) -> None:
    instance("one").build(LIBRARY, embedder)
    server.stop()

    name, was_built = instance("one").build(EDITED, embedder)

    assert was_built
    assert instance("one").open_current(embedder.model_id).name == name
