"""The database: opened by one process, read by all threads, written by one at a time.

`reading()` and `writing()` are transactions. SQLite's own locks would make a second writer sleep and
try again; a lock of this process in front of them lets it wait its turn.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from hookassay.mockserver.engine.errors import CannotRun, Refused
from hookassay.mockserver.engine.store.tables import metadata
from hookassay.mockserver.engine.texts import Told

REVISION = "0002"
"""The form of the database that this code reads and writes: the newest step in `migrations/versions`."""

KNOWN = ("0001", "0002")
"""Every form there has been, oldest first."""

_OLDEST_SQLITE = (3, 35, 0)
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",  # survives a killed process; only a power cut may lose the last moments
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
    "PRAGMA wal_autocheckpoint=4000",  # each checkpoint waits for the disk
)


class Database:
    """One SQLite file. Raises CannotRun when it cannot be opened: locked, newer, not a database, no place."""

    def __init__(self, path: Path | None) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if path is None:
            # A temporary file, not SQLite's memory: readers and the writer do not wait for one another (WAL).
            self._temporary = tempfile.TemporaryDirectory(prefix="hookassay-")
            path = Path(self._temporary.name) / "serve.sqlite3"
        self.path = path
        self._writer = threading.RLock()
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise CannotRun(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
        _prepare(path)
        self._lock = _locked(path.with_suffix(".lock"))
        try:
            self._engine = _engine(path)
            # One connection writes everything: what it has cached stays right, for nobody else changes the file.
            self._own = self._engine.connect().execution_options(writing=True)
            self._upgrade()
        except (OperationalError, DatabaseError) as error:
            self._lock.close()
            raise CannotRun(f"{path}: {_reason(error)}") from error
        except BaseException:
            self._lock.close()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view, of this moment."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, all of it or nothing. Raises Refused(disk-full)."""
        with self._writer:
            try:
                with self._own.begin():
                    yield self._own
            except OperationalError as error:
                if "full" in str(error.orig):
                    raise Refused("disk-full", Told("disk-full", file=self.path.name)) from error
                raise

    def close(self) -> None:
        """Give the file and its lock back."""
        self._own.close()
        self._engine.dispose()
        self._lock.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _upgrade(self) -> None:
        """Bring an older database to today's form, the file copied first; a new one gets it at once."""
        with self.writing() as connection:
            tables = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
            if not tables:
                metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": REVISION})
                return
            if "alembic_version" not in tables:
                raise CannotRun(f"{self.path}: a database of something else; name another file with --state")
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version == REVISION:
            return
        if version not in KNOWN:
            raise CannotRun(f"{self.path}: from a newer version of hookassay (its form is {version}); update hookassay")
        self._copy(f"{self.path.name}.{version}")
        self._migrate()

    def _copy(self, name: str) -> None:
        with (
            contextlib.closing(sqlite3.connect(self.path)) as source,
            contextlib.closing(sqlite3.connect(self.path.with_name(name))) as copy,
        ):
            source.backup(copy)

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "hookassay.mockserver.engine.store:migrations")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _prepare(path: Path) -> None:
    """Make the file, and the folder if need be, for the user's eyes alone: secrets stand in it."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
            (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise CannotRun(f"{path}: the state cannot be kept there: {error.strerror}") from error


def _locked(path: Path) -> sqlite3.Connection:
    """The lock that only one process can hold, and that ends with it: SQLite's own, on a file beside the state."""
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if "locked" in str(error):
            text = f"{path.parent}: another hookassay serve works with this state; stop it, or use --state PATH"
            raise CannotRun(text) from error
        raise CannotRun(f"{path}: {error}") from error
    return connection


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=8,
        max_overflow=-1,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # Python's sqlite3 would begin late: two that read first and then write would fail, whatever the timeout.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _reason(error: DatabaseError) -> str:
    text = str(error.orig)
    if "not a database" in text or "malformed" in text:
        return f"{text}; name another file with --state, or take this one away"
    return text
