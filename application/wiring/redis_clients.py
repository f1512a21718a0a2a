"""The clients of Redis: for the router, for its reader of events, and for the job queue."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis import BlockingConnectionPool, Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

MOST_CONNECTIONS = 64
"""Per process and client; a caller who needs one more waits a little."""

NO_PATIENCE = Retry(ConstantBackoff(0), 0)
SENTINEL = "redis+sentinel"


def text_client(url: str) -> Redis:
    """The router's client, with answers as text. It gives up quickly on a Redis that is away: the record needs none."""
    patience = {"socket_timeout": 5, "socket_connect_timeout": 1, "retry": Retry(ConstantBackoff(0.05), 1)}
    if urlsplit(url).scheme == SENTINEL:
        return _master(url, decode_responses=True, **patience)
    pool = BlockingConnectionPool.from_url(
        url, decode_responses=True, max_connections=MOST_CONNECTIONS, timeout=5, **patience
    )
    return Redis.from_pool(pool)


def reader_client(url: str) -> Redis:
    """The client of the one reader of events, which blocks for seconds at a time. Answers are text."""
    return _client(url, decode_responses=True, socket_timeout=15, socket_connect_timeout=1)


def queue_client(url: str) -> Redis:
    """RQ's client: RQ reads bytes and blocks for as long as it likes."""
    return _client(url, socket_connect_timeout=1, health_check_interval=30)


def _client(url: str, **options: Any) -> Redis:
    if urlsplit(url).scheme == SENTINEL:
        return _master(url, **options)
    return Redis.from_url(url, **options)


def _master(url: str, **options: Any) -> Redis:
    """A client of the present master behind `redis+sentinel://user:password@host1:26379,host2:26379/service/0`."""
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    sentinels = [(host.rpartition(":")[0], int(host.rpartition(":")[2])) for host in hosts.split(",")]
    service, _, database = parts.path.strip("/").partition("/")
    login = {"username": unquote(user) or None, "password": unquote(password) or None}
    finder = Sentinel(sentinels, sentinel_kwargs={"socket_timeout": 1, "retry": NO_PATIENCE})  # type: ignore[no-untyped-call]
    master: Redis = finder.master_for(service, db=int(database or 0), **login, **options)  # type: ignore[no-untyped-call]
    return master
