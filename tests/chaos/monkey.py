"""Kills processes of one town hall again and again (kill -9), and now and then makes one stand still for seconds."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from random import Random

import psutil

from tests.e2e.town_hall import TownHall

VICTIMS = ("web", "worker", "dispatcher", "redis")
STALL_SHARE = 0.25
LONGEST_STALL_SECONDS = 5.0
"""Longer than the repair's grace."""


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
                if self._random.random() < STALL_SHARE:
                    self._stall(process)
                    self.stalled[kind] += 1
                else:
                    process.kill()
                    self.killed[kind] += 1

    def _stall(self, process: psutil.Process) -> None:
        """Stop a process for a while, as on a machine that swaps: it goes on when others have moved on."""
        process.suspend()
        try:
            self._stop.wait(self._random.uniform(0.5, LONGEST_STALL_SECONDS))
        finally:
            process.resume()
