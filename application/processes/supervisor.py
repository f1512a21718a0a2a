"""Keeps a handful of child processes alive, and stops all of them within a few seconds."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A child that has lived this long starts again after the first back-off when it dies."""

LOOK_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Child:
    """A program to keep running or, with `once`, to run until it succeeds. Children of a later `stage` start after
    those of an earlier one, and stop before them."""

    name: str
    command: Sequence[str]
    stage: int = 1
    once: bool = False


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    backoff: float = FIRST_BACKOFF_SECONDS
    restart_at: float = field(default=0.0)


class Supervisor:
    """Starts children, restarts those that die, and stops them all, in the caller's thread."""

    def __init__(self, children: Sequence[Child], *, stop_seconds: float = 3.5) -> None:
        self._running = [_Running(child) for child in children]
        self._stop_seconds = stop_seconds
        self._bind_to_us = death_signal()

    def start(self, stage: int) -> None:
        """Start the children of one stage."""
        for entry in self._running:
            if entry.child.stage == stage:
                self._launch(entry)

    def watch(self, keep_on: Callable[[], bool]) -> None:
        """Restart children that die, until `keep_on`, called about twenty times a second, returns False."""
        while keep_on():
            for entry in self._running:
                self._look_after(entry)
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Ask every child to stop, the last stage first, and kill those that have not when the time is up."""
        deadline = time.monotonic() + self._stop_seconds
        for stage in sorted({entry.child.stage for entry in self._running}, reverse=True):
            alive = [entry for entry in self._running if entry.child.stage == stage and entry.process is not None]
            for entry in alive:
                _signal(entry, signal.SIGTERM)
            for entry in alive:
                _wait(entry, deadline)
            deadline = max(deadline, time.monotonic() + 0.5)

    def _launch(self, entry: _Running) -> None:
        entry.process = subprocess.Popen(
            list(entry.child.command),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone, and a child's own children can be stopped with it
            preexec_fn=self._bind_to_us,
        )
        entry.started = time.monotonic()

    def _look_after(self, entry: _Running) -> None:
        now = time.monotonic()
        if entry.process is None:
            if entry.restart_at and now >= entry.restart_at:
                self._launch(entry)
            return
        status = entry.process.poll()
        if status is None:
            return
        _signal(entry, signal.SIGKILL)  # what the dead child left running
        if entry.child.once and status == 0:
            entry.process, entry.restart_at = None, 0.0
            return
        if now - entry.started >= STEADY_SECONDS:
            entry.backoff = FIRST_BACKOFF_SECONDS
        log.warning("child_died", child=entry.child.name, status=status, restart_in=entry.backoff)
        entry.process, entry.restart_at = None, now + entry.backoff
        entry.backoff = min(entry.backoff * 2, LONGEST_BACKOFF_SECONDS)


def _signal(entry: _Running, number: signal.Signals) -> None:
    if entry.process is not None:
        with suppress(ProcessLookupError):
            os.killpg(entry.process.pid, number)


def _wait(entry: _Running, deadline: float) -> None:
    if entry.process is None:
        return
    try:
        entry.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("child_killed", child=entry.child.name)
    _signal(entry, signal.SIGKILL)
    entry.process.wait()
    entry.process = None


def death_signal() -> Callable[[], None] | None:
    """The first act of a child, so that it stops when its parent is killed (Linux only)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
