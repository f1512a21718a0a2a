from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.clock import ManualClock
from tests.routeur.hall import Hall


@pytest.fixture
def hall(record_url: str, redis_client: Redis, clock: ManualClock) -> Iterator[Hall]:
    """A small town hall, once on each database."""
    built = Hall(record_url, redis_client, clock)
    yield built
    built.close()
