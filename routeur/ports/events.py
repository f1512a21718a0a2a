"""The reader of the stream of events, one in each process, which serves every desk and chat page of it."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_BLOCK_MS = 5_000
_QUEUED_EVENTS = 1_000
"""A subscriber with more unread events than this gets a `reset` instead."""
_RESUMED_EVENTS = 10_000


@dataclass(frozen=True)
class Event:
    """Something that happened. The kind `reset` means that events may be missing: read the record."""

    id: str
    kind: str
    contact: str | None
    agent: str | None
    data: dict[str, str]


RESET = Event("", "reset", None, None, {})

Mailbox = queue.SimpleQueue[Event]


class EventHub:
    """Subscriptions to what happens to one agent or one contact.

    The reader starts with the first subscription. `redis` must decode responses.
    """

    def __init__(self, redis: Redis, stream: str, *, block_ms: int = _BLOCK_MS) -> None:
        self._redis = redis
        self._stream = stream
        self._block_ms = block_ms
        self._lock = threading.Lock()
        self._mailboxes: dict[tuple[str, str], set[Mailbox]] = defaultdict(set)
        self._reader: threading.Thread | None = None
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop the reader, waiting until its present read ends."""
        self._closed.set()
        if self._reader is not None:
            self._reader.join()

    def subscriptions(self) -> int:
        """The number of open subscriptions in this process."""
        with self._lock:
            return sum(map(len, self._mailboxes.values()))

    @contextmanager
    def subscribe(
        self, *, agent: str | None = None, contact: str | None = None, after: str | None = None
    ) -> Iterator[Callable[[float], Event | None]]:
        """Yield `next_event(timeout_seconds)`, which returns None when nothing happened in time.

        With `after` (an event's id) the events since then come first, or a `reset` if they are no longer in the stream.
        """
        topic = ("agent", agent) if agent is not None else ("contact", contact or "")
        mailbox: Mailbox = queue.SimpleQueue()
        with self._lock:
            self._mailboxes[topic].add(mailbox)
            if self._reader is None:
                position = self._newest()
                self._reader = threading.Thread(target=self._read, args=(position,), name="events", daemon=True)
                self._reader.start()
        missed = self._since(topic, after) if after is not None else []
        seen = (missed[-1].id or None) if missed else after

        def next_event(timeout: float) -> Event | None:
            if missed:
                return missed.pop(0)
            while True:
                try:
                    event = mailbox.get(timeout=timeout)
                except queue.Empty:
                    return None
                if not event.id or seen is None or _order(event.id) > _order(seen):
                    return event

        try:
            yield next_event
        finally:
            with self._lock:
                self._mailboxes[topic].discard(mailbox)
                if not self._mailboxes[topic]:
                    del self._mailboxes[topic]

    def _since(self, topic: tuple[str, str], after: str) -> list[Event]:
        try:
            oldest: Any = self._redis.xrange(self._stream, count=1)
            if not oldest or _order(oldest[0][0]) > _order(after):
                return [RESET]
            entries: Any = self._redis.xrange(self._stream, min=f"({after}", count=_RESUMED_EVENTS)
        except (RedisError, ValueError):
            return [RESET]
        if len(entries) == _RESUMED_EVENTS:
            return [RESET]
        return [event for event in map(_event, entries) if topic in _topics(event)]

    def _newest(self) -> str | None:
        try:
            newest: Any = self._redis.xrevrange(self._stream, count=1)
        except (RedisError, OSError):
            return None
        return newest[0][0] if newest else "0-0"

    def _read(self, last: str | None) -> None:
        while not self._closed.is_set():
            try:
                if last is None:
                    self._redis.ping()
                    last = self._newest()
                    self._to_everybody(RESET)
                    continue
                answer: Any = self._redis.xread({self._stream: last}, block=self._block_ms, count=1000)
            except (RedisError, OSError) as error:
                log.warning("events_unreadable", error=type(error).__name__)
                last = None
                self._closed.wait(0.5)
                continue
            for entry in entries_of(answer):
                last = entry[0]
                self._deliver(_event(entry))

    def _deliver(self, event: Event) -> None:
        with self._lock:
            for topic in _topics(event):
                for mailbox in self._mailboxes.get(topic, ()):
                    if mailbox.qsize() < _QUEUED_EVENTS:
                        mailbox.put(event)
                    elif mailbox.qsize() == _QUEUED_EVENTS:
                        mailbox.put(RESET)

    def _to_everybody(self, event: Event) -> None:
        with self._lock:
            for mailboxes in self._mailboxes.values():
                for mailbox in mailboxes:
                    mailbox.put(event)


def entries_of(answer: Any) -> list[tuple[str, dict[str, str]]]:
    """The entries (id, fields) in the answer to XREAD or XREADGROUP on one stream, over RESP2 or RESP3."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [entry for parts in answer.values() for part in parts for entry in part]
    return [entry for _, batch in answer for entry in batch]


def _event(entry: tuple[str, dict[str, str]]) -> Event:
    event_id, fields = entry
    data = {name: value for name, value in fields.items() if name not in ("kind", "contact", "agent")}
    return Event(event_id, fields["kind"], fields["contact"] or None, fields["agent"] or None, data)


def _topics(event: Event) -> list[tuple[str, str]]:
    topics = [("agent", event.agent), ("contact", event.contact)]
    return [(kind, name) for kind, name in topics if name is not None]


def _order(event_id: str) -> tuple[int, int]:
    at, _, number = event_id.partition("-")
    return int(at), int(number or 0)
