"""Rows of JSON lines are read strictly, each fault named, and written as DESIGN 4 says."""

from __future__ import annotations

import json

import pytest

from companion.models import Entity, EntityType, Passage, RedactedMessage
from companion.rows import BadRow, MessageRow, passage_row, read_row, redacted_row, row_id


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"id": "a", "text": "tired"}', MessageRow("a", "tired")),
        ('{"id": 7, "text": "tired", "history": []}', MessageRow(7, "tired")),
        ('{"id": "a", "text": "tired", "history": ["one", "two"], "country": "GB"}', MessageRow("a", "tired", ("one", "two"), "GB")),
        ('{"id": "a", "text": "tired", "country": "gb"}', MessageRow("a", "tired", (), "GB")),
        ('{"id": "a", "text": "tired", "history": null, "country": null}', MessageRow("a", "tired")),
        ('{"id": "a", "text": "tired", "more": 1}', MessageRow("a", "tired")),
        ('{"text": ""}', MessageRow(None, "")),
    ],
)
def test_row_is_read(row: str, message: MessageRow) -> None:
    assert read_row(row) == message


@pytest.mark.parametrize(
    ("row", "problem", "known_id"),
    [
        ("", "not JSON", None),
        ("tired", "not JSON", None),
        ('{"id": "a", "text": "tired"', "not JSON", None),
        ("[" * 100_000, "not JSON", None),
        ("[1]", "not an object", None),
        ('"text"', "not an object", None),
        ("null", "not an object", None),
        ('{"id": "a"}', "text", "a"),
        ('{"id": "a", "text": 5}', "text", "a"),
        ('{"id": "a", "text": null}', "text", "a"),
        ('{"id": "a", "text": "x", "history": "y"}', "history", "a"),
        ('{"id": "a", "text": "x", "history": [1]}', "history", "a"),
        ('{"id": "a", "text": "x", "history": {"a": 1}}', "history", "a"),
        ('{"id": "a", "text": "x", "country": "GBR"}', "country", "a"),
        ('{"id": "a", "text": "x", "country": 44}', "country", "a"),
    ],
)
def test_bad_row_is_refused_by_name_and_keeps_its_id(row: str, problem: str, known_id: str | None) -> None:
    with pytest.raises(BadRow, match=problem):
        read_row(row)

    assert row_id(row) == known_id


def test_redacted_row_holds_offsets_and_no_surface() -> None:
    message = RedactedMessage("[Person A] called", (Entity(0, 5, EntityType.PERSON, "[Person A]"),))

    assert redacted_row("a", message) == {
        "id": "a",
        "redacted": "[Person A] called",
        "entities": [{"start": 0, "end": 5, "type": "PERSON"}],
    }


def test_passage_row_can_be_written_as_json() -> None:
    row = passage_row(Passage("a#1", "a", "Title", "Section", "Text.", score=0.5))

    assert json.loads(json.dumps(row)) == {"doc": "a", "section": "Section", "score": 0.5, "text": "Text."}
