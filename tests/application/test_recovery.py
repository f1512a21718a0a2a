"""Voice messages left while the system was down are looked for once an hour, by one of all dispatchers."""

from __future__ import annotations

from redis import Redis
from rq import Queue

from application.processes.jobs import QUEUE
from application.processes.worker import recover_when_due


def test_the_search_is_queued_once_an_hour_whoever_asks(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        recover_when_due(redis, "recovered")
        recover_when_due(redis, "recovered")
        assert len(Queue(QUEUE, connection=redis)) == 1
        assert 0 < redis.ttl("recovered") <= 3600
        redis.delete("recovered")
        recover_when_due(redis, "recovered")
        assert len(Queue(QUEUE, connection=redis)) == 2
