"""A town hall on each database, kept running from one scenario to the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Agent, Arrive
from tests.e2e.records import PostgresRecords, Records, SqliteRecords
from tests.e2e.town_hall import TownHall, town_hall
from tests.e2e.town_redis import TownRedis, town_redis
from tests.e2e.waiting import eventually

DATABASES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the scenarios by database, so that each group runs in one process, on one town hall."""
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
def records(database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Empty databases of this kind."""
    if database == "sqlite":
        return SqliteRecords(tmp_path_factory.mktemp("record"))
    return PostgresRecords(request.getfixturevalue("postgres_process"))


@pytest.fixture(scope="session")
def redis(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownRedis]:
    """The running town hall's Redis."""
    with town_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def running_town(records: Records, redis: TownRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownHall]:
    """A town hall on a Monday morning."""
    folder = tmp_path_factory.mktemp("town")
    with records.new() as record_url, town_hall(folder, record_url, redis_url=redis.url) as town:
        yield town


@pytest.fixture(scope="session")
def badges(running_town: TownHall) -> dict[str, Agent]:
    """The agents who have logged in before: logging in again and again would be refused."""
    return {}


@pytest.fixture
def arrive(running_town: TownHall, badges: dict[str, Agent]) -> Iterator[Arrive]:
    """Logs an agent in and sets their activity (by default `available`). At the end everybody goes home, and nothing is
    left for the next scenario."""

    def comes_in(login: str, activity: str | None = "available") -> Agent:
        if login not in badges:
            badges[login] = Agent.logs_in(running_town, login)
        if activity is not None:
            badges[login].is_now(activity)
        return badges[login]

    _leave_nobody_waiting(comes_in("camille.martin", None))  # who wrote in a scenario without agents
    yield comes_in
    for agent in badges.values():
        agent.is_now("offline")
    supervisor = comes_in("camille.martin", None)
    for contact in [*supervisor.contacts("active"), *supervisor.contacts("wrap_up")]:
        supervisor.request("POST", f"/contacts/{contact['id']}/finish", {})  # unless the router has just done so
    _leave_nobody_waiting(supervisor)


def _leave_nobody_waiting(agent: Agent) -> None:
    """Serve those whose letters and texts wait."""
    if not agent.contacts("waiting"):
        return
    agent.is_now("available")
    eventually(lambda: _serves_all(agent), "nobody waits any more")
    agent.is_now("offline")


def _serves_all(agent: Agent) -> bool:
    """Take what is offered and finish it; returns whether nobody is left."""
    for offer in agent.offers():
        contact = f"/contacts/{offer['contact']['id']}"
        if agent.request("POST", f"{contact}/accept").ok:
            agent.request("POST", f"{contact}/finish", {})
    return not agent.contacts("waiting") and not agent.offers()


@pytest.fixture
def town(running_town: TownHall) -> TownHall:
    """A town hall on a Monday morning, in which nobody is on shift yet."""
    return running_town
