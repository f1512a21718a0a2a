"""The morning's time, which runs faster than real time."""

from __future__ import annotations

import threading
import time


class Stopped(Exception):
    """The play was broken off."""


class Pace:
    """The clock of the play, in seconds of the morning unless a method says otherwise. `stop` ends each wait."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._began = time.monotonic()
        self._running = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin the morning now."""
        self._began = time.monotonic()
        self._running.set()

    def stop(self) -> None:
        """Break the play off."""
        self._stop.set()
        self._running.set()

    @property
    def now(self) -> float:
        """The seconds since the morning began; 0 before."""
        return (time.monotonic() - self._began) * self.speed if self._running.is_set() else 0.0

    def until(self, at: float) -> None:
        """Wait for this moment of the morning."""
        self._running.wait()
        self.pause(at - self.now)

    def pause(self, seconds: float) -> None:
        """Wait for seconds of the morning."""
        self.pause_real(seconds / self.speed)

    def pause_real(self, seconds: float) -> None:
        """Wait for seconds of real time."""
        if self._stop.wait(max(0.0, seconds)):
            raise Stopped
