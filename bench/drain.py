"""(e): a backlog of 1,000 is drained by 40 agents who take each contact as soon as their stream offers it.

Each agent is a thread of one process, subscribed to the process's one reader of events as a desk is. The ideal is an
agent who is never without a contact. Order is looked at where it is made: in the stream of offers.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from application.wiring.redis_clients import reader_client, text_client
from bench.report import Result
from bench.town import Town, town_plan
from competences.channels import Channel
from competences.skills import Requirement
from routeur.contact.words import Activity
from routeur.ports.events import EventHub
from tests.servers import redis_server

AGENTS, WAITING = 40, 1_000
CLASSES = [(channel, Requirement.of({"accueil": 1})) for channel in (Channel.VOICE, Channel.WALKIN)]
"""Exclusive channels that everybody can serve: any time that is lost is lost by the router."""
ROUNDS = {1.0: 5, 0.1: 7}
"""The number of rounds for each handling time in seconds."""
AIMS = {1.0: 0.98, 0.1: 0.95}


def now() -> datetime:
    return datetime.now(UTC)


class Drain:
    """One drain, from the first agent at their desk to the last contact finished."""

    def __init__(self, redis: Redis, hub: EventHub, town: Town, handling: float) -> None:
        self._redis: Any = redis
        self._hub = hub
        self._town = town
        self._handling = handling
        self._left = WAITING
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._ready = threading.Barrier(AGENTS + 1)

    def share_of_ideal(self) -> float:
        """Drain the backlog; returns the rate, as a share of the ideal one."""
        self._town.now = now()
        self._town.queue(CLASSES, WAITING)
        desks = [threading.Thread(target=self._serve, args=(login,)) for login in self._town.agents]
        for desk in desks:
            desk.start()
        self._ready.wait()
        start = time.perf_counter()
        self._done.wait()
        taken = time.perf_counter() - start
        for desk in desks:
            desk.join()
        return WAITING / AGENTS * self._handling / taken

    def _serve(self, login: str) -> None:
        index = self._town.index
        with self._hub.subscribe(agent=login) as next_event:
            self._ready.wait()
            index.place_agent(login, self._town.agents[login], Activity.AVAILABLE, 2, now())
            while not self._done.is_set():
                event = next_event(0.05)
                if event is None or event.kind != "offered" or event.contact is None:
                    continue
                if index.accept(event.contact, login, now()):
                    time.sleep(self._handling)
                    index.remove(event.contact, now())
                    self._finished()
            index.place_agent(login, self._town.agents[login], Activity.BUSY, 2, now())

    def _finished(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._done.set()

    def inversions(self, after: str) -> int:
        """The number of contacts that were offered after a later one of their class."""
        last: dict[str, int] = defaultdict(int)
        inverted = 0
        for _, fields in self._redis.xrange(self._town.index.events, min=f"({after}"):
            if fields["kind"] == "offered":
                inverted += int(fields["contact"], 16) < last[fields["class"]]
                last[fields["class"]] = max(last[fields["class"]], int(fields["contact"], 16))
        return inverted


def measure_drain() -> list[Result]:
    """Drain the backlog in several rounds, for each handling time."""
    shares: dict[float, list[float]] = defaultdict(list)
    inversions = 0
    with redis_server() as server, text_client(server.url) as redis, reader_client(server.url) as reader:
        town = Town(redis, town_plan(), "routeur", agents=AGENTS)
        hub = EventHub(reader, town.index.events, block_ms=500)
        for handling, rounds in ROUNDS.items():
            for _ in range(rounds):
                before: Any = redis.xrevrange(town.index.events, count=1)
                drain = Drain(redis, hub, town, handling)
                shares[handling].append(drain.share_of_ideal())
                inversions += drain.inversions(before[0][0] if before else "0")
        hub.close()
    return [*(_share(handling, values) for handling, values in shares.items()), _order(inversions)]


def _share(handling: float, values: list[float]) -> Result:
    ordered = sorted(values)
    return Result(
        f"drain_{handling * 1000:.0f}ms",
        f"backlog of {WAITING:,} drained by {AGENTS} agents, {handling:g} s each: share of the ideal rate",
        ordered[len(ordered) // 2],
        AIMS[handling],
        f"{len(values)} rounds, {ordered[0]:.3f} to {ordered[-1]:.3f}",
        at_least=True,
        unit="",
        digits=3,
    )


def _order(inversions: int) -> Result:
    offers = WAITING * sum(ROUNDS.values())
    return Result(
        "drain_inversions",
        "contacts offered out of their class's order",
        inversions,
        0,
        f"{offers:,} offers",
        unit="",
        digits=0,
    )
