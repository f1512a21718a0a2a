"""kill -9, again and again, of processes of one town hall; and now and then one stands still for seconds."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from random import Random

import psutil

from tests.e2e.town_hall import TownHall

VICTIMS = ("web", "worker", "dispatcher", "redis")
STALLS = 0.25
LONGEST_STALL = 5.0
"""Seconds: longer than the repair's grace."""


class Monkey:
    """Kills a random process of a random kind, then waits a little, until told to stop."""

    def __init__(self, town: TownHall, seed: int, mean_seconds: float = 1.5) -> None:
        self._town = town
        self._random = Random(seed)
        self._mean = mean_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._rampage, name="monkey")
        self.killed: Counter[str] = Counter()
        self.stalled: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _rampage(self) -> None:
        while not self._stop.wait(0.4 + self._random.expovariate(1 / self._mean)):
            kind = self._random.choice(VICTIMS)
            processes = self._town.processes(kind)
            if not processes:
                continue
            process = self._random.choice(processes)
            with suppress(psutil.NoSuchProcess):
                if self._random.random() < STALLS:
                    self._stall(process)
                    self.stalled[kind] += 1
                else:
                    process.kill()
                    self.killed[kind] += 1

    def _stall(self, process: psutil.Process) -> None:
        """As on a machine that swaps or is moved: what the process was doing goes on later, when others moved on."""
        process.suspend()
        try:
            self._stop.wait(self._random.uniform(0.5, LONGEST_STALL))
        finally:
            process.resume()
