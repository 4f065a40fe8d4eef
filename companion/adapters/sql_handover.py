"""Hand-overs in the database. Every act is one conditional UPDATE with its event and notices, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from companion.adapters.sql_handover_rows import (
    handover_row,
    message_row,
    notice_row,
    presence_row,
    side_row,
    to_event,
    to_handover,
    to_message,
)
from companion.adapters.sql_outbox import SqlOutbox
from companion.adapters.sql_tables import (
    handover_events,
    handover_exclusions,
    handover_offers,
    handovers,
    messages,
    notices,
    staff,
    staff_sessions,
)
from companion.adapters.sql_tables_duty import peer_records
from companion.errors import NotFound
from companion.models_duty import ClaimLimit, PeerDeed
from companion.models_people import Act, Author, Change, Handover, HandoverEvent, Notice, StoredMessage
from companion.models_staff import DutyChange, DutyStatus, Role

_UNCLAIMED = ("requested", "notified", "offered", "requeued", "fallback_shown")
_HELD = ("claimed", "active")
_FIXED = frozenset({"id", "key_id", "sealed_key", "sealed_letter"})


class SqlHandoverStore(SqlOutbox):
    """Keep hand-overs in SQLite or PostgreSQL."""

    def add(self, handover: Handover, token_hash: str, new_notices: Sequence[Notice]) -> bool:
        """Store a new hand-over with its first event and notices; False when the token is known already."""
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(insert(handovers).values(token_hash=token_hash, **handover_row(handover), **presence_row(handover)))
            except IntegrityError:
                return False
            _add_event(connection, handover, Act.REQUEST, handover.asked_at, Role.EMPLOYEE)
            _add_notices(connection, new_notices)
        return True

    def get(self, handover_id: str) -> Handover:
        """Return one hand-over. Raises: NotFound."""
        return self._one(handovers.c.id == handover_id, f"hand-over {handover_id} does not exist.")

    def get_by_token(self, token_hash: str) -> Handover:
        """Return the hand-over of an employee's token. Raises: NotFound."""
        return self._one(handovers.c.token_hash == token_hash, "no hand-over belongs to this token.")

    def apply(self, changes: Sequence[Change], duty: DutyChange | None = None) -> bool:
        """Store all changes, or none when any hand-over has moved on."""
        with self._database.write() as connection:
            if not all(_apply_one(connection, change) for change in changes):
                connection.rollback()
                return False
            if duty is not None:
                _set_duty(connection, duty)
        return True

    def add_message(self, message: StoredMessage, expected: Handover, change: Change | None = None) -> StoredMessage | None:
        """Store a message under the next number; the known one for a resend; None when the hand-over has moved on."""
        with self._database.write() as connection:
            seq = _next_seq(connection, message, expected)
            if seq is None:
                connection.rollback()
                return None
            known = _message_of_key(connection, message)
            if known is not None:
                connection.rollback()
                return known
            if change is not None and not _apply_one(connection, change):
                connection.rollback()
                return None
            stored = replace(message, seq=seq)
            connection.execute(insert(messages).values(message_row(stored)))
        return stored

    def messages(self, handover_id: str, after: int) -> tuple[StoredMessage, ...]:
        """Return messages with a number above `after`, oldest first."""
        query = select(messages).where(messages.c.handover_id == handover_id, messages.c.seq > after).order_by(messages.c.seq)
        with self._database.read() as connection:
            return tuple(to_message(row) for row in connection.execute(query))

    def touch(self, handover_id: str, author: Author, *, seen_at: datetime, typing_at: datetime | None, read_seq: int | None) -> None:
        """Note that one side is there; None leaves a value as it is."""
        values: dict[str, Any] = {f"{author}_seen_at": seen_at}
        if typing_at is not None:
            values[f"{author}_typing_at"] = typing_at
        if read_seq is not None:
            known = handovers.c[f"{author}_read_seq"]
            values[f"{author}_read_seq"] = case((known < read_seq, read_seq), else_=known)
        with self._database.write() as connection:
            connection.execute(update(handovers).where(handovers.c.id == handover_id).values(values))

    def waiting(self) -> tuple[Handover, ...]:
        """Return hand-overs that nobody holds: urgent first, then oldest first."""
        return self._many(handovers.c.state.in_(_UNCLAIMED), handovers.c.urgent.desc(), handovers.c.asked_at)

    def held_by(self, peer_id: str) -> tuple[Handover, ...]:
        """Return claimed and active hand-overs of one peer, oldest first."""
        return self._many(and_(handovers.c.peer_id == peer_id, handovers.c.state.in_(_HELD)), handovers.c.asked_at)

    def excluded_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it must not go again."""
        return self._peers_in(handover_exclusions, handover_id)

    def offered_peers(self, handover_id: str) -> frozenset[str]:
        """Return the peers to whom it was offered."""
        return self._peers_in(handover_offers, handover_id)

    def held_counts(self) -> Mapping[str, int]:
        """Return how many claimed and active hand-overs each peer holds."""
        query = select(handovers.c.peer_id, func.count()).where(handovers.c.state.in_(_HELD)).group_by(handovers.c.peer_id)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query) if row[0] is not None}

    def due(self, now: datetime, limit: int) -> tuple[Handover, ...]:
        """Return at most `limit` hand-overs with due_at ≤ now, most overdue first."""
        return self._many(handovers.c.due_at <= now, handovers.c.due_at, limit=limit)

    def history(self, handover_id: str) -> tuple[HandoverEvent, ...]:
        """Return the acts on it, oldest first."""
        table = handover_events
        query = select(table).where(table.c.handover_id == handover_id).order_by(table.c.version)
        with self._database.read() as connection:
            return tuple(to_event(row) for row in connection.execute(query))

    def erase(self, handover_ids: Sequence[str]) -> int:
        """Delete hand-overs with all that belongs to them; on SQLite their bytes are overwritten, in the log too."""
        with self._database.write() as connection:
            for table in (messages, handover_events, handover_exclusions, handover_offers, notices):
                connection.execute(delete(table).where(table.c.handover_id.in_(handover_ids)))
            count = connection.execute(delete(handovers).where(handovers.c.id.in_(handover_ids))).rowcount
        self._database.overwrite_deleted()
        return count

    def _peers_in(self, table: Table, handover_id: str) -> frozenset[str]:
        with self._database.read() as connection:
            return frozenset(connection.execute(select(table.c.peer_id).where(table.c.handover_id == handover_id)).scalars())

    def _one(self, condition: ColumnElement[bool], problem: str) -> Handover:
        with self._database.read() as connection:
            row = connection.execute(select(handovers).where(condition)).one_or_none()
        if row is None:
            raise NotFound(problem)
        return to_handover(row)

    def _many(self, condition: ColumnElement[bool], *order: ColumnElement[Any], limit: int | None = None) -> tuple[Handover, ...]:
        query = select(handovers).where(condition).order_by(*order, handovers.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(to_handover(row) for row in connection.execute(query))


# --- steps inside one transaction ----------------------------------------------------------------------------------


def _apply_one(connection: Connection, change: Change) -> bool:
    """Store one change if the row still has the state and version it was decided on."""
    before, after = change.before, change.after
    is_same = and_(handovers.c.id == before.id, handovers.c.state == before.state, handovers.c.version == before.version)
    values = {name: value for name, value in handover_row(after).items() if name not in _FIXED}
    if before.peer_id != after.peer_id:
        values |= side_row("peer", after.peer)
    if change.limit is not None and not _is_within(connection, change.limit):
        return False
    if connection.execute(update(handovers).where(is_same).values(values)).rowcount != 1:
        return False
    if change.act is not Act.WATCH:
        _add_event(connection, after, change.act, change.at, change.actor)
    if change.excluded_peer is not None:
        _note_peer(connection, handover_exclusions, after.id, change.excluded_peer)
    if change.act is Act.OFFER and after.offered_to is not None:
        _note_peer(connection, handover_offers, after.id, after.offered_to)
    if change.record is not None:
        record = change.record
        connection.execute(insert(peer_records).values(staff_id=record.staff_id, deed=record.deed, at=record.at))
    _add_notices(connection, change.notices)
    return True


def _next_seq(connection: Connection, message: StoredMessage, expected: Handover) -> int | None:
    """Lock the hand-over's row and return the next number; None when it has left the expected state or peer."""
    is_same = and_(
        handovers.c.id == message.handover_id,
        handovers.c.state == expected.state,
        handovers.c.peer_id.is_not_distinct_from(expected.peer_id),
    )
    values = {"last_seq": handovers.c.last_seq + 1, f"{message.author}_wrote_at": message.sent_at}
    statement = update(handovers).where(is_same).values(values).returning(handovers.c.last_seq)
    seq: int | None = connection.execute(statement).scalar_one_or_none()
    return seq


def _message_of_key(connection: Connection, message: StoredMessage) -> StoredMessage | None:
    is_resend = and_(
        messages.c.handover_id == message.handover_id,
        messages.c.author == message.author,
        messages.c.client_key == message.client_key,
    )
    row = connection.execute(select(messages).where(is_resend)).one_or_none()
    return None if row is None else to_message(row)


def _add_event(connection: Connection, handover: Handover, act: Act, at: datetime, actor: Role | None) -> None:
    row = {"handover_id": handover.id, "version": handover.version, "act": act, "state": handover.state, "at": at, "actor": actor}
    connection.execute(insert(handover_events).values(row))


def _note_peer(connection: Connection, table: Table, handover_id: str, peer_id: str) -> None:
    is_known = and_(table.c.handover_id == handover_id, table.c.peer_id == peer_id)
    if connection.execute(select(func.count()).select_from(table).where(is_known)).scalar_one() == 0:
        connection.execute(insert(table).values(handover_id=handover_id, peer_id=peer_id))


def _is_within(connection: Connection, limit: ClaimLimit) -> bool:
    """Lock the peer's account and tell whether one more talk is within its limit; parallel claims of one peer come one after another."""
    member = connection.execute(select(staff).where(staff.c.id == limit.peer_id).with_for_update()).one_or_none()
    if member is None or member.is_suspended or member.status != DutyStatus.ON_DUTY or member.status_since <= limit.on_duty_since:
        return False
    is_held = and_(handovers.c.peer_id == limit.peer_id, handovers.c.state.in_(_HELD))
    records = peer_records.c
    is_taken = and_(records.staff_id == limit.peer_id, records.deed == PeerDeed.CLAIMED, records.at > limit.since)
    is_taxing = and_(
        records.staff_id == limit.peer_id, records.deed.in_((PeerDeed.HEAVY, PeerDeed.ENDED_URGENT)), records.at > limit.rested_since
    )
    return (
        _count(connection, handovers, is_held) < limit.max_held
        and _count(connection, peer_records, is_taken) < limit.max_taken
        and _count(connection, peer_records, is_taxing) == 0
    )


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()


def _add_notices(connection: Connection, new_notices: Sequence[Notice]) -> None:
    for notice in new_notices:
        connection.execute(insert(notices).values(notice_row(notice)))


def _set_duty(connection: Connection, duty: DutyChange) -> None:
    values: dict[str, Any] = {"status": duty.status, "status_since": duty.at}
    if duty.is_suspended is not None:
        values["is_suspended"] = duty.is_suspended
    connection.execute(update(staff).where(staff.c.id == duty.staff_id).values(values))
    if duty.is_suspended:
        connection.execute(update(staff_sessions).where(staff_sessions.c.staff_id == duty.staff_id).values(is_revoked=True))
