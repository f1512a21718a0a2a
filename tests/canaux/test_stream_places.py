"""A person who opens too many streams is refused one more, until one of them ends, whichever process it is in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from canaux.stream_places import HELD_SECONDS, RENEWED_SECONDS, NoPlace, PlacedStream, StreamPlaces

STRANGER = "192.0.2.7"


def stream(events: int = 1) -> Iterator[bytes]:
    for _ in range(events):
        yield b"once"


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(params=["redis", "no redis"])
def places(request: pytest.FixtureRequest, redis_client: Redis) -> StreamPlaces:
    """The places of one process, counted in Redis or, while that is away, in the process."""
    redis = redis_client if request.param == "redis" else Redis.from_url("unix:///nowhere/at-all")
    return StreamPlaces(redis, per_address=3)


def test_a_listener_and_an_address_have_so_many_places(places: StreamPlaces) -> None:
    kept = [places.keep("anne", 2, STRANGER, stream) for _ in range(2)]
    with pytest.raises(NoPlace):
        places.keep("anne", 2, "192.0.2.8", stream)
    kept.append(places.keep("bruno", 2, STRANGER, stream))
    with pytest.raises(NoPlace):
        places.keep("david", 2, STRANGER, stream)
    assert [list(one) for one in kept] == [[b"once"]] * 3
    places.keep("anne", 2, STRANGER, stream)


def test_a_stream_that_nobody_began_to_read_gives_its_place_up_when_it_is_closed(places: StreamPlaces) -> None:
    for _ in range(3):
        kept = places.keep("anne", 1, STRANGER, stream)
        kept.close()
        kept.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", ""])
def test_this_machine_s_own_address_is_not_counted(redis_client: Redis, address: str) -> None:
    places = StreamPlaces(redis_client, per_address=1)
    assert len([places.keep(name, 1, address, stream) for name in ("anne", "bruno")]) == 2


def test_two_processes_count_together(redis_client: Redis, redis_url: str) -> None:
    with Redis.from_url(redis_url) as other:
        here, there = StreamPlaces(redis_client), StreamPlaces(other)
        kept = here.keep("anne", 2, STRANGER, stream)
        there.keep("anne", 2, STRANGER, stream)
        for places in (here, there):
            with pytest.raises(NoPlace):
                places.keep("anne", 2, STRANGER, stream)
        kept.close()
        there.keep("anne", 2, STRANGER, stream)


def test_the_places_of_a_process_that_was_killed_come_free(redis_client: Redis, seconds: Seconds) -> None:
    killed, alive = (StreamPlaces(redis_client, now=seconds) for _ in range(2))
    lost = [killed.keep("anne", 2, STRANGER, stream) for _ in range(2)]
    seconds.now += HELD_SECONDS - 1
    with pytest.raises(NoPlace):
        alive.keep("anne", 2, STRANGER, stream)
    seconds.now += 2
    assert alive.keep("anne", 2, STRANGER, stream)
    assert len(lost) == 2


def test_a_stream_that_goes_on_keeps_its_place(redis_client: Redis, seconds: Seconds) -> None:
    places = StreamPlaces(redis_client, now=seconds)
    kept = places.keep("anne", 1, STRANGER, lambda: stream(events=20))
    for _ in range(10):
        seconds.now += RENEWED_SECONDS
        next(kept)
    with pytest.raises(NoPlace):
        places.keep("anne", 1, STRANGER, stream)


def test_what_is_counted_is_forgotten(redis_client: Redis) -> None:
    kept: list[PlacedStream] = [StreamPlaces(redis_client).keep("anne", 1, STRANGER, stream) for _ in range(1)]
    assert all(0 < redis_client.pttl(key) <= HELD_SECONDS * 1000 for key in redis_client.scan_iter("*"))
    kept[0].close()
    assert list(redis_client.scan_iter("*")) == []


def test_a_stream_that_does_not_open_takes_no_place(places: StreamPlaces) -> None:
    def gone() -> Iterator[bytes]:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            places.keep("anne", 1, STRANGER, gone)
    places.keep("anne", 1, STRANGER, stream)
