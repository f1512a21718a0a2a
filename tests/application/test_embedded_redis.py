"""The server comes with the program; where it does not, the machine's own is started, or one line asks for one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from application.processes.embedded_redis import RedisMissing, redis_command, redis_server, socket_path

NO_WHEEL = "a-wheel-that-is-not-installed"


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_one_that_comes_with_the_program_runs(told: list[str]) -> None:
    version = subprocess.run([redis_server(told.append), "--version"], capture_output=True, text=True, check=True)
    assert "v=9.1." in version.stdout
    assert told == []


def test_it_goes_before_the_machines_own(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("redis-server", "valkey-server"):
        executable(tmp_path / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server(told.append).parent != tmp_path
    assert told == []


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_where_none_comes_with_it_the_machines_own_is_started_and_named(
    name: str, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = executable(tmp_path / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server(told.append, wheel=NO_WHEEL) == mine
    assert [str(mine) in line for line in told] == [True]


def test_without_any_one_line_says_what_to_install(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RedisMissing, match=r"redis-server.*REDIS_URL"):
        redis_server(told.append, wheel=NO_WHEEL)
    assert told == []


@pytest.fixture
def told() -> list[str]:
    return []


def test_the_socket_fits_however_deep_the_folder(tmp_path: Path) -> None:
    near, far = tmp_path, tmp_path.joinpath(*["a-long-name-of-a-folder"] * 8)
    assert socket_path(near).parent == near.resolve()
    assert len(os.fsencode(socket_path(far))) < 108
    assert socket_path(far) == socket_path(far)
    assert socket_path(far) != socket_path(far / "other")


def test_it_keeps_nothing_on_disk(tmp_path: Path) -> None:
    command = redis_command(Path("redis-server"), tmp_path)
    assert command[command.index("--save") + 1] == ""
    assert command[command.index("--appendonly") + 1] == "no"
