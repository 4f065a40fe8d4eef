"""PostgreSQL is stopped as by a crash and started again while two people write: every message that was acknowledged is there, once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from own_postgres import OwnPostgres

from companion.adapters.in_memory import RecordingNotifier
from companion.bootstrap_people import People, open_people
from companion.errors import StoreUnavailable
from companion.models_people import Asker, HandoverState, PeerSeat, Wish
from companion.models_staff import Account, Caller, DutyStatus, Role, StaffMember
from companion.settings import load_settings

PATIENCE_S = 60


class Writer(threading.Thread):
    """Write as a page does: with a key of each message, tried again with the same key until it is acknowledged."""

    def __init__(self, people: People, side: Asker | PeerSeat, name: str) -> None:
        super().__init__(daemon=True)
        self.people, self.side, self.label = people, side, name
        self.acknowledged: list[str] = []
        self.refused = 0
        self.may_end = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.may_end.is_set():
            text = f"{self.label} {number}"
            try:
                self.people.handovers.post(self.side, text, client_key=text)
            except StoreUnavailable:
                self.refused += 1
                time.sleep(0.01)
                continue
            self.acknowledged.append(text)
            number += 1


@pytest.fixture
def people(stoppable_postgres: OwnPostgres, tmp_path: Path) -> Iterator[People]:
    people = open_people(load_settings(state_dir=tmp_path, database_url=stoppable_postgres.url), notifier=RecordingNotifier())
    yield people
    people.close()


def peer(people: People) -> Caller:
    roles = frozenset({Role.PEER})
    member = StaffMember("s" * 32, "sam", "Sam", roles, date.today(), DutyStatus.ON_DUTY, datetime.now(UTC))
    assert people.staff.directory.add(Account(member, "no password"))
    return Caller(roles, member.id, "Sam")


def wait_for(writers: tuple[Writer, ...], more: int) -> None:
    """Wait until each writer has had some more messages acknowledged."""
    wanted = [len(writer.acknowledged) + more for writer in writers]
    end = time.monotonic() + PATIENCE_S
    while any(len(writer.acknowledged) < number for writer, number in zip(writers, wanted, strict=True)):
        assert time.monotonic() < end, "nothing is acknowledged any more"
        time.sleep(0.01)


def test_every_acknowledged_message_is_there_once_after_the_database_crashed_twice(people: People, stoppable_postgres: OwnPostgres) -> None:
    asked = people.handovers.request("I would like to talk.", urgent=False, country=None, wish=Wish.UNSURE)
    seat = people.handovers.claim(peer(people), asked.handover_id)
    writers = (Writer(people, Asker(asked.token), "employee"), Writer(people, seat, "peer"))
    for writer in writers:
        writer.start()

    for _ in range(2):
        wait_for(writers, 20)
        stoppable_postgres.stop()
        stoppable_postgres.start(is_durable=True)
    wait_for(writers, 20)
    for writer in writers:
        writer.may_end.set()
        writer.join(PATIENCE_S)

    kept = [message.text for message in people.handovers.messages(Asker(asked.token))]
    assert len(kept) == len(set(kept))
    for writer in writers:
        assert [text for text in kept if text.startswith(writer.label)][: len(writer.acknowledged)] == writer.acknowledged
        assert writer.refused > 0
    assert people.handovers.status(Asker(asked.token)).state is HandoverState.ACTIVE
