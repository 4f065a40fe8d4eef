"""Promise P18: the access log cannot be changed quietly, neither a row of it nor its ends, and it survives its own retention."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from people_workplace import Workplace
from sqlalchemy import Connection, delete, insert, select, update

from companion.adapters.crypto_box import AesGcmBox
from companion.adapters.sql_access_log import SqlAccessLog, chained
from companion.adapters.sql_keys import key_shelves
from companion.adapters.sql_tables import access_log, access_seal, feedback
from companion.models_people import Wish
from companion.models_staff import AccessEntry, FeedbackEntry, Role, SealedKey

ROWS = 5


@pytest.fixture
def written(on_database: Workplace) -> Workplace:
    for number in range(ROWS):
        on_database.log.append(AccessEntry(on_database.clock.now(), "Sam", Role.PEER, "opened", "letter", f"ref {number}"))
    return on_database


def change(workplace: Workplace, act: Callable[[Connection], object]) -> None:
    assert workplace.database is not None
    with workplace.database.write() as connection:
        act(connection)


def numbers(workplace: Workplace) -> list[int]:
    assert workplace.database is not None
    with workplace.database.read() as connection:
        return list(connection.execute(select(access_log.c.number).order_by(access_log.c.number)).scalars())


FIELDS = {"pseudonym": "Kim", "role": "auditor", "act": "closed", "kind": "talk", "ref": "other", "previous": "1" * 64, "digest": "f" * 64}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("place", range(ROWS))
def test_an_altered_field_of_any_row_is_found(place: int, field: str, written: Workplace) -> None:
    number = numbers(written)[place]

    change(written, lambda c: c.execute(update(access_log).where(access_log.c.number == number).values({field: FIELDS[field]})))

    assert not written.log.is_intact()


@pytest.mark.parametrize("place", range(ROWS))
def test_a_removed_row_is_found_wherever_it_stood(place: int, written: Workplace) -> None:
    number = numbers(written)[place]

    change(written, lambda c: c.execute(delete(access_log).where(access_log.c.number == number)))

    assert not written.log.is_intact()


def test_a_row_added_by_hand_is_found_even_with_a_right_hash(written: Workplace) -> None:
    def forge(connection: Connection) -> None:
        last = connection.execute(select(access_log).order_by(access_log.c.number.desc()).limit(1)).one()
        entry = AccessEntry(written.clock.now(), "Kim", Role.PEER, "opened", "letter")
        values = {"at": entry.at, "pseudonym": "Kim", "role": "peer", "act": "opened", "kind": "letter"}
        connection.execute(insert(access_log).values(**values, previous=last.digest, digest=chained(last.digest, entry)))

    change(written, forge)

    assert not written.log.is_intact()


@pytest.mark.parametrize("act", [delete(access_log), delete(access_seal), update(access_seal).values(sealed=b"forged")])
def test_an_emptied_log_and_a_missing_or_forged_seal_are_found(act: object, written: Workplace) -> None:
    change(written, lambda c: c.execute(act))  # type: ignore[call-overload]

    assert not written.log.is_intact()


def test_what_was_found_once_is_still_found_after_the_next_entry(written: Workplace) -> None:
    last = numbers(written)[-1]
    change(written, lambda c: c.execute(delete(access_log).where(access_log.c.number == last)))

    written.log.append(AccessEntry(written.clock.now(), "Sam", Role.PEER, "opened", "letter"))

    assert not written.log.is_intact()


def test_a_log_from_before_the_seal_is_sealed_by_its_next_entry(written: Workplace) -> None:
    change(written, lambda c: c.execute(update(access_seal).values(key_id=None, sealed_key=None, sealed=None)))
    was_intact = written.log.is_intact()
    written.log.append(AccessEntry(written.clock.now(), "Sam", Role.PEER, "opened", "letter"))
    first = numbers(written)[0]

    change(written, lambda c: c.execute(delete(access_log).where(access_log.c.number == first)))

    assert was_intact
    assert not written.log.is_intact()


def test_retention_takes_the_oldest_rows_and_the_rest_stays_provable(written: Workplace) -> None:
    written.clock.advance(timedelta(days=400))
    written.log.append(AccessEntry(written.clock.now(), "Sam", Role.PEER, "opened", "letter"))

    assert written.log.forget_before(written.clock.now()) == ROWS

    assert written.log.is_intact()


def test_without_the_key_of_the_seal_nothing_is_vouched_for(written: Workplace) -> None:
    assert written.database is not None

    assert not SqlAccessLog(written.database, AesGcmBox((bytes(range(32)),))).is_intact()


def test_every_column_that_holds_a_sealed_key_is_rotated(on_database: Workplace) -> None:
    assert on_database.database is not None
    tables = {table for table in access_log.metadata.tables.values() if "sealed_key" in table.c}

    shelved = {shelf._table for shelf in key_shelves(on_database.database).values()}

    assert shelved == tables
    assert feedback in shelved


@pytest.mark.parametrize("kind", ["handovers", "feedback", "access_log"])
def test_a_data_key_is_replaced_only_while_it_is_the_old_one(kind: str, written: Workplace) -> None:
    assert written.database is not None
    written.handovers.request("I cannot sleep.", urgent=False, country=None, wish=Wish.UNSURE)
    key = written.box.new_key()
    written.feedback.add(FeedbackEntry("a", written.clock.now().date(), True, key, written.box.seal(key, "good", "feedback:a")))
    shelf = key_shelves(written.database)[kind]
    ref, before = shelf.sealed_otherwise("other", 10)[0]
    fresh = SealedKey("other", b"resealed")

    is_wrong_replaced = shelf.replace_key(ref, SealedKey("x", b"not the old one"), fresh)
    is_replaced = shelf.replace_key(ref, before, fresh)

    assert (is_wrong_replaced, is_replaced) == (False, True)
    assert shelf.sealed_otherwise("other", 10) == ()
