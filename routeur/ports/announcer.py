"""Telling the desks and the visitors' pages, at once, what has just been committed."""

from __future__ import annotations

from datetime import datetime

import structlog
from redis import Redis
from redis.exceptions import RedisError

from routeur.clock import milliseconds

log = structlog.get_logger(__name__)

STREAM_EVENTS = 100_000


class Announcer:
    """Writes to the stream of events. What cannot be told now is found in the record by whoever looks next."""

    def __init__(self, redis: Redis, stream: str) -> None:
        self._redis = redis
        self._stream = stream

    def tell(
        self, kind: str, at: datetime, contact: str | None = None, agent: str | None = None, **data: str | int
    ) -> None:
        fields: dict[str, str | int] = {
            "kind": kind,
            "contact": contact or "",
            "agent": agent or "",
            "at": milliseconds(at),
            **data,
        }
        try:
            self._redis.xadd(self._stream, fields, maxlen=STREAM_EVENTS, approximate=True)  # type: ignore[arg-type]
        except RedisError as error:
            log.warning("event_not_told", kind=kind, error=type(error).__name__)
