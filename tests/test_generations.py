"""The index is a cache that grows by small changes, is swapped at once, read by several processes, and rebuilt when it breaks."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sample_articles import small_library

from companion.adapters.curated_writer import CuratedWords
from companion.adapters.embedding_cache import EmbeddingCache
from companion.adapters.generations import Generations, Ingredients
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.opened_library import Generation
from companion.adapters.words_only import NAME
from companion.errors import EmbeddingFailed, IndexUnavailable
from companion.live_parts import LiveParts, Once, SpokenParts
from companion.models import Matrix, RedactedMessage, TriageLevel, Vector
from companion.settings import ROOT

EXEMPLARS = [(f"i want to disappear {n}", TriageLevel.RISK) for n in range(6)] + [
    (f"too many shifts {n}", TriageLevel.NONE) for n in range(6)
]
LIBRARY = Ingredients(small_library(), EXEMPLARS)
EDITED = Ingredients((replace(LIBRARY.articles[0], summary="Edited summary."), *LIBRARY.articles[1:]), EXEMPLARS)
NIGHT = "i cannot sleep after my night shifts"


class CountingEmbedder:
    """Embed with the real model, count the texts, and fail after as many as told."""

    def __init__(self, real: MiniLMEmbedder, fails_after: int | None = None) -> None:
        self._real = real
        self._fails_after = fails_after
        self.count = 0

    model_id = property(lambda self: self._real.model_id)
    dim = property(lambda self: self._real.dim)

    def embed_message(self, message: RedactedMessage) -> Vector:
        return self._real.embed_message(message)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        if self._fails_after is not None and self.count + len(texts) > self._fails_after:
            raise EmbeddingFailed("stopped for a test")
        self.count += len(texts)
        return self._real.embed_passages(texts)


@pytest.fixture(scope="module")
def built(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one built generation, to be copied."""
    folder = tmp_path_factory.mktemp("built") / "index"
    Generations(folder).build(LIBRARY, embedder)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """Give a copy of the built folder that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "index"))


@pytest.fixture
def opened(embedder: MiniLMEmbedder) -> Callable[[Path], Generation]:
    """Give a way to open the current generation."""
    return lambda folder: Generations(folder).open_current(embedder.model_id)


Open = Callable[[Path], Generation]


def best(generation: Generation, embedder: MiniLMEmbedder) -> str:
    return next(iter(generation.vectors.nearest_passages(embedder.embed_message(RedactedMessage(NIGHT)), 3))).split("#")[0]


def generations_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("gen-*")}


# --- building -------------------------------------------------------------------------------------------------------------------------


def test_built_generation_holds_everything_a_turn_looks_up(folder: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    generation = opened(folder)
    message = RedactedMessage(NIGHT)

    assert best(generation, embedder) == "night-shift"
    assert next(iter(generation.words.scores(message, 3))).startswith("night-shift#")
    assert {article.id for article in generation.shelf.articles} == {article.id for article in LIBRARY.articles}
    assert generation.shelf.article("night-shift") == LIBRARY.articles[0]
    assert sum(generation.risk.probabilities(embedder.embed_message(message)).values()) == pytest.approx(1.0)


@pytest.mark.parametrize(("exact_up_to", "has_store"), [(1000, False), (1, True)])
def test_a_small_library_is_compared_one_by_one_and_a_large_one_searched_by_chroma(
    exact_up_to: int, has_store: bool, folder: Path, opened: Open, tmp_path: Path, embedder: MiniLMEmbedder
) -> None:
    generations = Generations(tmp_path / "other", exact_up_to=exact_up_to)
    name, _ = generations.build(LIBRARY, embedder)
    message = embedder.embed_message(RedactedMessage(NIGHT))

    other = generations.open_current(embedder.model_id)

    assert ((tmp_path / "other" / name / "chroma").exists(), other.is_whole()) == (has_store, True)
    found, by_chroma = other.vectors.nearest_passages(message, 5), opened(folder).vectors.nearest_passages(message, 5)
    assert list(found) == list(by_chroma)
    assert list(found.values()) == pytest.approx(list(by_chroma.values()), abs=1e-5)


def test_a_library_that_needs_chroma_after_all_is_searched_until_it_is_rebuilt(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    Generations(tmp_path, exact_up_to=1000).build(LIBRARY, embedder)

    generation = Generations(tmp_path).open_current(embedder.model_id)

    assert (best(generation, embedder), generation.is_whole()) == ("night-shift", False)


def test_texts_embedded_before_do_not_need_the_model_again(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    texts, counting = ["Night shift circle", "Quiet lunch"], CountingEmbedder(embedder)
    first = Generations(tmp_path).embedded(texts, counting)

    again = Generations(tmp_path).embedded(texts, counting)

    assert (counting.count, np.array_equal(first, again)) == (2, True)


def test_texts_are_embedded_also_where_nothing_can_be_kept(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    (tmp_path / "index").write_text("a file stands where the folder should be")

    assert Generations(tmp_path / "index").embedded(["Quiet lunch"], embedder).shape == (1, 384)


def test_quotes_keep_their_vectors(folder: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    shelf = opened(folder).shelf
    (passage, *_) = (p for p in shelf.passages("night-shift") if p.is_advice)

    assert np.allclose(shelf.quote_vectors(passage.id), embedder.embed_passages(passage.quotes), atol=1e-3)


def test_unchanged_library_is_not_built_again(folder: Path, embedder: MiniLMEmbedder) -> None:
    counting = CountingEmbedder(embedder)

    name, was_built = Generations(folder).build(LIBRARY, counting)

    assert (name, was_built, counting.count) == (Generations(folder).current(), False, 0)


def test_order_of_files_changes_nothing(folder: Path, embedder: MiniLMEmbedder) -> None:
    shuffled = replace(LIBRARY, articles=LIBRARY.articles[::-1])

    assert Generations(folder).build(shuffled, embedder)[1] is False


@pytest.mark.parametrize(
    "changed",
    [
        EDITED,
        replace(LIBRARY, articles=LIBRARY.articles[1:]),
        replace(LIBRARY, articles=(replace(LIBRARY.articles[0], review_by=date(2030, 1, 1)), *LIBRARY.articles[1:])),
        replace(LIBRARY, exemplars=[*EXEMPLARS, ("one more shift", TriageLevel.NONE)]),
    ],
    ids=["edited", "removed", "new review date", "new exemplar"],
)
def test_any_change_makes_a_new_generation(changed: Ingredients, folder: Path, embedder: MiniLMEmbedder) -> None:
    before = Generations(folder).current()

    name, was_built = Generations(folder).build(changed, embedder)

    assert was_built
    assert name != before
    assert generations_in(folder) == {name, before}  # a change, over the whole one


def test_one_edited_article_embeds_only_what_changed(folder: Path, embedder: MiniLMEmbedder) -> None:
    counting = CountingEmbedder(embedder)

    Generations(folder).build(EDITED, counting)

    assert counting.count == 1


@pytest.mark.parametrize("library", [LIBRARY, EDITED], ids=["whole", "a change"])
def test_progress_never_goes_back_and_ends_with_all(library: Ingredients, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    seen: list[tuple[int, int]] = []
    Generations(tmp_path).build(replace(LIBRARY, articles=LIBRARY.articles[1:] if library is LIBRARY else LIBRARY.articles), embedder)

    Generations(tmp_path).build(library, embedder, progress=lambda *at: seen.append(at))

    assert seen[-1][0] == seen[-1][1] > 0
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1


def test_library_without_articles_can_be_built_and_opened(tmp_path: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    Generations(tmp_path).build(Ingredients((), EXEMPLARS), embedder)

    assert dict(opened(tmp_path).vectors.nearest_passages(embedder.embed_message(RedactedMessage(NIGHT)), 3)) == {}


def test_folder_of_the_index_belongs_to_its_user_alone(folder: Path, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    name, _ = Generations(tmp_path / "new").build(LIBRARY, embedder)

    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "new", tmp_path / "new" / name)] == ["0o700", "0o700"]


# --- swapping -------------------------------------------------------------------------------------------------------------------------


def test_old_generation_serves_until_the_new_one_is_whole(folder: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    before = Generations(folder).current()

    with pytest.raises(EmbeddingFailed):
        Generations(folder).build(EDITED, CountingEmbedder(embedder, fails_after=0))

    assert Generations(folder).current() == before
    assert best(opened(folder), embedder) == "night-shift"


@pytest.mark.parametrize("rebuild", [True, False], ids=["rebuilt", "edited"])
def test_reader_goes_on_while_a_new_generation_takes_over(rebuild: bool, folder: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    reader = opened(folder)

    name, was_built = Generations(folder).build(LIBRARY if rebuild else EDITED, embedder, rebuild=rebuild)

    assert was_built
    assert name != reader.name
    assert best(reader, embedder) == best(opened(folder), embedder) == "night-shift"
    assert reader.shelf.article("night-shift") == LIBRARY.articles[0]


def test_whole_build_drops_everything_before_it(folder: Path, embedder: MiniLMEmbedder) -> None:
    Generations(folder).build(EDITED, embedder)

    name, _ = Generations(folder).build(EDITED, embedder, rebuild=True)

    assert generations_in(folder) == {name}


def test_rebuilt_generation_counts_as_up_to_date(folder: Path, embedder: MiniLMEmbedder) -> None:
    rebuilt, _ = Generations(folder).build(LIBRARY, embedder, rebuild=True)

    assert Generations(folder).build(LIBRARY, embedder) == (rebuilt, False)


# --- several processes ----------------------------------------------------------------------------------------------------------------

SECOND_PROCESS = """
import sys
from pathlib import Path
from companion.adapters.generations import Generations
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.opened_library import Generation
from companion.models import RedactedMessage
embedder = MiniLMEmbedder(Path(sys.argv[2]))
generation = Generations(Path(sys.argv[1])).open_current(embedder.model_id)
print(next(iter(generation.vectors.nearest_passages(embedder.embed_message(RedactedMessage(sys.argv[3])), 1))))
"""


def second_process(folder: Path, model_cache: Path, temporary: Path) -> str:
    command = [sys.executable, "-c", SECOND_PROCESS, str(folder), str(model_cache), NIGHT]
    temporary.mkdir(exist_ok=True)
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_second_process_reads_a_copy_and_cleans_up(
    folder: Path, tmp_path: Path, opened: Open, embedder: MiniLMEmbedder, model_cache: Path
) -> None:
    first = opened(folder)

    found = second_process(folder, model_cache, tmp_path / "tmp")

    assert found.startswith("night-shift#")
    assert best(first, embedder) == "night-shift"
    assert len(list(folder.glob("open-*"))) == 1  # that of the first


def test_readers_never_touch_a_generation(folder: Path, opened: Open, embedder: MiniLMEmbedder) -> None:
    generation = next(folder.glob("gen-*"))
    before = {path: path.stat().st_mtime_ns for path in generation.rglob("*")}

    assert best(opened(folder), embedder) == best(opened(folder), embedder) == "night-shift"

    assert {path: path.stat().st_mtime_ns for path in generation.rglob("*")} == before


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
import test_generations as t
from companion.adapters import embedding_cache
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.adapters.opened_library import Generation
embedding_cache._BATCH = 4
class Killed(t.CountingEmbedder):
    def embed_passages(self, texts):
        if self.count >= 12:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_passages(texts)
t.Generations(Path(sys.argv[1])).build(t.LIBRARY, Killed(MiniLMEmbedder(Path(sys.argv[2]))))
"""


def test_killed_build_leaves_nothing_behind_and_goes_on_where_it_stopped(
    tmp_path: Path, opened: Open, embedder: MiniLMEmbedder, model_cache: Path
) -> None:
    whole = CountingEmbedder(embedder)
    Generations(tmp_path / "whole").build(LIBRARY, whole)
    environment = {"PATH": "", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, "-c", KILLED_BUILD, str(tmp_path / "index"), str(model_cache)]

    killed = subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    is_unbuilt = Generations(tmp_path / "index").current() is None
    rest = CountingEmbedder(embedder)
    name, _ = Generations(tmp_path / "index").build(LIBRARY, rest)

    assert (killed, is_unbuilt, rest.count) == (-9, True, whole.count - 12)
    assert generations_in(tmp_path / "index") == {name}
    assert best(opened(tmp_path / "index"), embedder) == "night-shift"


# --- damage ---------------------------------------------------------------------------------------------------------------------------


def parts_on(folder: Path, embedder: MiniLMEmbedder, library: Ingredients | Callable[[], Ingredients]) -> LiveParts:
    """Return the parts of a running Companion over a folder; only those that the index needs can be asked for."""
    words = CuratedWords(*[("Words.",)] * len(CuratedWords.__dataclass_fields__))
    nothing: Once[object] = Once(lambda: None)
    return LiveParts(
        generations=Generations(folder),
        ingredients=library if callable(library) else lambda: library,
        spoken=SpokenParts(words, (), {}, {}),
        once_redactor=nothing,  # type: ignore[arg-type]
        once_embedder=Once(lambda: embedder),
        once_speller=nothing,  # type: ignore[arg-type]
        once_turn_reader=nothing,  # type: ignore[arg-type]
        once_model_writer=None,
    )


def whole(parts: LiveParts) -> Generation:
    """Return the library once it has been rebuilt; fails when that never happens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        parts.look_for_new_index()
        found = parts.library().generation
        if found.name != NAME and found.is_whole():
            return found
        time.sleep(0.05)
    pytest.fail("the index was not rebuilt")


def flip_a_bit(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


EVERY_FILE = ("articles.jsonl", "places.npz", "passage_ids.json", "passages.f32", "documents.f32", "quotes.f16", "manifest.json")

DAMAGES: dict[str, Callable[[Path], object]] = {
    "texts cut": lambda gen: (gen / "articles.jsonl").write_bytes((gen / "articles.jsonl").read_bytes()[:1000]),
    "texts gone": lambda gen: (gen / "articles.jsonl").unlink(),
    "quotes emptied": lambda gen: (gen / "quotes.f16").write_bytes(b""),
    "quotes cut": lambda gen: (gen / "quotes.f16").write_bytes((gen / "quotes.f16").read_bytes()[:-768]),
    "classifier overwritten": lambda gen: next((gen.parent / "risk").iterdir()).write_bytes(b"\x80garbage"),
    "classifier gone": lambda gen: shutil.rmtree(gen.parent / "risk"),
    "words gone": lambda gen: shutil.rmtree(gen / "bm25"),
    "manifest gone": lambda gen: (gen / "manifest.json").unlink(),
    "everything gone": shutil.rmtree,
    **{f"bit of {name} flipped": lambda gen, name=name: flip_a_bit(gen / name) for name in EVERY_FILE},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_index_says_so_and_is_rebuilt_by_a_running_companion(damage: str, folder: Path, embedder: MiniLMEmbedder) -> None:
    DAMAGES[damage](next(folder.glob("gen-*")))
    with pytest.raises((IndexUnavailable, EmbeddingFailed)):
        Generations(folder).open_current(embedder.model_id)
    parts = parts_on(folder, embedder, LIBRARY)

    meanwhile = parts.library().generation.words.scores(RedactedMessage(NIGHT), 1)
    found = best(whole(parts), embedder)

    parts.close()
    assert [next(iter(meanwhile)).split("#")[0], found] == ["night-shift", "night-shift"]


STORE_DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": shutil.rmtree,
    "overwritten": lambda store: (store / "chroma.sqlite3").write_bytes(b"this is no database" * 999),
    "cut": lambda store: (store / "chroma.sqlite3").write_bytes((store / "chroma.sqlite3").read_bytes()[:9000]),
    "bit of the database flipped": lambda store: flip_a_bit(store / "chroma.sqlite3"),
    "bit of the vectors flipped": lambda store: flip_a_bit(next(store.glob("*/data_level0.bin"))),
}


@pytest.mark.parametrize("damage", STORE_DAMAGES)
def test_without_its_chroma_store_every_query_is_answered_until_it_is_rebuilt(damage: str, folder: Path, embedder: MiniLMEmbedder) -> None:
    STORE_DAMAGES[damage](next(folder.glob("gen-*")) / "chroma")
    parts = parts_on(folder, embedder, LIBRARY)

    meanwhile = parts.library().generation

    assert not meanwhile.is_whole()
    assert best(meanwhile, embedder) == best(whole(parts), embedder) == "night-shift"
    parts.close()


def test_index_of_another_model_is_refused(folder: Path) -> None:
    with pytest.raises(EmbeddingFailed):
        Generations(folder).open_current("another-model@0000")


def test_no_index_yet_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="companion index"):
        Generations(tmp_path).open_current("any")


@pytest.mark.parametrize("pointer", [b"", b"gen-gone", b"../../etc", b"\xff\xfe"])
def test_broken_pointer_counts_as_no_index(pointer: bytes, folder: Path) -> None:
    (folder / "CURRENT").write_bytes(pointer)

    assert Generations(folder).current() is None


def test_running_companion_takes_a_new_generation_over(folder: Path, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.live_library._LOOK_EVERY_S", 0.0)
    parts = parts_on(folder, embedder, LIBRARY)
    before = parts.library().generation.name

    name, _ = Generations(folder).build(EDITED, embedder)

    assert parts.library().generation.name == name != before
    parts.close()


def test_folder_that_cannot_be_written_is_said(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")

    with pytest.raises(IndexUnavailable, match="disk space"):
        Generations(tmp_path / "index").build(LIBRARY, embedder)


# --- the cache of embeddings ----------------------------------------------------------------------------------------------------------


def test_cache_embeds_each_text_once(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    counting = CountingEmbedder(embedder)
    cache = EmbeddingCache(tmp_path / "e.sqlite", counting)

    first = cache.embed(["one", "two", "three"])
    second = cache.embed(["three", "four", "one"])

    assert counting.count == 4
    assert np.array_equal(second[[2, 0]], first[[0, 2]])


def test_cache_of_another_model_is_not_used(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    EmbeddingCache(tmp_path / "e.sqlite", embedder).embed(["one"])
    other = CountingEmbedder(embedder)
    other.__class__ = type("Other", (CountingEmbedder,), {"model_id": "other@1"})

    EmbeddingCache(tmp_path / "e.sqlite", other).embed(["one"])

    assert other.count == 1


@pytest.mark.parametrize("content", [b"", b"this is no database" * 200])
def test_damaged_cache_costs_time_and_nothing_else(content: bytes, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    (tmp_path / "e.sqlite").write_bytes(content)

    vectors = EmbeddingCache(tmp_path / "e.sqlite", embedder).embed(["one"])

    assert np.allclose(vectors, embedder.embed_passages(["one"]))


def test_cache_holds_no_words(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    EmbeddingCache(tmp_path / "e.sqlite", embedder).embed(["unmistakable canary"])

    with sqlite3.connect(tmp_path / "e.sqlite") as db:
        assert "canary" not in "".join(db.iterdump())
    assert b"canary" not in (tmp_path / "e.sqlite").read_bytes()


def test_triage_never_waits_for_a_library_that_is_being_built(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    may_go_on = threading.Event()
    parts = parts_on(tmp_path / "index", embedder, lambda: may_go_on.wait(60) and LIBRARY)

    with pytest.raises(IndexUnavailable):
        parts.risk_model()
    with pytest.raises(IndexUnavailable):
        parts.risk_model()
    may_go_on.set()

    assert parts.library(wait_s=60).generation.shelf.articles
    parts.close()
