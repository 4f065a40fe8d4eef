"""How hand-overs, messages and notices stand in rows of the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from companion.models_people import (
    Act,
    Audience,
    Author,
    Handover,
    HandoverEvent,
    HandoverState,
    Notice,
    PassTo,
    Presence,
    StoredMessage,
    Wish,
)
from companion.models_staff import Role, SealedKey


def handover_row(handover: Handover) -> dict[str, Any]:
    """Return the columns that acts may change, with those fixed at the start."""
    return {
        "id": handover.id,
        "state": handover.state,
        "version": handover.version,
        "urgent": handover.urgent,
        "country": handover.country,
        "wish": handover.wish,
        "asked_at": handover.asked_at,
        "state_since": handover.state_since,
        "waiting_since": handover.waiting_since,
        "due_at": handover.due_at,
        "key_id": handover.sealed_key.key_id,
        "sealed_key": handover.sealed_key.sealed,
        "sealed_letter": handover.sealed_letter,
        "reminders": handover.reminders,
        "peer_id": handover.peer_id,
        "notified_at": handover.notified_at,
        "acknowledged_at": handover.acknowledged_at,
        "closed_at": handover.closed_at,
        "offered_to": handover.offered_to,
        "offered_until": handover.offered_until,
        "pass_asked": handover.pass_asked,
        "avoid_unit": handover.avoid_unit,
        "language": handover.language,
        "for_coordinator": handover.for_coordinator,
    }


def presence_row(handover: Handover) -> dict[str, Any]:
    """Return the columns that messages and heartbeats change."""
    return {"last_seq": handover.last_seq, **side_row("employee", handover.employee), **side_row("peer", handover.peer)}


def side_row(side: str, presence: Presence) -> dict[str, Any]:
    """Return the presence columns of one side, "employee" or "peer"."""
    return {
        f"{side}_seen_at": presence.seen_at,
        f"{side}_typing_at": presence.typing_at,
        f"{side}_wrote_at": presence.wrote_at,
        f"{side}_read_seq": presence.read_seq,
    }


def to_handover(row: Row[Any]) -> Handover:
    """Return the hand-over of a row."""
    return Handover(
        id=row.id,
        state=HandoverState(row.state),
        version=row.version,
        urgent=row.urgent,
        country=row.country,
        wish=Wish(row.wish),
        asked_at=row.asked_at,
        state_since=row.state_since,
        waiting_since=row.waiting_since,
        due_at=row.due_at,
        sealed_key=SealedKey(row.key_id, row.sealed_key),
        sealed_letter=row.sealed_letter,
        reminders=row.reminders,
        peer_id=row.peer_id,
        notified_at=row.notified_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        last_seq=row.last_seq,
        employee=Presence(row.employee_seen_at, row.employee_typing_at, row.employee_wrote_at, row.employee_read_seq),
        peer=Presence(row.peer_seen_at, row.peer_typing_at, row.peer_wrote_at, row.peer_read_seq),
        offered_to=row.offered_to,
        offered_until=row.offered_until,
        pass_asked=PassTo(row.pass_asked) if row.pass_asked else None,
        avoid_unit=row.avoid_unit,
        language=row.language,
        for_coordinator=row.for_coordinator,
    )


def message_row(message: StoredMessage) -> dict[str, Any]:
    """Return the columns of a message."""
    return {
        "handover_id": message.handover_id,
        "seq": message.seq,
        "author": message.author,
        "client_key": message.client_key,
        "sent_at": message.sent_at,
        "sealed_text": message.sealed_text,
    }


def to_message(row: Row[Any]) -> StoredMessage:
    """Return the message of a row."""
    return StoredMessage(row.handover_id, row.seq, Author(row.author), row.client_key, row.sent_at, row.sealed_text)


def to_event(row: Row[Any]) -> HandoverEvent:
    """Return the event of a row."""
    return HandoverEvent(row.version, Act(row.act), HandoverState(row.state), row.at, Role(row.actor) if row.actor else None)


def notice_row(notice: Notice) -> dict[str, Any]:
    """Return the columns of a notice that still has to be sent."""
    return {
        "key": notice.key,
        "handover_id": notice.handover_id,
        "audience": notice.audience,
        "urgent": notice.urgent,
        "due_at": notice.due_at,
        "attempts": notice.attempts,
        "is_settled": False,
    }


def to_notice(row: Row[Any]) -> Notice:
    """Return the notice of a row."""
    return Notice(row.key, row.handover_id, Audience(row.audience), row.urgent, row.due_at, row.attempts)
