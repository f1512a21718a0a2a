"""Limits how often strangers may ask; counted in Redis for all processes."""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

SUBSCRIBER_BITS = 64
"""How much of an IPv6 address names the subscriber; the rest is theirs to choose."""

AWAY_SECONDS = 30
"""The wait that is asked for while the storage does not answer and nothing may go on uncounted."""


class Throttle:
    """Counts what is asked under one name; in this process alone while the storage is away.

    With `strict` nothing goes on that cannot be counted for all processes: a lost Redis must not open the door to
    guessing. Without it people are never locked out by a lost Redis.
    """

    def __init__(self, name: str, storage: Storage, *, strict: bool = False) -> None:
        self._name = name
        self._strict = strict
        self._shared = FixedWindowRateLimiter(storage)
        self._local = FixedWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, limit: RateLimitItem, *who: str) -> int:
        """Count one more: 0 when it may go on, else the seconds after which to try again."""
        try:
            return self._count(self._shared, limit, who)
        except StorageError:
            if self._strict:
                log.warning("%s waits: the storage does not answer", self._name)
                return AWAY_SECONDS
            log.warning("%s is counted in this process only: the storage does not answer", self._name)
            return self._count(self._local, limit, who)

    def seconds_left(self, limit: RateLimitItem, *who: str) -> int:
        """The seconds until one more may go on, without counting it; 0 if it may go on now."""
        try:
            return self._left(self._shared, limit, who)
        except StorageError:
            return AWAY_SECONDS if self._strict else self._left(self._local, limit, who)

    def forget(self, limit: RateLimitItem, *who: str) -> None:
        """Begin to count from zero again, after a success."""
        self._local.clear(limit, self._name, *who)
        with suppress(StorageError):
            self._shared.clear(limit, self._name, *who)

    def _count(self, limiter: FixedWindowRateLimiter, limit: RateLimitItem, who: tuple[str, ...]) -> int:
        return 0 if limiter.hit(limit, self._name, *who) else self._rest(limiter, limit, who)

    def _left(self, limiter: FixedWindowRateLimiter, limit: RateLimitItem, who: tuple[str, ...]) -> int:
        return 0 if limiter.test(limit, self._name, *who) else self._rest(limiter, limit, who)

    def _rest(self, limiter: FixedWindowRateLimiter, limit: RateLimitItem, who: tuple[str, ...]) -> int:
        window = limiter.get_window_stats(limit, self._name, *who)
        return max(1, math.ceil(window.reset_time - time.time()))


def subscriber(address: str | None) -> str:
    """Names the subscriber behind an Internet address; empty where the text is not an address."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, SUBSCRIBER_BITS), strict=False))


def throttle_storage(url: str) -> Storage:
    """The storage at a Redis URL or `memory://`. A dead Redis is given up at once, not waited for."""
    if url.startswith("memory:"):
        return MemoryStorage(wrap_exceptions=True)
    patience: dict[str, object] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    if url.startswith("unix:"):
        url = f"redis+{url}"
    elif url.startswith("redis+sentinel:"):  # whose number of a database the library takes for part of the name
        parts = urlsplit(url)
        url = parts._replace(path="/" + parts.path.strip("/").partition("/")[0]).geturl()
    return storage_from_string(url, wrap_exceptions=True, **patience)  # type: ignore[arg-type,return-value]
