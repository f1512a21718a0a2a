"""Connections to the record: SQLite by default, PostgreSQL by its URL, used alike.

`Record.write()` is one transaction, committed when the block ends; `Record.read()` never waits for a writer.
Keep either short, and never open one inside the other.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError, OperationalError

BUSY_SECONDS = 10
"""How long a writer of SQLite waits for its turn."""

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.001, 0.05
"""The pauses between two attempts at a SQLite that another process has locked: each twice the one before."""

TRUSTED_SECONDS = 0.5
"""A connection to PostgreSQL used within this time is taken to be alive."""

PRIMARY_CODE = 0xFF
"""The part of an error code of SQLite that says what happened; the rest says where."""

_READING = "record_reading"


@dataclass(frozen=True)
class Record:
    """The database that holds every fact; made once per process and passed on."""

    engine: Engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with; on SQLite one consistent moment, on PostgreSQL one per statement."""
        options: dict[str, Any] = {_READING: True}
        if self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "AUTOCOMMIT"
        with self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def close(self) -> None:
        """Close the idle connections."""
        self.engine.dispose()


def record_url(url: str) -> URL:
    """The SQLAlchemy URL for the URL in the settings: `postgres://` and `postgresql://` mean psycopg 3.

    Raises ValueError for any other database than SQLite and PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        return parsed
    raise ValueError(f"the record lives in sqlite or postgresql, not in {parsed.drivername!r}")


def make_engine(
    url: str, *, pool_size: int = 10, max_overflow: int = 20, trusted_seconds: float = TRUSTED_SECONDS
) -> Engine:
    """An engine for `url`, tuned for many short transactions from many greenlets and processes."""
    parsed = record_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, pool_size=pool_size, max_overflow=max_overflow)
    engine = create_engine(
        parsed, pool_size=pool_size, max_overflow=max_overflow, pool_timeout=10, pool_recycle=1800, hide_parameters=True
    )
    _try_idle_connections(engine, trusted_seconds)
    return engine


def _try_idle_connections(engine: Engine, trusted_seconds: float) -> None:
    """Try a connection that was idle before using it, and replace it if PostgreSQL has closed it (a restart).

    SQLAlchemy's `pool_pre_ping` would try it at every use, which costs a busy process a trip each time.
    """

    def returned(_dbapi_connection: Any, entry: Any) -> None:
        entry.info["used"] = time.monotonic()

    def taken(dbapi_connection: Any, entry: Any, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("used", time.monotonic()) < trusted_seconds:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the pool opens another

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)


def open_record(
    url: str, *, pool_size: int = 10, max_overflow: int = 20, trusted_seconds: float = TRUSTED_SECONDS
) -> Record:
    """The record at `url`. No tables are created: migrations do that. Raises ValueError for an unusable URL."""
    engine = make_engine(url, pool_size=pool_size, max_overflow=max_overflow, trusted_seconds=trusted_seconds)
    return Record(engine)


def _sqlite_engine(url: URL, *, pool_size: int, max_overflow: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ValueError("the record needs a file: several processes share it")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": 0, "check_same_thread": False},
    )
    # SQLite has one writer. Inside a process the writers queue on this lock; between processes they try again after
    # a pause. Both let the other greenlets run. Waiting inside SQLite instead would block them all, the one that
    # holds the transaction included.
    writer = threading.Lock()

    def connected(dbapi_connection: Any, _record: Any) -> None:
        for pragma in ("busy_timeout=0", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            _patiently(partial(dbapi_connection.execute, f"PRAGMA {pragma}"))

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_READING):
            connection.exec_driver_sql("BEGIN")
            dbapi_connection: Any = connection.connection.dbapi_connection
            _patiently(partial(dbapi_connection.execute, "SELECT 1 FROM sqlite_schema LIMIT 1"))  # the moment to read
            return
        if not writer.acquire(timeout=BUSY_SECONDS):
            raise TimeoutError(f"no turn to write to the record within {BUSY_SECONDS} s")
        try:
            _patiently(partial(connection.exec_driver_sql, "BEGIN IMMEDIATE"))
        except BaseException:
            writer.release()
            raise
        connection.info["writing"] = True

    def end(connection: Connection) -> None:
        if connection.info.pop("writing", False):
            writer.release()

    def returned(_dbapi_connection: Any, connection_record: Any) -> None:
        if connection_record.info.pop("writing", False):
            writer.release()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)
    event.listen(engine, "checkin", returned)
    return engine


def _patiently(act: Callable[[], Any]) -> None:
    """Do what may find SQLite locked by another process, again and again until it is not. Raises what it raises."""
    deadline = time.monotonic() + BUSY_SECONDS
    pause_seconds = SHORTEST_PAUSE_SECONDS
    while True:
        try:
            act()
            return
        except (sqlite3.OperationalError, OperationalError) as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(pause_seconds)
        pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)


def _is_busy(error: sqlite3.OperationalError | OperationalError) -> bool:
    cause = error.orig if isinstance(error, OperationalError) else error
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
