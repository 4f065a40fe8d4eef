"""The reader of personal details: MiniLM with corrections of our own, which knows names and details that stand in no list."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from companion.adapters.detail_reader import MAX_TOKENS, DetailReader
from companion.adapters.redaction_lexicon import WORD_LISTS
from companion.adapters.redaction_reading import Deadline, MessageReading
from companion.errors import RedactionFailed
from companion.models import EntityType

CORRECTIONS = WORD_LISTS / "detail_reader.npz"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(scope="module")
def reader(cache: Path) -> DetailReader:
    return DetailReader(CORRECTIONS, cache)


def words_read_as(kind: EntityType, reader: DetailReader, text: str) -> list[str]:
    message = MessageReading(text, Deadline(20))
    reading = reader.read(message)
    return [text[word.start : word.end] for index, word in enumerate(message.words) if reading.chance(index, kind) >= 0.5]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("me and wanjiru did the whole stock count alone", ["wanjiru"]),
        ("nobody but tomasz ever says thank you", ["tomasz"]),
        ("is olufemi allowed to change my shift", ["olufemi"]),
        ("i will hope for the best and may ask for a raise", []),
        ("the printer on level three is broken again", []),
    ],
)
def test_names_in_small_letters_are_told_by_the_words_around_them(text: str, names: list[str], reader: DetailReader) -> None:
    assert words_read_as(EntityType.PERSON, reader, text) == names


def test_a_project_that_no_list_knows_is_seen(reader: DetailReader) -> None:
    assert words_read_as(EntityType.PROJECT, reader, "the sapphire codename launch slipped, i work on project redwood")[-1] == "redwood"


def test_a_name_far_down_a_long_message_is_seen(reader: DetailReader) -> None:
    before = "the rota changed again and i have no idea why they do this to us " * (3 * MAX_TOKENS // 15)

    assert "wanjiru" in words_read_as(EntityType.PERSON, reader, f"{before}. i told wanjiru about it and she listened")


def test_every_word_is_read_once_where_parts_overlap(reader: DetailReader) -> None:
    message = MessageReading("word " * 400, Deadline(20))

    reading = reader.read(message)

    assert reading.words.shape[0] == len(message.words) == 400
    assert reading.words.sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_an_empty_message_has_no_details(reader: DetailReader) -> None:
    assert reader.read(MessageReading("...", Deadline(20))).words.shape[0] == 0


def test_a_message_out_of_time_is_not_passed_on(reader: DetailReader) -> None:
    with pytest.raises(RedactionFailed):
        reader.read(MessageReading("anna is late", Deadline(0)))


def test_corrections_that_were_altered_are_refused(tmp_path: Path) -> None:
    altered = tmp_path / "detail_reader.npz"
    altered.write_bytes(CORRECTIONS.read_bytes()[:-1] + b"x")

    with pytest.raises(RedactionFailed, match="damaged or of another version"):
        DetailReader(altered)


def test_corrections_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(RedactionFailed, match=r"detail_reader\.npz"):
        DetailReader(tmp_path / "detail_reader.npz")


def test_a_damaged_kept_graph_is_built_anew(reader: DetailReader, cache: Path, tmp_path: Path) -> None:
    (kept,) = cache.glob("*.onnx")
    copy = Path(shutil.copy(kept, tmp_path))
    copy.write_bytes(b"no graph")

    again = DetailReader(CORRECTIONS, tmp_path)

    assert words_read_as(EntityType.PERSON, again, "nobody but tomasz ever says thank you") == ["tomasz"]
    assert copy.read_bytes() == kept.read_bytes()
