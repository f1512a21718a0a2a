"""A town hall on each database, kept running from one scenario to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Agent
from tests.e2e.town_hall import TownHall, town_hall
from tests.e2e.town_redis import TownRedis, town_redis
from tests.servers import PostgresServer

DATABASES = ("sqlite", "postgresql")
ARRIVE = Callable[..., Agent]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All scenarios on one database run in one process, on the town hall that it keeps."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            database = item.callspec.params.get("database")
            if database is not None:
                item.add_marker(pytest.mark.xdist_group(f"e2e-{database}"))


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The database that the scenario runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def session_record_url(
    database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty record for all scenarios on this database."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_process")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def redis(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownRedis]:
    """The running town hall's Redis."""
    with town_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def running_town(
    session_record_url: str, redis: TownRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TownHall]:
    """A town hall on a Monday morning."""
    with town_hall(tmp_path_factory.mktemp("town"), session_record_url, redis_url=redis.url) as town:
        yield town


@pytest.fixture
def arrive(running_town: TownHall) -> Iterator[Callable[..., Agent]]:
    """Logs agents in, at a given activity (`available` unless said otherwise); they all go home at the end."""
    present: list[Agent] = []

    def comes_in(login: str, activity: str | None = "available") -> Agent:
        agent = Agent.logs_in(running_town, login)
        present.append(agent)
        if activity is not None:
            agent.is_now(activity)
        return agent

    yield comes_in
    for agent in present:
        agent.is_now("offline")


@pytest.fixture
def town(running_town: TownHall) -> TownHall:
    """A town hall on a Monday morning, in which nobody is on shift yet."""
    return running_town
