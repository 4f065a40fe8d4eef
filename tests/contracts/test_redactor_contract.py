"""What every redactor must keep to. A new adapter joins by a line in ADAPTERS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.adapters.presidio_redactor import PresidioRedactor
from companion.errors import RedactionFailed
from companion.models import EntityType, RawMessage
from companion.ports import Redactor

ADAPTERS: tuple[Callable[[float], Redactor], ...] = (lambda deadline_s: PresidioRedactor(deadline_s=deadline_s),)


@pytest.fixture(scope="module", params=ADAPTERS, ids=["presidio"])
def redactor(request: pytest.FixtureRequest) -> Redactor:
    return request.param(5.0)


def test_spans_lie_inside_the_text(redactor: Redactor) -> None:
    text = "raj told sarah whitfield, mail sarah.w@example.org or ring 07700 900461"

    found = redactor.find(RawMessage(text))

    assert found
    assert all(0 <= f.start < f.end <= len(text) and 0 <= f.score <= 1 for f in found)


def test_types_are_those_of_the_model(redactor: Redactor) -> None:
    found = redactor.find(RawMessage("my manager dave, mrn 445566"))

    assert {f.type for f in found} >= {EntityType.PERSON, EntityType.MEDICAL_RECORD}


@pytest.mark.parametrize("text", ["", " ", "\n\n", "😭", "…", "\u202e", "\x00", "a" * 4000])
def test_odd_texts_give_no_details_and_no_error(redactor: Redactor, text: str) -> None:
    assert redactor.find(RawMessage(text)) == ()


def test_the_same_text_gives_the_same_spans(redactor: Redactor) -> None:
    raw = RawMessage("told priya and tom that the rota from karen mills is unfair")

    assert redactor.find(raw) == redactor.find(raw)


def test_a_text_beyond_all_limits_fails_closed(redactor: Redactor) -> None:
    with pytest.raises(RedactionFailed):
        redactor.find(RawMessage("sarah " * 50_000))
