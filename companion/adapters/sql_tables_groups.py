"""The tables of groups that meet and of mentoring; what staff and hand-overs need stands in `sql_tables`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from companion.adapters.sql_schema import HASH, ID, UtcDateTime, metadata

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
    Column("id", ID, primary_key=True),
    Column("group_key", String(80), nullable=False),
    Column("token_hash", HASH, nullable=False, unique=True),
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
    Column("staff_id", ID, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
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

help_cards = Table(
    "help_cards",
    metadata,
    Column("id", ID, primary_key=True),
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

mentoring_people = Table(
    "mentoring_people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("side", String(10), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("goals", String(200), nullable=False),
    Column("is_looking", Boolean, nullable=False),
    Column("until", Date, nullable=False),
    sqlite_with_rowid=False,
)
"""Who would like to mentor or be mentored, under which pseudonym; nothing leads to a chat or a group."""

mentoring_pairs = Table(
    "mentoring_pairs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("mentor_id", ID, nullable=False),
    Column("mentee_id", ID, nullable=False),
    Column("state", String(10), nullable=False),
    Column("mentor_sessions", Integer),
    Column("mentee_sessions", Integer),
    Column("offered_until", Date, nullable=False),
    Column("held", Integer, nullable=False),
    Column("last_held", Date),
    Column("is_checked", Boolean, nullable=False),
    Column("checked_by", String(10)),
    sqlite_with_rowid=False,
)
"""Two people offered to each other. An answer is the number of sessions somebody wishes; 0 is a no, which the other never learns."""

pair_channels = Table(
    "pair_channels",
    metadata,
    Column("id", ID, ForeignKey("mentoring_pairs.id", ondelete="CASCADE"), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("erase_on", Date),
    sqlite_with_rowid=False,
)
"""The channel of a mentoring pair, with its own sealed key; it goes with the pair."""

pair_messages = Table(
    "pair_messages",
    metadata,
    Column("pair_id", ID, ForeignKey("pair_channels.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("side", String(10), nullable=False),
    Column("client_key", String(64), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    UniqueConstraint("pair_id", "side", "client_key", name="uq_pair_messages_client_key"),
    sqlite_with_rowid=False,
)
"""What the two write to one another, sealed."""
