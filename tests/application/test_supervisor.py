"""Children that die are started again; after a stop none is left, not even a child's child."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from application.processes.supervisor import Child, Supervisor

PATIENCE_SECONDS = 20.0

WRITES_ITS_PID = "import os, sys, signal; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); signal.pause()"
IGNORES_REQUESTS = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WRITES_ITS_PID
HAS_A_CHILD = (
    "import subprocess, sys;"
    f"subprocess.Popen([sys.executable, '-c', {IGNORES_REQUESTS!r}, sys.argv[1]]);" + WRITES_ITS_PID
)


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def until(condition: Callable[[], bool]) -> Callable[[], bool]:
    """A `keep_on` for the supervisor: True until this is so, but not for ever."""
    deadline = time.monotonic() + PATIENCE_SECONDS

    def keep_on() -> bool:
        assert time.monotonic() < deadline, "it never happened"
        return not condition()

    return keep_on


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pids"
    yield path
    for pid in pids(path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def supervisor(code: str, notes: Path) -> Supervisor:
    return Supervisor([Child("child", [sys.executable, "-c", code, str(notes)])], stop_seconds=1.0)


def test_a_child_that_runs_once_is_left_when_it_has_succeeded_and_started_again_until_then(notes: Path) -> None:
    succeeds_at_second = (
        "import os, pathlib, sys; notes = pathlib.Path(sys.argv[1]); again = notes.exists();"
        "notes.open('a').write(f'{os.getpid()}\\n'); sys.exit(0 if again else 1)"
    )
    command = [sys.executable, "-c", succeeds_at_second, str(notes)]
    other = [sys.executable, "-c", WRITES_ITS_PID, str(notes.with_name("other"))]
    children = Supervisor([Child("once", command, once=True), Child("other", other)], stop_seconds=1.0)
    children.start(stage=1)
    children.watch(until(lambda: len(pids(notes)) == 2 and not psutil.pid_exists(pids(notes)[1])))
    turns = iter(range(5))
    children.watch(lambda: next(turns, None) is not None)
    assert len(pids(notes)) == 2
    children.stop()


def test_a_child_that_dies_is_started_again(notes: Path) -> None:
    children = supervisor(WRITES_ITS_PID, notes)
    children.start(stage=1)
    children.watch(until(lambda: len(pids(notes)) == 1))
    os.kill(pids(notes)[0], signal.SIGKILL)
    children.watch(until(lambda: len(pids(notes)) == 2))
    children.stop()
    assert not [pid for pid in pids(notes) if psutil.pid_exists(pid)]


@pytest.mark.parametrize("code", [IGNORES_REQUESTS, HAS_A_CHILD])
def test_a_stop_leaves_nobody_behind(code: str, notes: Path) -> None:
    children = supervisor(code, notes)
    children.start(stage=1)
    children.watch(until(lambda: len(pids(notes)) == (2 if code == HAS_A_CHILD else 1)))
    began = time.monotonic()
    children.stop()
    assert time.monotonic() - began < 3
    children_gone = psutil.wait_procs([psutil.Process(pid) for pid in pids(notes) if psutil.pid_exists(pid)], timeout=5)
    assert children_gone[1] == []


def test_the_children_stop_when_the_supervisor_is_killed(notes: Path) -> None:
    code = (
        "import sys; from application.processes.supervisor import Child, Supervisor;"
        f"s = Supervisor([Child('child', [sys.executable, '-c', {WRITES_ITS_PID!r}, sys.argv[1]])]);"
        "s.start(stage=1); s.watch(lambda: True)"
    )
    outer = psutil.Popen([sys.executable, "-c", code, str(notes)])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not pids(notes):
        assert time.monotonic() < deadline
    orphan = psutil.Process(pids(notes)[0])
    outer.kill()
    outer.wait()
    assert psutil.wait_procs([orphan], timeout=5)[1] == []
