"""The fixtures give what they say: empty, real servers."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from tests.clock import ManualClock


@pytest.mark.parametrize("round", [1, 2])
def test_redis_is_empty_for_each_test(redis_client: Redis, round: int) -> None:
    assert redis_client.dbsize() == 0
    redis_client.set("left-over", round)


@pytest.mark.parametrize("round", [1, 2])
def test_record_is_empty_for_each_test(record_url: str, round: int) -> None:
    engine = create_engine(record_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_over (round INTEGER)"))
    engine.dispose()


def test_clock_moves_only_when_told(clock: ManualClock) -> None:
    before = clock()
    assert clock() == before
    assert (clock.advance(minutes=1) - before).total_seconds() == 60
