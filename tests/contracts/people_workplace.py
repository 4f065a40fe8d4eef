"""A workplace in miniature: stores with the services on top, for the contract tests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from companion.adapters.crypto_box import AesGcmBox
from companion.adapters.in_memory import RecordingNotifier, SetClock
from companion.adapters.sql_access_log import SqlAccessLog
from companion.adapters.sql_duty import SqlDutyBook
from companion.adapters.sql_handover import SqlHandoverStore
from companion.adapters.sql_records import SqlFeedbackStore
from companion.adapters.sql_staff import SqlStaffDirectory
from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import metadata
from companion.models_duty import DutyRules
from companion.models_staff import Account, Caller, DutyStatus, Role, StaffMember
from companion.network.duty import DutyService
from companion.network.escalation import EscalationTimes
from companion.network.handovers import HandoverService
from companion.network.sweep import Sweeper
from companion.network.turns import Turns
from companion.ports_duty import DutyBook
from companion.ports_people import AccessLog, FeedbackStore, HandoverStore, StaffDirectory


@dataclass
class Workplace:
    """Hold one kind of store with the services on top."""

    store: HandoverStore
    staff: StaffDirectory
    feedback: FeedbackStore
    log: AccessLog
    book: DutyBook
    database: Database | None
    clock: SetClock
    notifier: RecordingNotifier
    handovers: HandoverService
    duty: DutyService
    sweeper: Sweeper
    box: AesGcmBox

    def peer(self, name: str = "Sam", *, status: DutyStatus = DutyStatus.ON_DUTY, trained: date | None = date(2026, 1, 1)) -> Caller:
        """Add a peer and return whom they speak as."""
        roles = frozenset({Role.PEER})
        member = StaffMember(secrets.token_hex(16), name.casefold(), name, roles, trained, status, self.clock.now())
        assert self.staff.add(Account(member, "no password"))
        return Caller(roles, member.id, name)


def workplace_on(
    database: Database,
    clock: SetClock | None = None,
    notifier: RecordingNotifier | None = None,
    box: AesGcmBox | None = None,
    *,
    empty: bool = True,
) -> Workplace:
    """Return a workplace on a database, emptied first unless told otherwise."""
    if empty:
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(text(f"DELETE FROM {table.name}"))
            connection.execute(text("INSERT INTO notice_health (id) VALUES ('notices')"))
            connection.execute(text("INSERT INTO access_seal (id) VALUES ('access log')"))
    box = box or AesGcmBox((secrets.token_bytes(32),))
    stores = SqlHandoverStore(database), SqlStaffDirectory(database), SqlFeedbackStore(database), SqlAccessLog(database, box)
    return workplace_of(*stores, SqlDutyBook(database), database, clock, notifier, box)


def workplace_of(
    store: HandoverStore,
    staff: StaffDirectory,
    feedback: FeedbackStore,
    log: AccessLog,
    book: DutyBook,
    database: Database | None,
    clock: SetClock | None = None,
    notifier: RecordingNotifier | None = None,
    box: AesGcmBox | None = None,
) -> Workplace:
    """Return the services on top of the given stores."""
    clock, notifier, times = clock or SetClock(), notifier or RecordingNotifier(), EscalationTimes()
    box = box or AesGcmBox((secrets.token_bytes(32),))
    turns = Turns(store, staff, book, DutyRules())
    sweeper = Sweeper(store, turns, log, notifier, clock, times)
    handovers = HandoverService(store, staff, box, log, clock, times, turns, sweeper.wake)
    duty = DutyService(store, staff, log, clock, times, turns, sweeper.wake)
    return Workplace(store, staff, feedback, log, book, database, clock, notifier, handovers, duty, sweeper, box)
