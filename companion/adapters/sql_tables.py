"""The tables of the database, for SQLite and PostgreSQL alike. `migrations/` makes them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Store a moment in UTC and give it back timezone-aware, also from SQLite, which forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, without zone for SQLite. Raises: ValueError for a moment without time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment, timezone-aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

_ID = String(32)
_HASH = String(64)

handovers = Table(
    "handovers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("token_hash", _HASH, nullable=False, unique=True),
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
    Column("peer_id", _ID),
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
    Column("offered_to", _ID),
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
    return Column("handover_id", _ID, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, primary_key=primary_key)


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
    Column("peer_id", _ID, primary_key=True),
)

handover_offers = Table(
    "handover_offers",
    metadata,
    _of_handover(primary_key=True),
    Column("peer_id", _ID, primary_key=True),
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
    Column("id", _ID, primary_key=True),
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
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", _HASH, primary_key=True),
    Column("staff_id", _ID, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("is_revoked", Boolean, nullable=False),
    Index("ix_staff_sessions_staff_id", "staff_id"),
)

staff_identities = Table(
    "staff_identities",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("staff_id", _ID, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
)
"""Which account an outside sign-in belongs to; the code is a hash, so that the identity itself is not kept."""

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("name_hash", _HASH, primary_key=True),
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
    Column("id", _ID, primary_key=True),
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
    Column("ref", _ID),
    Column("previous", _HASH, nullable=False),
    Column("digest", _HASH, nullable=False),
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
    Column("staff_id", _ID, primary_key=True),
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
    Column("place", _HASH, primary_key=True),
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
    Column("id", _ID, primary_key=True),
    Column("key_id", String(16)),
    Column("sealed_key", LargeBinary),
    Column("sealed", LargeBinary),
)
"""One row: where the access log begins and ends, sealed with the server key."""

group_registers = Table(
    "group_registers",
    metadata,
    Column("group_key", String(80), primary_key=True),
    Column("version", Integer, nullable=False),
)
"""One row a group; its version goes up with every change of who is in it, so that two changes never mix."""

group_memberships = Table(
    "group_memberships",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("group_key", String(80), nullable=False),
    Column("token_hash", _HASH, nullable=False, unique=True),
    Column("pseudonym", String(40), nullable=False),
    Column("standing", String(10), nullable=False),
    Column("until", Date, nullable=False),
    Column("place", Integer),
    Column("offered_until", Date),
    Index("ix_group_memberships_group_key", "group_key"),
    Index("ix_group_memberships_until", "until"),
    sqlite_with_rowid=False,
)
"""Who is in a group under which pseudonym; nothing leads to a chat, and without row ids not even the order of joining is kept."""

group_leaders = Table(
    "group_leaders",
    metadata,
    Column("group_key", String(80), primary_key=True),
    Column("staff_id", _ID, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Date, nullable=False),
    Index("ix_group_leaders_staff_id", "staff_id"),
)

group_meetings = Table(
    "group_meetings",
    metadata,
    Column("group_key", String(80), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("attendance", Integer, nullable=False),
)
"""How many came, by day; never who."""

group_taps = Table(
    "group_taps",
    metadata,
    Column("group_key", String(80), primary_key=True),
    Column("quarter", String(7), primary_key=True),
    Column("question", String(20), primary_key=True),
    Column("yes", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("yes_at_five", Integer, nullable=False),
    Column("total_at_five", Integer, nullable=False),
    Column("yes_at_ten", Integer, nullable=False),
    Column("total_at_ten", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Counts of taps after meetings. What is shown are the counts at the last full step, so that no single answer can be told by subtraction."""

training_passes = Table(
    "training_passes",
    metadata,
    Column("staff_id", _ID, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("module_id", String(60), primary_key=True),
    Column("passed_on", Date, nullable=False),
)
"""Which module of the course a member passed, by day; no answers, no tries, nothing of a practice."""

help_cards = Table(
    "help_cards",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What helped a member, names hidden, until a coordinator has read it; no group, no member, no day."""

group_counts = Table(
    "group_counts",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("ref", String(80), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Thanks by group, and groups that people would like by topic: numbers of a month, nothing about who."""
