"""What passes: who is typing, how far each side has read, whether the visitor is there. Redis alone knows it.

Nothing depends on it: while Redis is away nobody is told, and what it forgets is said again soon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

from routeur.clock import milliseconds
from routeur.ports.announcer import Announcer

log = structlog.get_logger(__name__)

PRESENT_FOR = timedelta(seconds=40)
"""How long a visitor counts as there after their page was last seen to listen; it is seen every 15 seconds."""
KEPT_SECONDS = 24 * 3600
TYPING, SIGNAL = "typing", "signal"
"""The kinds of events: somebody types; anything else of these has changed."""


class Side(StrEnum):
    """Who a signal is of: the usager, or the town hall."""

    USAGER = "usager"
    AGENT = "agent"


@dataclass(frozen=True)
class ContactSignals:
    """What is known of a contact: the position up to which each side has read (0: nothing), and who is there."""

    read_by_usager: int = 0
    read_by_agent: int = 0
    usager_present: bool = False


class Signals:
    """Keeps and announces what passes. `redis` must decode responses."""

    def __init__(self, redis: Redis, announcer: Announcer) -> None:
        self._redis: Any = redis
        self._announcer = announcer

    def typing(self, contact_id: str, side: Side, now: datetime) -> None:
        """This side is typing; it is to be said again every few seconds."""
        self._announcer.tell(TYPING, now, contact_id, by=side.value)

    def read_up_to(self, contact_id: str, side: Side, position: int, now: datetime) -> None:
        """This side has read the messages up to this position."""
        with _redis_may_be_away():
            before = int(self._redis.hget(_key(contact_id), side.value) or 0)
            if position <= before:
                return
            self._keep(contact_id, side.value, position)
            self._announcer.tell(SIGNAL, now, contact_id)

    def usager_is_here(self, contact_id: str, now: datetime) -> None:
        """The usager's page is listening; it is to be said again while it does."""
        with _redis_may_be_away():
            before = _present(self._redis.hget(_key(contact_id), "here_until"), now)
            self._keep(contact_id, "here_until", milliseconds(now + PRESENT_FOR))
            if not before:
                self._announcer.tell(SIGNAL, now, contact_id)

    def usager_is_gone(self, contact_id: str, now: datetime) -> None:
        """The usager's page listens no longer; another of theirs says so itself within seconds."""
        with _redis_may_be_away():
            if self._redis.hdel(_key(contact_id), "here_until"):
                self._announcer.tell(SIGNAL, now, contact_id)

    def is_here(self, contact_id: str, now: datetime) -> bool:
        """Whether the usager's page listens."""
        return self.of([contact_id], now)[contact_id].usager_present

    def of(self, contact_ids: Collection[str], now: datetime) -> Mapping[str, ContactSignals]:
        """What is known of each of these contacts."""
        known = dict.fromkeys(contact_ids, ContactSignals())
        if not known:
            return known
        with _redis_may_be_away():
            pipe = self._redis.pipeline(transaction=False)
            for contact_id in known:
                pipe.hgetall(_key(contact_id))
            for contact_id, kept in zip(known, pipe.execute(), strict=True):
                known[contact_id] = ContactSignals(
                    read_by_usager=int(kept.get(Side.USAGER, 0)),
                    read_by_agent=int(kept.get(Side.AGENT, 0)),
                    usager_present=_present(kept.get("here_until"), now),
                )
        return known

    def _keep(self, contact_id: str, name: str, value: int) -> None:
        pipe = self._redis.pipeline(transaction=False)
        pipe.hset(_key(contact_id), name, value)
        pipe.expire(_key(contact_id), KEPT_SECONDS)
        pipe.execute()


def _present(here_until_ms: str | None, now: datetime) -> bool:
    return here_until_ms is not None and int(here_until_ms) > milliseconds(now)


def _key(contact_id: str) -> str:
    """In the slot of a cluster in which all keys of ours are."""
    return f"{{routeur}}:signals:{contact_id}"


@contextmanager
def _redis_may_be_away() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        log.warning("signal_lost", error=type(error).__name__)
