"""What every store of cards, and of counts by month, must do, wherever it keeps them."""

from __future__ import annotations

import pytest
from people_workplace import workplace_on

from companion.adapters.in_memory_meetings import MemoryCardStore, MemoryGroupCounts
from companion.adapters.sql_cards import SqlCardStore, SqlGroupCounts
from companion.models_meetings import Counted, HelpCard
from companion.models_staff import SealedKey
from companion.ports_meetings import CardStore, GroupCounts

OLD = HelpCard("2" * 32, "2026-08", "sleep", SealedKey("key-1", b"sealed key"), b"sealed words")
NEW = HelpCard("1" * 32, "2026-11", "grief", SealedKey("key-1", b"sealed key"), b"other words")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stores(request: pytest.FixtureRequest) -> tuple[CardStore, GroupCounts]:
    if request.param == "memory":
        return MemoryCardStore(), MemoryGroupCounts()
    database = request.getfixturevalue(request.param)
    workplace_on(database)
    return SqlCardStore(database), SqlGroupCounts(database)


def test_cards_come_back_as_stored_oldest_month_first(stores: tuple[CardStore, GroupCounts]) -> None:
    cards, _ = stores
    for card in (NEW, OLD):
        cards.add(card)

    assert cards.all() == (OLD, NEW)


def test_a_removed_card_is_gone_and_removing_it_again_tells_so(stores: tuple[CardStore, GroupCounts]) -> None:
    cards, _ = stores
    cards.add(OLD)

    assert cards.remove(OLD.id)

    assert not cards.remove(OLD.id)
    assert cards.all() == ()


def test_cards_of_months_before_one_are_forgotten_and_no_others(stores: tuple[CardStore, GroupCounts]) -> None:
    cards, _ = stores
    for card in (NEW, OLD):
        cards.add(card)

    assert cards.forget_before("2026-11") == 1

    assert cards.all() == (NEW,)


def test_counts_of_all_months_are_told_by_kind(stores: tuple[CardStore, GroupCounts]) -> None:
    _, counts = stores
    for month in ("2026-10", "2026-11", "2026-11"):
        counts.add(Counted.WISH, "grief", month)
    counts.add(Counted.THANKS, "grief", "2026-11")

    assert counts.totals(Counted.WISH) == {"grief": 3}
    assert counts.total(Counted.THANKS, "grief") == 1
    assert counts.total(Counted.THANKS, "another") == 0
