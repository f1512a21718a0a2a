"""Telling the desks and the usagers' chat pages at once what has just been committed."""

from __future__ import annotations

from datetime import datetime

import structlog
from redis import Redis
from redis.exceptions import RedisError

from routeur.clock import milliseconds

log = structlog.get_logger(__name__)

STREAM_EVENTS = 100_000


class Announcer:
    """Writes to the stream of events. If Redis is away the event is lost, and readers find the fact in the record."""

    def __init__(self, redis: Redis, stream: str) -> None:
        self._redis = redis
        self._stream = stream

    def tell(
        self, kind: str, at: datetime, contact: str | None = None, agent: str | None = None, **data: str | int
    ) -> None:
        """Write an event of this kind about a contact, an agent, or both."""
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
