"""Fixtures: an environment without settings but the test's own, an empty folder, and a Sentinel."""

from __future__ import annotations

import os
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

from application.settings import Settings
from tests.servers import RedisServer, redis_binary


@pytest.fixture(autouse=True)
def file_modes() -> Iterator[None]:
    """New files have the usual modes; a command that a test runs in this very process narrows them for good."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, in an environment without settings but the folder of learned models."""
    for name in Settings.model_fields.keys() - {"topic_models"}:
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The environment for a child process, to which a test may add."""
    return dict(os.environ)


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
