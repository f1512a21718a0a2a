"""Limits the streams open at once: each one costs its web process work at every event. Redis counts for all processes.

A place is held for a while and renewed as the stream goes on, so that those of a killed process come free by
themselves. While Redis is away each process counts its own: nobody is kept out by a lost Redis.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError

PER_ADDRESS = 200
"""The most streams of one address: a town hall, or a mobile network, may stand behind it."""

HELD_SECONDS = 60.0
RENEWED_SECONDS = 15.0
"""How long a place is held, and how old it grows before what the stream says renews it: at every heartbeat."""

_TAKE = """
for number, key in ipairs(KEYS) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[2])
    if redis.call('ZCARD', key) >= tonumber(ARGV[number + 4]) then
        return 0
    end
end
for _, key in ipairs(KEYS) do
    redis.call('ZADD', key, ARGV[3], ARGV[1])
    redis.call('PEXPIRE', key, ARGV[4])
end
return 1
"""
"""KEYS: the sets of places. ARGV: the place, now, its end, how long a set is kept (ms), then the most in each set."""


class NoPlace(Exception):
    """The limit of open streams is reached."""


class StreamPlaces:
    """Counts the open streams of all processes by whom they are for and where they come from. `now` is in seconds."""

    def __init__(self, redis: Redis, per_address: int = PER_ADDRESS, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._per_address = per_address
        self._now = now
        self._open_here: Counter[str] = Counter()

    def keep(self, listener: str, most: int, address: str, open_stream: Callable[[], Iterator[bytes]]) -> PlacedStream:
        """The stream, which has a place until it ends or is closed; `most` may be open for one listener.

        Raises NoPlace, before any work for the stream is done, and what `open_stream` raises. An address of this very
        machine is not counted: nobody outside has one.
        """
        counted = {_key("listener", listener): most}
        if address and not ip_address(address.partition("/")[0]).is_loopback:
            counted[_key("address", address)] = self._per_address
        if any(self._open_here[key] >= most for key, most in counted.items()):
            raise NoPlace
        place = _Place(uuid4().hex, tuple(counted), self._now())
        self._open_here.update(place.keys)
        try:
            self._take_everywhere(place, counted)
            return PlacedStream(open_stream(), lambda: self._renew(place), lambda: self._leave(place))
        except BaseException:
            self._leave(place)
            raise

    def _take_everywhere(self, place: _Place, counted: Mapping[str, int]) -> None:
        """Take the place in Redis. Raises NoPlace where all processes together have none left."""
        ends = place.renewed_at + HELD_SECONDS
        arguments: list[str | float] = [
            place.name,
            place.renewed_at,
            ends,
            round(HELD_SECONDS * 1000),
            *counted.values(),
        ]
        with suppress(RedisError):
            if not self._take(keys=list(counted), args=arguments):
                raise NoPlace

    def _renew(self, place: _Place) -> None:
        now = self._now()
        if now < place.renewed_at + RENEWED_SECONDS:
            return
        place.renewed_at = now
        with suppress(RedisError), self._redis.pipeline(transaction=False) as pipeline:
            for key in place.keys:
                pipeline.zadd(key, {place.name: now + HELD_SECONDS})
                pipeline.pexpire(key, round(HELD_SECONDS * 1000))
            pipeline.execute()

    def _leave(self, place: _Place) -> None:
        self._open_here.subtract(place.keys)
        self._open_here += Counter()  # forgets those of which none is left
        with suppress(RedisError), self._redis.pipeline(transaction=False) as pipeline:
            for key in place.keys:
                pipeline.zrem(key, place.name)
            pipeline.execute()


@dataclass
class _Place:
    """One place in several sets, as Redis knows it, and when it was taken or renewed."""

    name: str
    keys: tuple[str, ...]
    renewed_at: float


def _key(kind: str, name: str) -> str:
    """The set of the places of one listener or address; in the slot of a cluster in which all keys of ours are."""
    return f"{{routeur}}:streams:{kind}:{name}"


class PlacedStream(Iterator[bytes]):
    """A stream that renews its place as it goes on, and gives it up exactly once, also if nothing of it was read."""

    def __init__(self, stream: Iterator[bytes], renew: Callable[[], None], leave: Callable[[], None]) -> None:
        self._stream = stream
        self._renew = renew
        self._leave: Callable[[], None] | None = leave

    def __next__(self) -> bytes:
        try:
            said = next(self._stream)
        except BaseException:
            self._give_up()
            raise
        self._renew()
        return said

    def close(self) -> None:
        try:
            close = getattr(self._stream, "close", None)
            if close is not None:
                close()
        finally:
            self._give_up()

    def _give_up(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
