"""How often one may try to log in."""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

KEY = "log-in"

PER_LOGIN = parse("10/minute")
"""Wrong passwords in a row, for one login from one address."""

PER_ADDRESS = parse("300/minute")
"""For one address, whatever the logins: a whole town hall may stand behind it."""


class LogInThrottle:
    """Counts attempts, in Redis where all processes see them; in this process alone while Redis is away.

    A lost Redis must neither lock people out nor open the door to guessing.
    """

    def __init__(self, storage: Storage) -> None:
        self._shared = FixedWindowRateLimiter(storage)
        self._local = FixedWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, login: str, address: str) -> int:
        """Count one attempt: 0 when it may go on, else the seconds after which to try again."""
        try:
            return _count(self._shared, login, address)
        except StorageError:
            log.warning("log-in attempts are counted in this process only: their storage does not answer")
            return _count(self._local, login, address)

    def forget(self, login: str, address: str) -> None:
        """The password was right: what came before was forgetfulness."""
        self._local.clear(PER_LOGIN, KEY, login, address)
        with suppress(StorageError):
            self._shared.clear(PER_LOGIN, KEY, login, address)


def throttle_storage(url: str) -> Storage:
    """Where attempts are counted: a Redis URL, or `memory://`. A dead Redis is given up at once, not waited for."""
    if url.startswith("memory:"):
        return MemoryStorage(wrap_exceptions=True)
    patience: dict[str, object] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    if url.startswith("unix:"):
        url = f"redis+{url}"
    return storage_from_string(url, wrap_exceptions=True, **patience)  # type: ignore[arg-type,return-value]


def _count(limiter: FixedWindowRateLimiter, login: str, address: str) -> int:
    return max(_hit(limiter, PER_LOGIN, login, address), _hit(limiter, PER_ADDRESS, address))


def _hit(limiter: FixedWindowRateLimiter, limit: RateLimitItem, *identifiers: str) -> int:
    if limiter.hit(limit, KEY, *identifiers):
        return 0
    window = limiter.get_window_stats(limit, KEY, *identifiers)
    return max(1, math.ceil(window.reset_time - time.time()))
