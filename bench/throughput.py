"""(a), second half: decisions per second that four client processes get from one Redis, against no-op scripts.

Every call that is counted decides and makes an offer: in one round, thousands of contacts arrive while thousands of
agents are free; in another, as many agents finish a call while people wait in every class.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from redis import Redis

from application.wiring.redis_clients import text_client
from bench.measure import median_ratio
from bench.report import Result
from bench.town import EXPERT_LEVEL, Town, expert_classes, town_plan
from competences.channels import Channel
from competences.skills import LANGUAGE_SKILL_PREFIX
from routeur.index import Entry, Index, Offered, class_of
from tests.servers import redis_server

CLIENTS = 4
CALLS = 1_000
"""The calls of each client in a round."""
ROUNDS = 7

Task = tuple[str, str, list[Any], datetime | None]
"""The kind of call, the namespace, the arguments of each call, and the instant."""


def _client(url: str, pipe: Connection, barrier: Barrier) -> None:
    """One client process: prepares each task, runs it together with the others, and answers its begin and end."""
    with text_client(url) as redis:
        no_op = redis.script_load("return 0")
        while (task := pipe.recv()) is not None:
            calls = _calls(redis, no_op, task)
            redis.ping()
            barrier.wait()
            start = time.perf_counter_ns()
            answers = [call() for call in calls]
            end = time.perf_counter_ns()
            pipe.send((start, end, sum(isinstance(answer, Offered) or answer is True for answer in answers)))


def _calls(redis: Redis, no_op: Any, task: Task) -> list[Callable[[], object]]:
    kind, namespace, items, now = task
    if now is None:
        return [lambda: redis.evalsha(no_op, 1, namespace)] * CALLS
    index = Index(redis, namespace)
    if kind == "arrival":
        index.someone_could_serve(
            list({class_of(entry.channel, rung.requirement) for entry in items for rung in entry.rungs}), now
        )
        return [lambda entry=entry: index.enqueue(entry, now) for entry in items]  # type: ignore[misc]
    return [lambda contact=contact: index.remove(contact, now) for contact in items]  # type: ignore[misc]


class Clients:
    """The client processes, at work together."""

    def __init__(self, url: str) -> None:
        context = get_context("spawn")
        self._barrier = context.Barrier(CLIENTS)
        self._pipes: list[Any] = []
        self._processes = []
        for _ in range(CLIENTS):
            ours, theirs = context.Pipe()
            process = context.Process(target=_client, args=(url, theirs, self._barrier), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def rate(self, tasks: list[Task]) -> float:
        """Calls per second, from the first client's beginning to the last one's end."""
        for pipe, task in zip(self._pipes, tasks, strict=True):
            pipe.send(task)
        answers = [pipe.recv() for pipe in self._pipes]
        if tasks[0][0] != "no-op" and any(made != CALLS for _, _, made in answers):
            raise AssertionError("not every call made an offer")
        nanoseconds: int = max(end for _, end, _ in answers) - min(start for start, _, _ in answers)
        return CLIENTS * CALLS / (nanoseconds / 1e9)

    def close(self) -> None:
        with suppress(BrokenPipeError):
            for pipe in self._pipes:
                pipe.send(None)
        for process in self._processes:
            process.join(10)
            process.kill()


@contextmanager
def clients(url: str) -> Iterator[Clients]:
    """Client processes that run until the end of the block."""
    started = Clients(url)
    try:
        yield started
    finally:
        started.close()


def _shares(items: list[Any]) -> list[list[Any]]:
    return [items[start::CLIENTS] for start in range(CLIENTS)]


class Arrivals:
    """A town where the experts are busy and thousands of generalists are free."""

    def __init__(self, redis: Redis) -> None:
        plan = town_plan()
        share = len(plan.agents) / sum(not _is_expert(agent.skills) for agent in plan.agents.values())
        self.town = Town(redis, plan, "many-arrivals", agents=round(CLIENTS * CALLS * share) + len(plan.agents))
        experts, self.general = expert_classes(self.town.requirements)
        self.town.queue(experts, 1_000)
        for login, skills in self.town.agents.items():
            if not _is_expert(skills):
                self.town.available(login)

    def tasks(self) -> list[Task]:
        """New contacts for each client to bring in."""
        anybody = [(channel, requirement) for channel, requirement in self.general if str(requirement) == "accueil>=1"]
        self.entries: list[Entry] = [
            self.town.entry(*anybody[number % len(anybody)]) for number in range(CLIENTS * CALLS)
        ]
        now = self.town.tick_clock()
        return [("arrival", self.town.namespace, share, now) for share in _shares(self.entries)]

    def undo(self) -> None:
        """Take the contacts of the round out again."""
        for entry in self.entries:
            self.town.index.remove(entry.contact, self.town.tick_clock())


class Frees:
    """A town where everybody is on the phone and thousands of people wait."""

    def __init__(self, redis: Redis) -> None:
        self.town = Town(redis, town_plan(), "many-freed", agents=CLIENTS * CALLS)
        self.town.queue(self.town.requirements, 3 * CLIENTS * CALLS)
        self.calls: list[str] = []
        for login in self.town.agents:
            self.give_call(login)
            self.town.available(login)

    def give_call(self, login: str) -> None:
        entry = self.town.entry(*self.town.requirements[0])
        self.town.index.hold(entry.contact, Channel.VOICE, login, entry.queued_at, 1, self.town.now)
        self.calls.append(entry.contact)

    def tasks(self) -> list[Task]:
        """The calls for each client to finish."""
        now = self.town.tick_clock(60)
        tasks: list[Task] = [("freed", self.town.namespace, share, now) for share in _shares(self.calls)]
        self.calls = []
        return tasks

    def undo(self) -> None:
        """Give every agent a call again."""
        for login in self.town.agents:
            self.give_call(login)


def _is_expert(skills: Any) -> bool:
    special = (
        level for skill, level in skills.items() if skill != "accueil" and not skill.startswith(LANGUAGE_SKILL_PREFIX)
    )
    return any(level >= EXPERT_LEVEL for level in special)


def measure_throughput() -> list[Result]:
    """Measure the rates of no-op calls, arrivals and finished calls in turn."""
    rates: dict[str, list[float]] = {"no-op": [], "arrival": [], "freed": []}
    with redis_server() as server, text_client(server.url) as redis, clients(server.url) as four:
        towns: dict[str, Arrivals | Frees] = {"arrival": Arrivals(redis), "freed": Frees(redis)}
        no_ops: list[Task] = [("no-op", "{routeur}", [], None)] * CLIENTS
        for _ in range(ROUNDS):
            rates["no-op"].append(four.rate(no_ops))
            for name, town in towns.items():
                rates[name].append(four.rate(town.tasks()))
                town.undo()
    ratios = {name: median_ratio(list(zip(rates[name], rates["no-op"], strict=True))) for name in towns}
    detail = ", ".join(f"{name} {ratio:.2f} ({max(rates[name]):.0f}/s)" for name, ratio in ratios.items())
    return [
        Result(
            "decision_rate",
            "decisions per second of 4 client processes to no-op EVALSHA per second",
            min(ratios.values()),
            0.5,
            f"{detail}; no-op {max(rates['no-op']):.0f}/s",
            at_least=True,
        )
    ]
