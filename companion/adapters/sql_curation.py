"""Versions and drafts of knowledge files, and counts of gaps, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from companion.adapters.sql_store import Database
from companion.adapters.sql_tables import gap_counts, knowledge_drafts, knowledge_versions
from companion.models_curation import Act, KnowledgeDraft, KnowledgeVersion


class SqlVersionStore:
    """Keep versions and drafts in SQLite or PostgreSQL; fulfils `VersionStore`."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, version: KnowledgeVersion) -> None:
        """Store a version after all others."""
        row = {
            "path": version.path,
            "at": version.at,
            "by": version.by,
            "act": version.act.value,
            "note": version.note[:500],
            "text": version.text,
        }
        with self._database.write() as connection:
            connection.execute(insert(knowledge_versions).values(row))

    def versions(self, path: str) -> tuple[KnowledgeVersion, ...]:
        """Return all versions of a file, newest first."""
        query = select(knowledge_versions).where(knowledge_versions.c.path == path).order_by(knowledge_versions.c.number.desc())
        with self._database.read() as connection:
            return tuple(_version(row) for row in connection.execute(query))

    def latest(self) -> Mapping[str, KnowledgeVersion]:
        """Return the newest version of every file that has one, by path."""
        newest = select(func.max(knowledge_versions.c.number)).group_by(knowledge_versions.c.path)
        query = select(knowledge_versions).where(knowledge_versions.c.number.in_(newest))
        with self._database.read() as connection:
            return {row.path: _version(row) for row in connection.execute(query)}

    def keep_draft(self, draft: KnowledgeDraft) -> None:
        """Store a draft in place of the same person's earlier one of that file."""
        row = {"path": draft.path, "staff_id": draft.staff_id, "at": draft.at, "based_on": draft.based_on, "text": draft.text}
        with self._database.write() as connection:
            connection.execute(delete(knowledge_drafts).where(*_of(draft.path, draft.staff_id)))
            connection.execute(insert(knowledge_drafts).values(row))

    def draft(self, path: str, staff_id: str) -> KnowledgeDraft | None:
        """Return a person's draft of a file, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(knowledge_drafts).where(*_of(path, staff_id))).one_or_none()
        return _draft(row) if row else None

    def drafts(self, staff_id: str) -> tuple[KnowledgeDraft, ...]:
        """Return all drafts of a person, newest first."""
        query = select(knowledge_drafts).where(knowledge_drafts.c.staff_id == staff_id).order_by(knowledge_drafts.c.at.desc())
        with self._database.read() as connection:
            return tuple(_draft(row) for row in connection.execute(query))

    def drop_draft(self, path: str, staff_id: str) -> None:
        """Forget a draft."""
        with self._database.write() as connection:
            connection.execute(delete(knowledge_drafts).where(*_of(path, staff_id)))


class SqlGapCounts:
    """Count gaps in SQLite or PostgreSQL; fulfils `GapCounts`."""

    def __init__(self, database: Database) -> None:
        """Use a database that others may share."""
        self._database = database

    def add(self, month: str, topic: str) -> None:
        """Count one question."""
        make = sqlite.insert if self._database.is_sqlite else postgresql.insert
        first = make(gap_counts).values(month=month, topic=topic, count=0).on_conflict_do_nothing()
        more = update(gap_counts).where(gap_counts.c.month == month, gap_counts.c.topic == topic).values(count=gap_counts.c["count"] + 1)
        with self._database.write() as connection:
            connection.execute(first)
            connection.execute(more)

    def counts(self, month: str) -> Mapping[str, int]:
        """Return topic → count of a month."""
        query = select(gap_counts.c.topic, gap_counts.c["count"]).where(gap_counts.c.month == month)
        with self._database.read() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}

    def months(self) -> tuple[str, ...]:
        """Return the months that have counts, newest first."""
        query = select(gap_counts.c.month).distinct().order_by(gap_counts.c.month.desc())
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())


def _of(path: str, staff_id: str) -> tuple[Any, Any]:
    return knowledge_drafts.c.path == path, knowledge_drafts.c.staff_id == staff_id


def _version(row: Row[Any]) -> KnowledgeVersion:
    return KnowledgeVersion(row.path, row.at, row.by, Act(row.act), row.note, row.text, row.number)


def _draft(row: Row[Any]) -> KnowledgeDraft:
    return KnowledgeDraft(row.path, row.staff_id, row.at, row.based_on, row.text)
