"""What the store of pairs' channels must do on SQLite and on PostgreSQL, also when both write at the same instant."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from people_workplace import workplace_on

from companion.adapters.sql_mentoring import SqlMentoringStore
from companion.adapters.sql_pair_channels import SqlPairChannelStore
from companion.adapters.sql_store import Database
from companion.errors import NotFound
from companion.models_mentoring import MentoringBook, Pair, PairState, Seeker, Side
from companion.models_pair import StoredPairMessage
from companion.models_staff import SealedKey
from companion.ports_pair import PairChannelStore

LARK = Seeker("1" * 32, "a" * 64, Side.MENTOR, "Lark", ("sleep",), True, date(2027, 5, 31))
WREN = Seeker("2" * 32, "b" * 64, Side.MENTEE, "Wren", ("sleep",), True, date(2027, 6, 30))
PAIR = Pair("3" * 32, LARK.id, WREN.id, PairState.MEETING, date(2026, 12, 8), mentor_sessions=4, mentee_sessions=4)
KEY, OTHER_KEY = SealedKey("0" * 16, b"sealed"), SealedKey("1" * 16, b"sealed otherwise")
NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
TODAY, LATER = date(2026, 12, 1), date(2026, 12, 8)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    database: Database = request.getfixturevalue(request.param)
    workplace_on(database)
    assert SqlMentoringStore(database).replace(MentoringBook(), MentoringBook(0, (LARK, WREN), (PAIR,)))
    return database


@pytest.fixture
def store(database: Database) -> PairChannelStore:
    return SqlPairChannelStore(database)


def said(number: int, side: Side = Side.MENTOR) -> StoredPairMessage:
    return StoredPairMessage(PAIR.id, 0, side, f"key {number}", NOW, b"noise %d" % number)


def test_the_first_key_of_a_pair_stays_and_a_pair_that_is_gone_has_none(store: PairChannelStore) -> None:
    assert store.find(PAIR.id) is None
    assert store.make(PAIR.id, KEY).sealed_key == KEY
    assert store.make(PAIR.id, OTHER_KEY).sealed_key == KEY
    with pytest.raises(NotFound):
        store.make("9" * 32, KEY)


def test_messages_come_back_in_order_with_numbers_without_gaps(store: PairChannelStore) -> None:
    store.make(PAIR.id, KEY)
    stored = [store.add(said(number, side)) for number, side in enumerate((Side.MENTOR, Side.MENTEE, Side.MENTOR))]
    again = store.add(said(1, Side.MENTEE))

    assert again == stored[1]
    assert store.messages(PAIR.id, 0) == tuple(stored)
    assert [message.seq for message in store.messages(PAIR.id, 1)] == [2, 3]
    channel = store.find(PAIR.id)
    assert channel is not None
    assert channel.last_seq == 3


def test_without_a_channel_nothing_is_stored(store: PairChannelStore) -> None:
    with pytest.raises(NotFound):
        store.add(said(1))


def test_of_many_written_at_the_same_instant_none_is_lost(store: PairChannelStore) -> None:
    barrier = threading.Barrier(8)

    def write(number: int) -> None:
        barrier.wait()
        store.make(PAIR.id, KEY)
        store.add(said(number, Side.MENTOR if number % 2 else Side.MENTEE))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    assert [message.seq for message in store.messages(PAIR.id, 0)] == list(range(1, 9))
    assert {message.client_key for message in store.messages(PAIR.id, 0)} == {f"key {number}" for number in range(8)}


def test_only_a_pair_that_has_parted_gets_a_last_day_and_goes_after_it(database: Database, store: PairChannelStore) -> None:
    store.make(PAIR.id, KEY)
    store.add(said(1))
    assert store.forget(TODAY, LATER) == 0
    book = SqlMentoringStore(database).book()
    assert SqlMentoringStore(database).replace(book, replace(book, pairs=(replace(PAIR, state=PairState.PARTED),)))

    assert store.forget(TODAY, LATER) == 0
    assert store.forget(LATER, date(2027, 1, 1)) == 0  # the first day that was noted stays
    assert store.forget(date(2026, 12, 9), date(2027, 1, 1)) == 1

    assert (store.find(PAIR.id), store.messages(PAIR.id, 0)) == (None, ())


def test_with_the_pair_goes_all_it_wrote(database: Database, store: PairChannelStore) -> None:
    store.make(PAIR.id, KEY)
    store.add(said(1))

    SqlMentoringStore(database).forget_before(date(2027, 6, 1))

    assert (store.find(PAIR.id), store.messages(PAIR.id, 0)) == (None, ())
