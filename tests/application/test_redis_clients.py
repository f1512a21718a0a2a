"""A Redis is reached by URL alone, also through Sentinel."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import RedisError

from application.wiring.redis_clients import queue_client, reader_client, text_client
from tests.servers import RedisServer, redis_binary


@pytest.fixture
def sentinel_url(redis_process: RedisServer, tmp_path: Path) -> Iterator[str]:
    """A Sentinel that watches this worker's Redis."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = tmp_path / "sentinel.conf"
    master = urlsplit(redis_process.url)
    configuration.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\nlogfile {tmp_path}/log\n"
        f"sentinel monitor town-hall 127.0.0.1 {master.port} 1\n"
    )
    process = subprocess.Popen([redis_binary(), str(configuration), "--sentinel"])
    deadline = time.monotonic() + 10
    with Redis(port=port) as client:
        answers = False
        while not answers:
            assert time.monotonic() < deadline
            with suppress(RedisError):
                answers = bool(client.ping())
    yield f"redis+sentinel://127.0.0.1:1,127.0.0.1:{port}/town-hall/0"
    process.terminate()
    process.wait()


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
