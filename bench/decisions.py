"""(a) and (b): the cost of one decision of the router, and whether it grows with the town.

Two decisions are measured, each one call of the index's Python face, and the worse of the two counts:

- *arrival*: a contact arrives while the experts are busy and keep people waiting, and generalists are free:
  `Index.enqueue` finds the least versatile pool, the longest idle agent, makes the offer;
- *freed*: an agent finishes a call while people wait in every class: `Index.remove` frees the agent, compares the
  urgencies of the classes they can serve, makes the offer.

The baseline is a script that does nothing, called with EVALSHA by the same client, call by call in turn.
"""

from __future__ import annotations

import itertools
import random
import time

from redis import Redis

from application.wiring.redis_clients import text_client
from bench.measure import Rounds, Timed, take_turns, timed
from bench.report import Result
from bench.town import Town, expert_classes, town_plan
from competences.channels import Channel
from competences.plan.plan import Plan
from tests.servers import redis_server

SMALL, LARGE = (100, 40), (100_000, 10_000)
ROUNDS, TURNS = 7, 1_500


def no_op(redis: Redis) -> Timed:
    """The baseline: a script that does nothing."""
    sha = redis.script_load("return 0")
    return timed(lambda: redis.evalsha(sha, 1, "{routeur}"))


def arrivals(redis: Redis, plan: Plan, waiting: int, agents: int) -> Timed:
    """Contacts arrive one by one, each is offered; then it leaves, so that the town stays as it is."""
    town = Town(redis, plan, f"arrivals-{waiting}", agents=agents)
    for_experts, general = expert_classes(town.requirements)
    town.queue(for_experts, waiting)
    for login in town.agents:
        if not any(town.can_serve(login, requirement) for _, requirement in for_experts):
            town.available(login)
    classes = itertools.cycle(random.Random(1).sample(general, len(general)))

    def once() -> int:
        entry = town.entry(*next(classes))
        start = time.perf_counter_ns()
        offered = town.index.enqueue(entry, town.now)
        taken = time.perf_counter_ns() - start
        if offered is None:
            raise AssertionError("nobody was free")
        town.index.remove(entry.contact, town.tick_clock())
        return taken

    return once


def freed(redis: Redis, plan: Plan, waiting: int, agents: int) -> Timed:
    """Agents finish a call one by one, each is offered the most urgent contact; then they have a call again."""
    town = Town(redis, plan, f"freed-{waiting}", agents=agents)
    calls: dict[str, str] = {}

    def give_call(login: str) -> None:
        entry = town.entry(*town.requirements[0])
        calls[login] = entry.contact
        town.index.hold(entry.contact, Channel.VOICE, login, entry.queued_at, 1, town.now)

    town.queue(town.requirements, waiting)
    for login in town.agents:
        give_call(login)
        town.available(login)
    turn = itertools.cycle(random.Random(2).sample(list(town.agents), agents))

    def once() -> int:
        login = next(turn)
        now = town.tick_clock(60)  # so that contacts no longer pass over the agent who was without them
        start = time.perf_counter_ns()
        town.index.remove(calls[login], now)
        taken = time.perf_counter_ns() - start
        agent = town.index.agent_snapshot(login)
        if agent is None or agent.offer is None:
            raise AssertionError("nobody was waiting")
        give_call(login)
        return taken

    return once


def measure_decisions() -> list[Result]:
    """Measure the two decisions, in a small town and in a large one."""
    plan = town_plan()
    with redis_server() as server, text_client(server.url) as redis:
        rounds = take_turns(
            {
                "no-op": no_op(redis),
                "arrival": arrivals(redis, plan, *SMALL),
                "freed": freed(redis, plan, *SMALL),
                "arrival, large": arrivals(redis, plan, *LARGE),
                "freed, large": freed(redis, plan, *LARGE),
            },
            rounds=ROUNDS,
            turns=TURNS,
        )
    return [*_cost(rounds), *_growth(rounds)]


def _cost(rounds: Rounds) -> list[Result]:
    p50 = {name: rounds.p50_ratio(name, "no-op") for name in ("arrival", "freed")}
    p99 = {name: rounds.p99_ratio(name, "no-op") for name in ("arrival", "freed")}
    figures = f"no-op {rounds.p50('no-op'):.0f} us, p99 {rounds.p99('no-op'):.0f} us"
    return [
        Result("decision_p50", "one decision to a no-op EVALSHA, p50", max(p50.values()), 1.6, _each(p50, figures)),
        Result("decision_p99", "the same, p99", max(p99.values()), 2.0, _each(p99, figures)),
    ]


def _growth(rounds: Rounds) -> list[Result]:
    p50 = {name: rounds.p50_ratio(f"{name}, large", name) for name in ("arrival", "freed")}
    p99 = {name: rounds.p99_ratio(f"{name}, large", name) for name in ("arrival", "freed")}
    what = "a decision at 100,000 waiting and 10,000 agents to one at 100 and 40"
    usual = ", ".join(f"{name} {rounds.p50(name):.0f} us" for name in ("arrival, large", "freed, large"))
    slow = ", ".join(f"{name} p99 {rounds.p99(name):.0f} us" for name in ("arrival, large", "freed, large"))
    return [
        Result("growth_p50", f"{what}, p50", max(p50.values()), 1.25, _each(p50, usual)),
        Result("growth_p99", "the same, p99", max(p99.values()), 1.5, _each(p99, slow)),
    ]


def _each(ratios: dict[str, float], figures: str) -> str:
    return ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()) + f"; {figures}"
