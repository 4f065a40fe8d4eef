"""The tables of the database, for SQLite and PostgreSQL alike. `migrations/` makes them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from companion.adapters.sql_schema import HASH, ID, UtcDateTime, metadata
from companion.adapters.sql_tables_groups import (
    group_counts,
    group_leaders,
    group_meetings,
    group_memberships,
    group_registers,
    group_taps,
    help_cards,
    mentoring_pairs,
    mentoring_people,
    pair_channels,
    pair_messages,
)

__all__ = (
    "access_log",
    "access_seal",
    "feedback",
    "gap_counts",
    "group_counts",
    "group_leaders",
    "group_meetings",
    "group_memberships",
    "group_registers",
    "group_taps",
    "handover_events",
    "handover_exclusions",
    "handover_offers",
    "handovers",
    "help_cards",
    "kept_chats",
    "knowledge_drafts",
    "knowledge_versions",
    "mentoring_pairs",
    "mentoring_people",
    "messages",
    "metadata",
    "notices",
    "pair_channels",
    "pair_messages",
    "referral_counts",
    "sign_in_attempts",
    "staff",
    "staff_identities",
    "staff_sessions",
    "training_passes",
)
"""Every table, also those that stand in a module of their own, so that the metadata is whole whichever is asked for."""

handovers = Table(
    "handovers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("country", String(2)),
    Column("wish", String(20), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state_since", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("sealed_letter", LargeBinary, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("peer_id", ID),
    Column("notified_at", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("last_seq", Integer, nullable=False),
    Column("employee_seen_at", UtcDateTime),
    Column("employee_typing_at", UtcDateTime),
    Column("employee_wrote_at", UtcDateTime),
    Column("employee_read_seq", Integer, nullable=False),
    Column("peer_seen_at", UtcDateTime),
    Column("peer_typing_at", UtcDateTime),
    Column("peer_wrote_at", UtcDateTime),
    Column("peer_read_seq", Integer, nullable=False),
    Column("offered_to", ID),
    Column("offered_until", UtcDateTime),
    Column("pass_asked", String(20)),
    Column("avoid_unit", String(120)),
    Column("language", String(2)),
    Column("for_coordinator", Boolean, nullable=False, server_default=false()),
    Index("ix_handovers_due_at", "due_at"),
    Index("ix_handovers_state", "state"),
    Index("ix_handovers_peer_id", "peer_id"),
)


def _of_handover(primary_key: bool = False) -> Column[str]:
    return Column("handover_id", ID, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, primary_key=primary_key)


messages = Table(
    "messages",
    metadata,
    _of_handover(primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("author", String(10), nullable=False),
    Column("client_key", String(64), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    UniqueConstraint("handover_id", "author", "client_key", name="uq_messages_client_key"),
)

handover_events = Table(
    "handover_events",
    metadata,
    _of_handover(primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("act", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(20)),
)

handover_exclusions = Table(
    "handover_exclusions",
    metadata,
    _of_handover(primary_key=True),
    Column("peer_id", ID, primary_key=True),
)

handover_offers = Table(
    "handover_offers",
    metadata,
    _of_handover(primary_key=True),
    Column("peer_id", ID, primary_key=True),
)

notices = Table(
    "notices",
    metadata,
    Column("key", String(80), primary_key=True),
    _of_handover(),
    Column("audience", String(20), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Index("ix_notices_due", "is_settled", "due_at"),
    Index("ix_notices_handover_id", "handover_id"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", ID, primary_key=True),
    Column("username", String(120), nullable=False, unique=True),
    Column("pseudonym", String(120), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("trained_since", Date),
    Column("status", String(20), nullable=False),
    Column("status_since", UtcDateTime, nullable=False),
    Column("is_suspended", Boolean, nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("trained_until", Date),
    Column("seen_at", UtcDateTime),
    Column("unit", String(120)),
    Column("languages", String(120), nullable=False, server_default="en"),
    Column("one_time_until", UtcDateTime),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", HASH, primary_key=True),
    Column("staff_id", ID, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("is_revoked", Boolean, nullable=False),
    Index("ix_staff_sessions_staff_id", "staff_id"),
)

staff_identities = Table(
    "staff_identities",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("staff_id", ID, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
)
"""Which account an outside sign-in belongs to; the code is a hash, so that the identity itself is not kept."""

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("name_hash", HASH, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

referral_counts = Table(
    "referral_counts",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many chats were pointed to crisis lines or other doors; nothing finer than the year."""

feedback = Table(
    "feedback",
    metadata,
    Column("id", ID, primary_key=True),
    Column("day", Date, nullable=False),
    Column("is_useful", Boolean, nullable=False),
    Column("key_id", String(16)),
    Column("sealed_key", LargeBinary),
    Column("sealed_comment", LargeBinary),
    Index("ix_feedback_day", "day"),
    sqlite_with_rowid=False,
)
"""Without row ids, since they would keep the order in which entries came."""

access_log = Table(
    "access_log",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("pseudonym", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("act", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("ref", ID),
    Column("previous", HASH, nullable=False),
    Column("digest", HASH, nullable=False),
    Index("ix_access_log_ref", "ref"),
    Index("ix_access_log_at", "at"),
)

knowledge_versions = Table(
    "knowledge_versions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("path", String(300), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(120), nullable=False),
    Column("act", String(20), nullable=False),
    Column("note", String(500), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_knowledge_versions_path", "path", "number"),
)

knowledge_drafts = Table(
    "knowledge_drafts",
    metadata,
    Column("path", String(300), primary_key=True),
    Column("staff_id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("based_on", Text, nullable=False),
    Column("text", Text, nullable=False),
)

gap_counts = Table(
    "gap_counts",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("topic", String(60), primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How often a topic was asked and not covered; no time finer than the month, nothing about who asked."""

kept_chats = Table(
    "kept_chats",
    metadata,
    Column("place", HASH, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Index("ix_kept_chats_expires_on", "expires_on"),
    sqlite_with_rowid=False,
)
"""What employees keep under a return code; without row ids, since they would keep the order in which chats were kept."""

access_seal = Table(
    "access_seal",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key_id", String(16)),
    Column("sealed_key", LargeBinary),
    Column("sealed", LargeBinary),
)
"""One row: where the access log begins and ends, sealed with the server key."""

training_passes = Table(
    "training_passes",
    metadata,
    Column("staff_id", ID, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("module_id", String(60), primary_key=True),
    Column("passed_on", Date, nullable=False),
)
"""Which module of the course a member passed, by day; no answers, no tries, nothing of a practice."""
