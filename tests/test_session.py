"""A chat lives in memory: the same detail keeps its placeholder, and erasing forgets everything."""

from __future__ import annotations

import numpy as np
import pytest

from companion.models import EntityType, RedactedMessage
from companion.session import ChatSession, Placeholders, letters


@pytest.mark.parametrize(
    ("index", "name"), [(0, "A"), (1, "B"), (25, "Z"), (26, "AA"), (27, "AB"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_letters_count_like_columns(index: int, name: str) -> None:
    assert letters(index) == name


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("Sarah Whitfield", "Sarah Whitfield", True),
        ("Sarah Whitfield", "sarah whitfield", True),
        ("Sarah Whitfield", "SARAH", True),
        ("Sarah Whitfield", "whitfield", True),
        ("sarah", "Sarah Whitfield", True),
        ("Sarah", "Sarah's", True),
        ("Sarah", "Sarah\u2019s", True),
        ("Sarah  Whitfield", "Sarah Whitfield", True),
        # somebody else
        ("Sarah", "Sara", False),
        ("Sarah Whitfield", "Sarah Miller", False),
        ("Sarah", "Sarahjane", False),
    ],
)
def test_same_person_keeps_one_placeholder(first: str, second: str, is_same: bool) -> None:
    placeholders = Placeholders()

    found = placeholders.for_detail(EntityType.PERSON, first) == placeholders.for_detail(EntityType.PERSON, second)

    assert found is is_same


def test_first_name_of_two_people_stands_for_neither() -> None:
    placeholders = Placeholders()
    known = {placeholders.for_detail(EntityType.PERSON, name) for name in ("Sarah Whitfield", "Sarah Miller")}

    assert placeholders.for_detail(EntityType.PERSON, "Sarah") not in known


def test_longest_form_is_what_the_employee_sees() -> None:
    placeholders = Placeholders()
    for name in ("sarah", "Sarah Whitfield", "Whitfield"):
        placeholders.for_detail(EntityType.PERSON, name)

    assert placeholders.surface_forms() == {"[Person A]": "Sarah Whitfield"}


def test_kinds_are_counted_apart() -> None:
    placeholders = Placeholders()
    details = [
        (EntityType.PERSON, "Jo"),
        (EntityType.PERSON, "Al"),
        (EntityType.LOCATION, "Leeds"),
        (EntityType.EMAIL, "a@b.c"),
        (EntityType.EMAIL, "d@e.f"),
    ]

    assert [placeholders.for_detail(kind, surface) for kind, surface in details] == [
        "[Person A]", "[Person B]", "[Place A]", "[an e-mail address]", "[an e-mail address 2]",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", EntityType)
def test_every_kind_of_detail_has_a_placeholder(kind: EntityType) -> None:
    placeholder = Placeholders().for_detail(kind, "surface")

    assert placeholder.startswith("[")
    assert "surface" not in placeholder


def test_erased_session_holds_nothing() -> None:
    session = ChatSession(country="GB", hidden_words={"acme"}, kept_words={"may"})
    session.placeholders.for_detail(EntityType.PERSON, "Sarah")
    session.remember("sarah shouted", RedactedMessage("[Person A] shouted"), "A reply.", np.ones(3, np.float32))

    session.erase()

    assert session == ChatSession(country="GB", placeholders=session.placeholders)
    assert (session.placeholders.surface_forms(), session.placeholders.known_names()) == ({}, ())


def test_repr_of_a_session_holds_no_raw_words() -> None:
    session = ChatSession()
    session.placeholders.for_detail(EntityType.PERSON, "Whitfield")

    session.remember("whitfield shouted", RedactedMessage("[Person A] shouted"), "A reply.", None)

    assert "whitfield" not in repr(session).lower()


def test_the_browser_shows_names_as_typed_and_numbers_by_their_label() -> None:
    placeholders = Placeholders()
    for kind, surface in ((EntityType.PERSON, "sarah"), (EntityType.CARD, "4111 1111 1111 1111")):
        placeholders.for_detail(kind, surface)

    assert placeholders.forms_in_replies() == {"[Person A]": "sarah", "[a card number]": "a card number"}
