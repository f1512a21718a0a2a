"""(d): from the call of `enqueue` to the offer in the process of the agent's stream, in multiples of a PING."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from application.wiring.redis_clients import text_client
from bench.measure import Timed, take_turns, timed
from bench.report import Result
from bench.town import Town, expert_classes, town_plan
from tests.servers import redis_server

ROUNDS, TURNS = 7, 500


@contextmanager
def listener(url: str, stream: str, login: str) -> Iterator[subprocess.Popen[str]]:
    """The process that serves the agent's stream."""
    command = [sys.executable, "-m", "bench.listener", url, stream, login]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the listener did not start")
        yield process
    finally:
        process.kill()
        process.communicate()


def offers(town: Town, login: str, process: subprocess.Popen[str]) -> Timed:
    """Contacts arrive one by one, each is offered to the one free agent; then it leaves."""
    _, general = expert_classes(town.requirements)
    classes = [(channel, requirement) for channel, requirement in general if town.can_serve(login, requirement)]
    lines = process.stdout
    if lines is None:
        raise RuntimeError("the listener says nothing")

    def once() -> int:
        entry = town.entry(*classes[town.now.microsecond % len(classes)])
        start = time.perf_counter_ns()
        town.index.enqueue(entry, town.now)
        contact, seen = lines.readline().split()
        if contact != entry.contact:
            raise AssertionError("another contact was offered")
        town.index.remove(entry.contact, town.tick_clock())
        return int(seen) - start

    return once


def measure_offers() -> list[Result]:
    """Measure the way of an offer to its agent."""
    with redis_server() as server, text_client(server.url) as redis:
        town = Town(redis, town_plan(), "routeur", agents=40)
        login = next(iter(town.agents))
        town.available(login)
        with listener(server.url, town.index.events, login) as process:
            return _measure(redis, offers(town, login, process))


def _measure(redis: Redis, offer: Timed) -> list[Result]:
    rounds = take_turns({"PING": timed(redis.ping), "offer": offer}, rounds=ROUNDS, turns=TURNS)
    figures = ", ".join(f"{name} {rounds.p50(name):.0f} us (p99 {rounds.p99(name):.0f})" for name in rounds.spreads)
    what = "from enqueue to the offer in the process of the agent's stream, to a PING"
    return [
        Result("offer_p50", f"{what}, p50", rounds.p50_ratio("offer", "PING"), 3, figures),
        Result("offer_p99", "the same, p99 to a PING's p50", rounds.p99_over_p50("offer", "PING"), 10, figures),
    ]
