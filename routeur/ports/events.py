"""The reader of the stream of events, one in each process, which serves every desk and chat page of it."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator
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

NOWHERE = "0-0"
"""An id before that of every event."""

Topic = tuple[str, str]

PASSING = frozenset({"typing", "signal", "draft"})
"""The kinds of event that leave the contact itself as it is."""
CONVERSATION = PASSING | {"message", "delivery"}
"""The kinds of event that leave what their agent can be offered as it is."""


def _about_agent(login: str) -> Topic:
    return ("agent", login)


def _about_contact(contact_id: str) -> Topic:
    return ("contact", contact_id)


ABOUT_STAFF: Topic = ("staff", "")
"""Whatever may change what any agent does, holds or can be offered."""
ABOUT_ALL: Topic = ("all", "")


class Subscription:
    """What one listener hears. Called with a time-out in seconds, it gives the next event, or None if none came."""

    def __init__(self, hub: EventHub, topics: set[Topic]) -> None:
        self.topics = topics
        self.mailbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._hub = hub
        self._seen: str | None = None

    def __call__(self, timeout: float) -> Event | None:
        while True:
            try:
                event = self.mailbox.get(timeout=timeout)
            except queue.Empty:
                return None
            if not event.id or self._seen is None or _order(event.id) > _order(self._seen):
                return event

    def missed(self, after: str) -> list[Event] | None:
        """What was to be heard since the event of this id, which is then not heard again; None if nobody can tell."""
        events = self._hub.since(after)
        if events is None:
            return None
        self._seen = events[-1].id if events else after
        return [event for event in events if not self.topics.isdisjoint(_topics(event))]

    def follow(self, contact_ids: Collection[str]) -> None:
        """Hear, besides what it was opened for, of these contacts and of no others."""
        self._hub.listen_to(self, {_about_contact(contact_id) for contact_id in contact_ids})


class EventHub:
    """Subscriptions to what happens to agents and contacts.

    The reader starts with the first subscription. `redis` must decode responses.
    """

    def __init__(self, redis: Redis, stream: str, *, block_ms: int = _BLOCK_MS) -> None:
        self._redis = redis
        self._stream = stream
        self._block_ms = block_ms
        self._lock = threading.Lock()
        self._listeners: dict[Topic, set[Subscription]] = defaultdict(set)
        self._followed: dict[Subscription, set[Topic]] = {}
        self._reader: threading.Thread | None = None
        self._position = NOWHERE
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop the reader, waiting until its present read ends."""
        self._closed.set()
        if self._reader is not None:
            self._reader.join()

    def subscriptions(self) -> int:
        """The number of open subscriptions in this process."""
        with self._lock:
            return len(self._followed)

    @property
    def position(self) -> str:
        """The id of an event up to which every subscription has been given all that it is to hear."""
        return self._position

    def newest(self) -> str:
        """The id of the newest event; NOWHERE where there is none or Redis does not answer."""
        return self._newest() or NOWHERE

    @contextmanager
    def subscribe(
        self, *, agent: str | None = None, contact: str | None = None, staff: bool = False, everything: bool = False
    ) -> Iterator[Subscription]:
        """Hear of one agent, of one contact, of what changes any agent (`staff`), or of everything, from now on."""
        opened_for = {
            *([_about_agent(agent)] if agent is not None else []),
            *([_about_contact(contact)] if contact is not None else []),
            *([ABOUT_STAFF] if staff else []),
            *([ABOUT_ALL] if everything else []),
        }
        subscription = Subscription(self, set(opened_for))
        with self._lock:
            self._followed[subscription] = set()
            for topic in opened_for:
                self._listeners[topic].add(subscription)
            if self._reader is None:
                position = self._newest()
                self._position = position or NOWHERE
                self._reader = threading.Thread(target=self._read, args=(position,), name="events", daemon=True)
                self._reader.start()
        try:
            yield subscription
        finally:
            with self._lock:
                del self._followed[subscription]
                for topic in subscription.topics:
                    self._forget(topic, subscription)

    def listen_to(self, subscription: Subscription, followed: set[Topic]) -> None:
        """Let the subscription hear of these topics in the place of those that it followed before."""
        with self._lock:
            before = self._followed[subscription]
            for topic in before - followed:
                self._forget(topic, subscription)
            for topic in followed - before:
                self._listeners[topic].add(subscription)
            subscription.topics = subscription.topics - before | followed
            self._followed[subscription] = followed

    def since(self, after: str) -> list[Event] | None:
        """All events after that of this id; None if they are no longer in the stream, or are too many.

        None also for an id that is yet to come: the stream has lost its end, as a replica may that took over.
        """
        try:
            oldest: Any = self._redis.xrange(self._stream, count=1)
            newest: Any = self._redis.xrevrange(self._stream, count=1)
            if not oldest or not _order(oldest[0][0]) <= _order(after) <= _order(newest[0][0]):
                return None
            entries: Any = self._redis.xrange(self._stream, min=f"({after}", count=_RESUMED_EVENTS)
        except (RedisError, ValueError):
            return None
        return [_event(entry) for entry in entries] if len(entries) < _RESUMED_EVENTS else None

    def _forget(self, topic: Topic, subscription: Subscription) -> None:
        self._listeners[topic].discard(subscription)
        if not self._listeners[topic]:
            del self._listeners[topic]

    def _newest(self) -> str | None:
        try:
            newest: Any = self._redis.xrevrange(self._stream, count=1)
        except (RedisError, OSError):
            return None
        return newest[0][0] if newest else NOWHERE

    def _read(self, last: str | None) -> None:
        while not self._closed.is_set():
            try:
                if last is None:
                    self._redis.ping()
                    last = self._newest()
                    self._to_everybody(RESET)
                    self._position = last or NOWHERE
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
                self._position = last

    def _deliver(self, event: Event) -> None:
        with self._lock:
            hearing = {one for topic in _topics(event) for one in self._listeners.get(topic, ())}
            for subscription in hearing:
                if subscription.mailbox.qsize() < _QUEUED_EVENTS:
                    subscription.mailbox.put(event)
                elif subscription.mailbox.qsize() == _QUEUED_EVENTS:
                    subscription.mailbox.put(RESET)

    def _to_everybody(self, event: Event) -> None:
        with self._lock:
            for subscription in self._followed:
                subscription.mailbox.put(event)


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


def _topics(event: Event) -> list[Topic]:
    topics = [ABOUT_ALL]
    if event.contact is not None:
        topics.append(_about_contact(event.contact))
    if event.agent is not None:
        topics.append(_about_agent(event.agent))
        if event.kind not in CONVERSATION:
            topics.append(ABOUT_STAFF)
    return topics


def later(one: str, other: str) -> str:
    """The later of two events' ids."""
    return max(one, other, key=_order)


def _order(event_id: str) -> tuple[int, int]:
    at, _, number = event_id.partition("-")
    return int(at), int(number or 0)
