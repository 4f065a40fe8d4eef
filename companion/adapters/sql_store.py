"""The database behind all stores: engine, transactions, migrations, health. SQLite by default, PostgreSQL by `database_url`.

Nothing is opened at construction. The first transaction brings the schema up to date, so that a database that is down when the program
starts is used as soon as it is back.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from companion.errors import SettingsError, StoreUnavailable

BUSY_TIMEOUT_MS = 5000
"""Chosen by us: under this a waiting writer is slow, above it something is broken."""
MIGRATION_LOCK = 0x636F6D70
"""Advisory lock of PostgreSQL that lets one process migrate at a time; any fixed number of our own."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_migration_guard = threading.Lock()


class Database:
    """Hold the engine and hand out transactions. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Prepare the engine for a SQLAlchemy URL; `postgres://` and `postgresql://` mean psycopg 3.

        Raises: SettingsError for a URL that is malformed or names another kind of database.
        """
        self._url = _parsed(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self._url) if self.is_sqlite else _postgres_engine(self._url)
        self._is_current = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database. Raises: StoreUnavailable."""
        with self._transaction(is_writing=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are stored at the end, all or none. Raises: StoreUnavailable."""
        with self._transaction(is_writing=True) as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema up to date; safe to call again, and from two processes at once. Raises: StoreUnavailable."""
        with _migration_guard, _translated():
            if self._is_current:
                return
            with self._migration_lock(), self._engine.connect() as connection:
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
                    connection.commit()
                try:
                    self._upgrade(connection)
                finally:
                    if not self.is_sqlite:
                        connection.rollback()
                        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
                        connection.commit()
            self._is_current = True

    def check(self) -> str:
        """Return what database answers and its schema revision, for `companion doctor`. Raises: StoreUnavailable."""
        with self.read() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            if self.is_sqlite:
                intact = connection.execute(text("PRAGMA quick_check")).scalar_one()
                if intact != "ok":
                    raise StoreUnavailable("the SQLite file is damaged; restore it from a backup.")
                return f"SQLite {sqlite3.sqlite_version}, schema {revision}"
            version = connection.execute(text("SHOW server_version")).scalar_one()
            return f"PostgreSQL {version}, schema {revision}"

    def overwrite_deleted(self) -> bool:
        """Empty SQLite's write-ahead log, so that deleted bytes are gone from every file; PostgreSQL cleans up by VACUUM later.

        Returns False when they may still be there: on PostgreSQL, or when another process was reading for longer than a writer waits.
        """
        if not self.is_sqlite or self._is_in_memory:
            return self.is_sqlite
        with _translated(), self._engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            if raw is None:
                return False
            is_busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy

    def compact(self) -> bool:
        """Rewrite the SQLite file without any free space and empty its log; return False when that cannot be done now.

        PostgreSQL is only vacuumed: its write-ahead log and backups keep deleted bytes until they are recycled.
        """
        try:
            with _translated(), self._engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                if not self.is_sqlite:
                    connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
                    return False
                if raw is not None:
                    raw.cursor().execute("VACUUM")
        except StoreUnavailable:
            return False
        return self.overwrite_deleted()

    def back_up(self, target: Path) -> None:
        """Copy the SQLite database into a new file with mode 0600, while it is in use. What is sealed stays sealed.

        Raises: SettingsError on PostgreSQL, which brings pg_dump; StoreUnavailable when the file exists already or cannot be written.
        """
        if not self.is_sqlite:
            raise SettingsError("COMPANION_DATABASE_URL: back PostgreSQL up with pg_dump.")
        if not self._is_current:
            self.migrate()
        try:
            target.touch(mode=0o600, exist_ok=False)
            with _translated(), self._engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
                raw = connection.connection.dbapi_connection
                if isinstance(raw, sqlite3.Connection):
                    raw.backup(copy)
        except (OSError, sqlite3.Error) as exc:
            raise StoreUnavailable(f"{target.name} exists already or cannot be written; name a new file.") from exc

    def close(self) -> None:
        """Close all pooled connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, is_writing: bool) -> Iterator[Connection]:
        if not self._is_current:
            self.migrate()
        with _translated(), self._engine.connect().execution_options(companion_writes=is_writing) as connection, connection.begin():
            yield connection

    @property
    def _is_in_memory(self) -> bool:
        return self._url.database in {None, "", ":memory:"}

    @contextmanager
    def _migration_lock(self) -> Iterator[None]:
        """Let one process at a time migrate a SQLite file."""
        if not self.is_sqlite or self._is_in_memory:
            yield
            return
        path = Path(str(self._url.database))
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            with FileLock(f"{path}.migrating", timeout=60, mode=0o600):
                yield
        except (OSError, Timeout) as exc:
            raise StoreUnavailable("the folder of the database cannot be written; check COMPANION_STATE_DIR.") from exc

    def _upgrade(self, connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as exc:
            raise StoreUnavailable("the database was made by a newer Companion; start that version, or restore a backup.") from exc


@contextmanager
def _translated() -> Iterator[None]:
    """Turn every error of the database into ours; its own message could quote stored values."""
    try:
        yield
    except SQLAlchemyError as exc:
        raise StoreUnavailable(f"the database did not answer ({type(exc).__name__}); see `companion doctor`.") from None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as exc:
        raise SettingsError("COMPANION_DATABASE_URL: not a database URL, e.g. postgresql://user:password@host/companion") from exc
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise SettingsError("COMPANION_DATABASE_URL: only sqlite and postgresql are supported.")
    return parsed


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "companion"},
    )


def _sqlite_engine(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        engine = create_engine(url, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        connect_args = {"timeout": BUSY_TIMEOUT_MS / 1000}
        engine = create_engine(url, hide_parameters=True, pool_size=5, max_overflow=15, pool_timeout=5, connect_args=connect_args)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Set up a connection: survive power loss, wait for other writers, overwrite what is deleted."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once in a writing transaction, so that it cannot fail half way."""
    is_writing = connection.get_execution_options().get("companion_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
