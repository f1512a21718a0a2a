"""A person who asks too often must wait, wherever it is counted."""

from __future__ import annotations

import pytest
from limits import parse
from limits.storage import RedisSentinelStorage

from canaux.throttle import AWAY_SECONDS, Throttle, subscriber, throttle_storage
from tests.servers import redis_server

TWICE = parse("2/minute")


def test_counts_are_shared_and_survive_the_loss_of_redis() -> None:
    with redis_server() as server:
        one, other = (Throttle("test", throttle_storage(server.url)) for _ in range(2))
        assert one.seconds_to_wait(TWICE, "a") == 0
        assert other.seconds_to_wait(TWICE, "a") == 0
        assert 1 <= one.seconds_to_wait(TWICE, "a") <= 60
        assert one.seconds_to_wait(TWICE, "b") == 0
        one.forget(TWICE, "a")
        assert other.seconds_to_wait(TWICE, "a") == 0
        server.process.kill()
        server.process.wait()
        assert [one.seconds_to_wait(TWICE, "a") > 0 for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        (None, ""),
        ("not an address", ""),
    ],
)
def test_a_subscriber_is_not_each_of_their_addresses(address: str | None, who: str) -> None:
    assert subscriber(address) == who


def test_the_master_is_found_by_its_name_alone() -> None:
    storage = throttle_storage("redis+sentinel://127.0.0.1:1,127.0.0.1:2/town-hall/0")
    assert isinstance(storage, RedisSentinelStorage)
    assert storage.service_name == "town-hall"


def test_guesses_wait_for_the_storage_that_counts_them() -> None:
    with redis_server() as server:
        guesses = Throttle("guesses", throttle_storage(server.url), strict=True)
        assert guesses.seconds_to_wait(TWICE, "a") == 0
        server.process.kill()
        server.process.wait()
        assert guesses.seconds_to_wait(TWICE, "a") == AWAY_SECONDS
        guesses.forget(TWICE, "a")


def test_looking_is_not_counted() -> None:
    throttle = Throttle("test", throttle_storage("memory://"))
    for _ in range(2):
        assert [throttle.seconds_left(TWICE, "a") for _ in range(3)] == [0, 0, 0]
        throttle.seconds_to_wait(TWICE, "a")
    assert throttle.seconds_left(TWICE, "a") > 0
