"""Turns go on while the index is changed, rebuilt, killed and mended: nothing fails, nothing is empty, two generations never mix (P11).

COMPANION_P11_S=60 runs the storm for so many seconds instead of twenty builds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from sample_articles import small_library
from test_generations import EXEMPLARS, LIBRARY, NIGHT, CountingEmbedder, best, generations_in, parts_on

from companion.adapters.generations import Generations, Ingredients
from companion.adapters.minilm_embedder import MiniLMEmbedder
from companion.live_parts import LiveParts
from companion.models import Article, Matrix, RedactedMessage, ReplyRequest, TriageDecision, TriageLevel, Vector
from companion.settings import ROOT
from companion.stages.retrieval import RetrievalOptions, retrieve, search

TODAY = date(2026, 11, 23)
OPTIONS = RetrievalOptions(0.25, 0.1)
LONG_RUN_S = float(os.environ.get("COMPANION_P11_S", "0"))


def edition(number: int) -> Ingredients:
    """Return the library with the edition's number in the summary of every article, and a passage more in every third edition."""
    more = "\n\n## Try this today\n\nDrink a glass of warm water slowly before you go to bed.\n" if number % 3 == 0 else ""
    return replace(LIBRARY, articles=tuple(replace(a, summary=f"Edition {number}.", body=a.body + more) for a in LIBRARY.articles))


# --- one change -------------------------------------------------------------------------------------------------------------------------


def many_articles(n: int) -> tuple[Article, ...]:
    """Return articles enough for a change to stay a change."""
    template = small_library()[0]
    return tuple(
        replace(
            template,
            id=f"shift-{i}",
            path=f"articles/shift-{i}.md",
            title=f"Shift number {i}",
            asked_as=(),
            body=f"{template.body}\n\nNo {i}.",
        )
        for i in range(n)
    )


@dataclass(frozen=True)
class Both:
    """Hold one library as a change over another, and built whole."""

    changed: LiveParts
    whole: LiveParts


@pytest.fixture(scope="module")
def both(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Give a library of which two articles were edited, one added and one removed."""
    before = many_articles(60)
    edited = tuple(replace(a, body=f"{a.body}\n\n## Help right now\n\nFeed the penguins before you sleep.") for a in before[:2])
    after = Ingredients((*edited, *before[3:], replace(before[5], id="new", path="articles/z.md", title="Knitting at work")), EXEMPLARS)
    folder = tmp_path_factory.mktemp("both")
    Generations(folder / "changed").build(Ingredients(before, EXEMPLARS), embedder)
    shutil.copytree(folder / "changed", folder / "whole")
    Generations(folder / "changed").build(after, embedder)
    Generations(folder / "whole").build(after, embedder, rebuild=True)
    return Both(parts_on(folder / "changed", embedder, after), parts_on(folder / "whole", embedder, after))


@pytest.mark.parametrize("query", ["penguins", "knitting at work", NIGHT, "shift number 44", "shift number 2"])
def test_a_change_is_searched_as_the_whole_library_would_be(query: str, both: Both, embedder: MiniLMEmbedder) -> None:
    message = RedactedMessage(query)
    vector = embedder.embed_message(message)

    found = [
        [each.passage for each in search(message, vector, parts.stacks(), options=OPTIONS, today=TODAY, k=5)]
        for parts in (both.changed, both.whole)
    ]

    shared = min(len(passages) for passages in found)  # of articles that are all alike, ties decide which ones count as the same text
    assert shared
    assert [p.score for p in found[0][:shared]] == pytest.approx([p.score for p in found[1][:shared]], abs=0.02)
    assert found[0][0].doc in {p.doc for p in found[1]}


def test_vectors_of_a_change_are_those_of_the_whole_library(both: Both, embedder: MiniLMEmbedder) -> None:
    vector = embedder.embed_message(RedactedMessage(NIGHT))

    changed, whole = (dict(parts.stacks().vectors.nearest_passages(vector, 500)) for parts in (both.changed, both.whole))

    assert changed.keys() == whole.keys()
    assert all(abs(score - whole[passage]) < 1e-4 for passage, score in changed.items())


def test_a_change_hands_out_the_texts_of_the_whole_library(both: Both) -> None:
    changed, whole = both.changed.library().generation.shelf, both.whole.library().generation.shelf

    assert {a.id: a for a in changed.articles} == {a.id: a for a in whole.articles}
    for article in whole.articles:
        assert changed.passages(article.id) == whole.passages(article.id)
        assert np.array_equal(changed.article_quote_vectors(article.id), whole.article_quote_vectors(article.id))


def test_removed_article_is_found_no_more(both: Both) -> None:
    words = both.changed.stacks().words.scores(RedactedMessage("shift number 2"), 500)

    assert not [passage for passage in words if passage.startswith("shift-2#")]


def test_one_edit_of_many_articles_keeps_the_base(both: Both, tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    counting, before = CountingEmbedder(embedder), many_articles(60)
    Generations(tmp_path).build(Ingredients(before, EXEMPLARS), embedder)

    Generations(tmp_path).build(Ingredients((replace(before[0], summary="Other."), *before[1:]), EXEMPLARS), counting)

    assert counting.count == 1
    assert len(generations_in(tmp_path)) == 2


# --- refreshing behind the turns --------------------------------------------------------------------------------------------------------


def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait up to a minute until something is so."""
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def test_edit_of_exemplars_is_published_at_once_and_trained_behind(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    in_folder = [LIBRARY]
    parts = parts_on(tmp_path, embedder, lambda: in_folder[-1])
    parts.ensure_index()
    in_folder.append(replace(LIBRARY, exemplars=[*EXEMPLARS, ("one more shift", TriageLevel.NONE)]))

    assert parts.refresh_index()

    assert eventually(lambda: not parts.generations.needs_training())
    assert len(list((tmp_path / "risk").iterdir())) == 2
    parts.close()


def test_change_that_has_grown_is_folded_into_a_whole_generation(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    before = many_articles(60)
    in_folder = [Ingredients(before, EXEMPLARS)]
    parts = parts_on(tmp_path, embedder, lambda: in_folder[-1])
    parts.ensure_index()
    in_folder.append(Ingredients((*(replace(a, summary="Other.") for a in before[:6]), *before[6:]), EXEMPLARS))

    parts.refresh_index()

    assert eventually(lambda: len(generations_in(tmp_path)) == 1 and not parts.generations.needs_folding())
    assert parts.library().generation.shelf.article("shift-0").summary == "Other."
    parts.close()


class EditingEmbedder(CountingEmbedder):
    """Embed, and publish an edit in the middle of it, as a coordinator would during a long build."""

    def __init__(self, real: MiniLMEmbedder, publish: Callable[[], object]) -> None:
        super().__init__(real)
        self._publish = publish

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of curated texts."""
        self._publish()
        return super().embed_passages(texts)


def test_edit_during_a_fold_is_published_at_once_and_kept(tmp_path: Path, embedder: MiniLMEmbedder) -> None:
    before, generations, seen = many_articles(60), Generations(tmp_path), list[str]()
    in_folder = [Ingredients(before, EXEMPLARS)]
    generations.build(in_folder[0], embedder)
    (tmp_path / "embeddings.sqlite").unlink()

    def publish() -> None:
        in_folder.append(Ingredients((replace(before[0], summary="Edited meanwhile."), *before[1:]), EXEMPLARS))
        generations.build(in_folder[-1], embedder)
        seen.append(generations.open_current(embedder.model_id).shelf.article("shift-0").summary)

    name = generations.fold(lambda: in_folder[-1], EditingEmbedder(embedder, publish))

    assert set(seen) == {"Edited meanwhile."}
    assert generations.open_current(embedder.model_id).name == name
    assert generations.open_current(embedder.model_id).shelf.article("shift-0").summary == "Edited meanwhile."
    assert len(generations_in(tmp_path)) == 2  # the new whole one, and the edit over it


# --- the storm --------------------------------------------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Run turns over and over: retrieve and reply, each with the parts of one turn."""

    parts: LiveParts
    vector: Vector
    stop: threading.Event
    turns: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Note every fault."""
        while not self.stop.is_set():
            try:
                self._turn()
            except Exception as exc:  # noqa: BLE001 - any failure is a fault
                self.faults.append(f"failed: {exc!r}")
            self.turns += 1

    def _turn(self) -> None:
        parts, message = self.parts.for_a_turn(), RedactedMessage(NIGHT)
        found = retrieve(message, self.vector, parts.stacks(), options=OPTIONS, today=TODAY)
        request = ReplyRequest(
            message,
            (),
            found.passages,
            TriageDecision(TriageLevel.NONE, 0.0),
            (),
            1,
            offer_human=False,
            embedding=self.vector,
            article=found.article,
        )
        reply = list(parts.curated_writer().write(request))
        shelf = parts.stacks().shelf
        editions = {shelf.article(doc).summary for doc in {*(p.doc for p in found.passages), *(a.id for a in LIBRARY.articles)}}
        if not found.passages or not reply or not parts.risk_model().probabilities(self.vector):
            self.faults.append("empty")
        if len(editions) != 1:
            self.faults.append(f"mixed: {editions}")


KILLED = """
import os, signal, sys
from pathlib import Path
import test_generations as t
import test_index_while_serving as w
from companion.adapters import generation_writer
from companion.adapters.minilm_embedder import MiniLMEmbedder

generation_writer.BM25Index.build = classmethod(lambda *given: os.kill(os.getpid(), signal.SIGKILL))
t.Generations(Path(sys.argv[1])).build(w.edition(1000), MiniLMEmbedder(Path(sys.argv[2])), rebuild=True)
"""


def killed_build(folder: Path, model_cache: Path) -> int:
    """Run a build in a child process that is killed in the middle; return its exit code."""
    environment = {"PATH": "", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, "-c", KILLED, str(folder), str(model_cache)]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def storm(folder: Path, embedder: MiniLMEmbedder) -> int:
    """Build edition after edition, whole ones and changes; return how many."""
    began = time.monotonic()
    for number in count(1):
        Generations(folder).build(edition(number), embedder, rebuild=number % 4 == 0)
        if number >= 20 and time.monotonic() - began > LONG_RUN_S:
            return number
    raise AssertionError


def test_turns_never_fail_or_mix_while_generations_come_and_go(
    tmp_path: Path, embedder: MiniLMEmbedder, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.live_library._LOOK_EVERY_S", 0.0)
    parts, stop = parts_on(tmp_path, embedder, edition(0)), threading.Event()
    parts.ensure_index()
    readers = [Reader(parts, embedder.embed_message(RedactedMessage(NIGHT)), stop) for _ in range(4)]
    threads = [threading.Thread(target=reader.run) for reader in readers]

    for thread in threads:
        thread.start()
    killed, builds = killed_build(tmp_path, model_cache), storm(tmp_path, embedder)
    stop.set()
    for thread in threads:
        thread.join()

    assert (killed, builds >= 20, [fault for reader in readers for fault in reader.faults]) == (-9, True, [])
    assert all(reader.turns > 0 for reader in readers)
    parts.close()


OPENED_AND_KILLED = """
import os, signal, sys
from pathlib import Path
from companion.adapters.generations import Generations
from companion.adapters.minilm_embedder import MiniLMEmbedder
generation = Generations(Path(sys.argv[1])).open_current(MiniLMEmbedder(Path(sys.argv[2])).model_id)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_copy_of_a_killed_reader_is_removed_by_the_next(tmp_path: Path, embedder: MiniLMEmbedder, model_cache: Path) -> None:
    Generations(tmp_path).build(LIBRARY, embedder)
    command: Sequence[str] = [sys.executable, "-c", OPENED_AND_KILLED, str(tmp_path), str(model_cache)]

    subprocess.run(command, env={"PATH": "", "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    left = list(tmp_path.glob("open-*"))
    generation = Generations(tmp_path).open_current(embedder.model_id)

    assert len(left) == 1
    assert not left[0].exists()
    assert best(generation, embedder) == "night-shift"
