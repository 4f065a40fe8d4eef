"""What every store of mentoring must do, wherever it keeps it, and that two offers made at once never share a person."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from people_workplace import workplace_on

from companion.adapters.in_memory import SetClock
from companion.adapters.in_memory_meetings import MemoryMentoringStore
from companion.adapters.sql_mentoring import SqlMentoringStore
from companion.models_meetings import PseudonymLook
from companion.models_mentoring import MentoringBook, Pair, PairState, Seeker, Side
from companion.network.mentoring import MentoringService
from companion.ports_mentoring import MentoringStore

LARK = Seeker("1" * 32, "a" * 64, Side.MENTOR, "Lark", ("grief", "sleep"), True, date(2027, 5, 31))
WREN = Seeker("2" * 32, "b" * 64, Side.MENTEE, "Wren", ("sleep",), True, date(2027, 6, 30))
PAIR = Pair("3" * 32, LARK.id, WREN.id, PairState.OFFERED, date(2026, 12, 8), mentee_sessions=4)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> MentoringStore:
    if request.param == "memory":
        return MemoryMentoringStore()
    database = request.getfixturevalue(request.param)
    workplace_on(database)
    return SqlMentoringStore(database)


def keep(store: MentoringStore, book: MentoringBook) -> MentoringBook:
    assert store.replace(store.book(), book)
    return store.book()


def test_people_and_pairs_come_back_as_stored(store: MentoringStore) -> None:
    book = keep(store, MentoringBook(0, (LARK, WREN), (PAIR,)))

    assert (book.seekers, book.pairs) == ((LARK, WREN), (PAIR,))


def test_a_change_alters_and_removes_at_once(store: MentoringStore) -> None:
    keep(store, MentoringBook(0, (LARK, WREN), (PAIR,)))
    met = replace(PAIR, state=PairState.MEETING, mentor_sessions=5, held=2, last_held=date(2026, 12, 9), checked_by=Side.MENTOR)

    book = keep(store, MentoringBook(0, (replace(LARK, is_looking=False),), (met,)))

    assert (book.seekers, book.pairs) == ((replace(LARK, is_looking=False),), (met,))


def test_a_book_that_changed_meanwhile_is_not_written_over(store: MentoringStore) -> None:
    before = store.book()
    keep(store, MentoringBook(0, (LARK,)))

    assert not store.replace(before, MentoringBook(0, (WREN,)))

    assert store.book().seekers == (LARK,)


def test_who_did_not_come_back_is_forgotten_with_their_pairs(store: MentoringStore) -> None:
    keep(store, MentoringBook(0, (LARK, WREN), (PAIR,)))

    assert store.forget_before(date(2027, 6, 1)) == 1

    assert (store.book().seekers, store.book().pairs) == ((WREN,), ())


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
def test_of_many_who_begin_at_the_same_instant_nobody_is_offered_twice(store: MentoringStore) -> None:
    service = MentoringService(store, SetClock(), lambda _: PseudonymLook.FINE)
    barrier = threading.Barrier(8)

    def begin(number: int) -> None:
        barrier.wait()
        service.join(f"Wren {number}", Side.MENTOR if number % 2 else Side.MENTEE, ("sleep",))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(8)))

    offered = [seeker for pair in store.book().pairs for seeker in (pair.mentor_id, pair.mentee_id)]
    assert len(offered) == len(set(offered)) == 8
