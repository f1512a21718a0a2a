"""The morning's time, which runs faster than the clock on the wall."""

from __future__ import annotations

import threading
import time


class Stopped(Exception):
    """The play was broken off."""


class Pace:
    """Seconds are the morning's, except where a method says otherwise. Every wait ends with Stopped at a stop."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._began = time.monotonic()
        self._running = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        """The morning begins now."""
        self._began = time.monotonic()
        self._running.set()

    def stop(self) -> None:
        self._stop.set()
        self._running.set()

    @property
    def now(self) -> float:
        """0 until the morning begins."""
        return (time.monotonic() - self._began) * self.speed if self._running.is_set() else 0.0

    def until(self, at: float) -> None:
        """Wait for this moment of the morning."""
        self._running.wait()
        self.pause(at - self.now)

    def pause(self, seconds: float) -> None:
        self.pause_real(seconds / self.speed)

    def pause_real(self, seconds: float) -> None:
        """Wait so many seconds of the clock on the wall."""
        if self._stop.wait(max(0.0, seconds)):
            raise Stopped
