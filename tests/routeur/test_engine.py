"""Many short transactions at once: none is lost, a reader never waits, a failure leaves nothing behind."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url, text

from routeur.record.engine import Record, open_record, record_url
from tests.servers import PostgresServer


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    with record.write() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield record
    record.close()


def value(record: Record) -> int:
    with record.read() as connection:
        return int(connection.execute(text("SELECT n FROM counter")).scalar_one())


def test_writers_at_once_all_succeed(record: Record) -> None:
    def increment() -> None:
        for _ in range(20):
            with record.write() as connection:
                connection.execute(text("UPDATE counter SET n = n + 1"))

    threads = [threading.Thread(target=increment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(record) == 160


def test_a_reader_sees_the_last_commit_while_another_writes(record: Record) -> None:
    with record.write() as connection:
        connection.execute(text("UPDATE counter SET n = 7"))
        assert value(record) == 0
    assert value(record) == 7


def test_a_failed_block_leaves_nothing_behind_and_lets_others_write(record: Record) -> None:
    def fail() -> None:
        with record.write() as connection:
            connection.execute(text("UPDATE counter SET n = 7"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with record.write() as connection:
        connection.execute(text("UPDATE counter SET n = n + 1"))
    assert value(record) == 1


def test_sqlite_syncs_every_commit_and_holds_references(sqlite: str) -> None:
    record = open_record(sqlite)
    with record.read() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    record.close()
    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize("written", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_every_spelling_of_a_postgresql_url_means_psycopg(written: str) -> None:
    assert record_url(written).render_as_string(hide_password=False) == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://"])
def test_what_cannot_hold_a_record_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="record"):
        open_record(url)


def test_connections_that_postgresql_closed_are_replaced_unnoticed(
    postgres: str, postgres_process: PostgresServer
) -> None:
    record = open_record(postgres, trusted_seconds=0)
    with record.read() as first, record.read() as second:
        first.execute(text("SELECT 1"))
        second.execute(text("SELECT 1"))
    postgres_process.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'")
    for _ in range(3):
        with record.write() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    record.close()


WRITER_IN_A_HUB = """
import gevent.monkey
gevent.monkey.patch_all()
import sys, gevent
from sqlalchemy import text
from routeur.record.engine import open_record

def increment():
    with record.write() as connection:
        connection.execute(text("UPDATE counter SET n = n + 1"))

record = open_record(sys.argv[1])
writing = gevent.spawn(increment)
while not writing.ready():
    print("the others go on", flush=True)
    gevent.sleep(0.01)
writing.get()
print("written", flush=True)
"""


def test_who_waits_for_another_process_to_write_holds_up_nobody_in_their_own(sqlite: str) -> None:
    record = open_record(sqlite)
    with record.write() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    other = sqlite3.connect(str(make_url(sqlite).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    command = [sys.executable, "-c", WRITER_IN_A_HUB, sqlite]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert [writer.stdout.readline() for _ in range(30)] == ["the others go on\n"] * 30
        other.execute("COMMIT")
        assert writer.stdout.read().splitlines()[-1] == "written"
    other.close()
    assert value(record) == 1
    record.close()
