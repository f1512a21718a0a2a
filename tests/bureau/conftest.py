"""The API in process, over the real router: a real Redis, a SQLite record, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.bureau.office import Office, open_office
from tests.clock import ManualClock


@pytest.fixture
def office(sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock) -> Iterator[Office]:
    """A town hall in demonstration mode."""
    with open_office(sqlite, redis_client, redis_url, clock) as office:
        yield office
