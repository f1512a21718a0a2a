"""The records of the scenarios: empty databases of one kind, which can fail."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import psutil

from routeur.record.engine import TRUSTED_SECONDS
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually
from tests.servers import PostgresServer


class Records(Protocol):
    """Databases of one kind."""

    def new(self) -> AbstractContextManager[str]:
        """The URL of an empty database, which lasts until the end of the block."""

    def broken(self, town: TownHall) -> AbstractContextManager[None]:
        """Let every write of this town hall fail until the end of the block."""


class SqliteRecords:
    """SQLite files. They fail as files do: the disk is full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    @contextmanager
    def new(self) -> Iterator[str]:
        self._made += 1
        yield f"sqlite:///{self._folder / f'record-{self._made}.db'}"

    @contextmanager
    def broken(self, town: TownHall) -> Iterator[None]:
        writers = [process for kind in ("web", "worker", "dispatcher") for process in town.processes(kind)]
        before = [_largest_file(process, 0) for process in writers]
        try:
            yield
        finally:
            for process, limit in zip(writers, before, strict=True):
                _largest_file(process, limit)


def _largest_file(process: psutil.Process, size: int) -> int:
    """Let the process write no file beyond this size from now on; returns the limit that it had."""
    before, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))
    return before


class PostgresRecords:
    """Databases of one server, which refuses every connection to one of them."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def new(self) -> AbstractContextManager[str]:
        return self._server.database()

    @contextmanager
    def broken(self, town: TownHall) -> Iterator[None]:
        name = urlsplit(town.environment["DATABASE_URL"]).path.removeprefix("/")
        self._server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            self._server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            broken_since = time.monotonic()
            yield
            # A server that comes back was away for longer than its clients trust a connection that they just used.
            eventually(lambda: time.monotonic() - broken_since > TRUSTED_SECONDS, "the clients have noticed")
        finally:
            self._server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
