"""What every store of kept chats must do, wherever it keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from people_workplace import workplace_on

from companion.adapters.in_memory_keeping import MemoryKeptChatStore
from companion.adapters.sql_kept_chats import SqlKeptChatStore
from companion.models_keeping import KeptChat
from companion.ports_keeping import KeptChatStore

KEPT = KeptChat("a" * 64, b"s" * 16, b"sealed words", date(2026, 11, 1), date(2026, 12, 1))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> KeptChatStore:
    if request.param == "memory":
        return MemoryKeptChatStore()
    database = request.getfixturevalue(request.param)
    workplace_on(database)
    return SqlKeptChatStore(database)


def test_a_kept_chat_comes_back_as_stored_from_its_place_and_no_other(store: KeptChatStore) -> None:
    store.add(KEPT)

    assert store.find(KEPT.place) == KEPT
    assert store.find("b" * 64) is None


def test_new_words_take_the_place_of_the_old_ones(store: KeptChatStore) -> None:
    store.add(KEPT)
    renewed = replace(KEPT, sealed=b"later words", expires_on=date(2026, 12, 9))

    assert store.replace(renewed)

    assert store.find(KEPT.place) == renewed
    assert store.count() == 1


def test_what_was_erased_is_not_stored_again_by_a_renewal(store: KeptChatStore) -> None:
    store.add(KEPT)

    assert store.erase(KEPT.place)

    assert not store.replace(KEPT)
    assert not store.erase(KEPT.place)
    assert store.count() == 0


def test_expired_chats_are_forgotten_and_no_others(store: KeptChatStore) -> None:
    store.add(KEPT)
    store.add(replace(KEPT, place="b" * 64, expires_on=date(2026, 12, 2)))

    forgotten = store.forget_before(date(2026, 12, 2))

    assert forgotten == 1
    assert store.find(KEPT.place) is None
    assert store.find("b" * 64) is not None
