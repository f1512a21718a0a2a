"""When the mailbox was last read through: left in Redis by the mailbox's process, for those who watch it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError

from routeur.index import Index


class MailboxSign:
    """The sign in Redis, which every process sees. `redis` must decode responses. While it is away there is no sign."""

    def __init__(self, redis: Redis, index: Index) -> None:
        self._redis = redis
        self._key = index.key("mailbox_read_at")

    def leave(self, now: datetime) -> None:
        """Say that the mailbox has just been read through."""
        with suppress(RedisError):
            self._redis.set(self._key, now.timestamp())

    def seconds_since(self, now: datetime) -> float | None:
        """None if nobody has left the sign."""
        with suppress(RedisError):
            left = self._redis.get(self._key)
            if left is not None:
                return now.timestamp() - float(str(left))
        return None
