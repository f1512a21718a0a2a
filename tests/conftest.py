"""Fixtures that every test may use: real servers (one of each per xdist worker) and a clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from competences.recognition.examples import shipped_corpus
from competences.recognition.model import TopicModel
from routeur.topics.model_files import make_model, read_model
from tests.clock import ManualClock
from tests.servers import PostgresServer, RedisServer, postgres_server, redis_server

# Learned once for all tests, and kept for the next time.
os.environ.setdefault("TOPIC_MODELS", str(Path("var/topics").resolve()))


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    """This worker's redis-server, not emptied. Most tests want `redis_url` or `redis_client`."""
    with redis_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_process: RedisServer) -> str:
    """The URL of an empty Redis."""
    with Redis.from_url(redis_process.url) as client:
        client.flushall()
    return redis_process.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    """A client of an empty Redis; answers are text."""
    with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture(scope="session")
def postgres_process() -> Iterator[PostgresServer]:
    """This worker's PostgreSQL. Most tests want `postgres` or `record_url`."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_process: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with postgres_process.database() as url:
        yield url


@pytest.fixture(scope="session")
def topic_model() -> TopicModel:
    """The model by which the software recognises topics."""
    return read_model(make_model(Path(os.environ["TOPIC_MODELS"]), shipped_corpus()))


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'record.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty record, once on each database; for end-to-end scenarios."""
    fixture = "sqlite" if request.param == "sqlite" else "postgres"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def clock() -> ManualClock:
    """A clock at a Monday morning, moved by the test alone."""
    return ManualClock()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have counted (`record_property("figures", "...")`), also of those that passed."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "figures":
                    terminalreporter.section(report.nodeid)
                    terminalreporter.write_line(str(value))
