"""Clients of the Redis in use: one that reads text, for the router, and one that reads bytes, for the job queue."""

from __future__ import annotations

from redis import BlockingConnectionPool, Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

CONNECTIONS = 64
"""At most, per process and client; who needs one more waits a little."""


def text_client(url: str) -> Redis:
    """Answers are text. A Redis that is away is found out quickly: the record does not need it."""
    pool = BlockingConnectionPool.from_url(
        url,
        decode_responses=True,
        max_connections=CONNECTIONS,
        timeout=5,
        socket_timeout=5,
        socket_connect_timeout=1,
        retry=Retry(ConstantBackoff(0.05), 1),
    )
    return Redis.from_pool(pool)


def reader_client(url: str) -> Redis:
    """For the one reader of events, which blocks for seconds at a time. Answers are text."""
    return Redis.from_url(url, decode_responses=True, socket_timeout=15, socket_connect_timeout=1)


def queue_client(url: str) -> Redis:
    """For RQ, which reads bytes and blocks for as long as it likes."""
    return Redis.from_url(url, socket_connect_timeout=1, health_check_interval=30)
