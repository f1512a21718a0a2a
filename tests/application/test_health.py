"""Readiness sees a disk that takes nothing more."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from application.wiring.health import record_folder, takes_a_file


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """The operating system takes no larger file from us."""
    former, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_with_room_takes_a_file_and_keeps_none(tmp_path: Path) -> None:
    assert takes_a_file(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_does_not(tmp_path: Path) -> None:
    with files_of_at_most(1024), pytest.raises(OSError, match="large"):
        takes_a_file(tmp_path)


def test_only_sqlite_lives_on_a_disk_of_ours() -> None:
    assert record_folder("sqlite:////srv/guichet/routeur.db") == Path("/srv/guichet")
    assert record_folder("postgresql://u@h/d") is None
