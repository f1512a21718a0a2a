"""A Redis is reached by URL alone, also through Sentinel."""

from __future__ import annotations

import time

import pytest
from redis import Redis
from redis.exceptions import RedisError

from application.wiring.redis_clients import queue_client, reader_client, text_client


def test_sentinel_leads_to_the_master(sentinel_url: str, redis_client: Redis) -> None:
    with text_client(sentinel_url) as text, reader_client(sentinel_url) as reader, queue_client(sentinel_url) as queue:
        text.set("greeting", "bonjour")
        assert reader.get("greeting") == "bonjour"
        assert queue.get("greeting") == b"bonjour"
    assert redis_client.get("greeting") == "bonjour"


def test_a_plain_address_leads_there_directly(redis_url: str) -> None:
    with text_client(redis_url) as text, reader_client(redis_url) as reader, queue_client(redis_url) as queue:
        text.set("greeting", "bonjour")
        assert (reader.get("greeting"), queue.get("greeting")) == ("bonjour", b"bonjour")


def test_a_redis_that_is_away_is_found_out_quickly() -> None:
    began = time.monotonic()
    with text_client("redis://127.0.0.1:1/0") as client, pytest.raises(RedisError):
        client.ping()
    assert time.monotonic() - began < 2
