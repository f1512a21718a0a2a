"""A town hall of any size inside an index: the plan's pools and classes, with as many agents and contacts as asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path

from redis import Redis

from competences.channels import Channel
from competences.ladder import ladder
from competences.plan.plan import Plan
from competences.skills import Requirement
from competences.versatility import versatility
from routeur.contact.words import Activity
from routeur.index import Entry, Index, RungAt

PLAN = Path(__file__).parents[1] / "plans" / "mairie.yaml"
OPENING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


def town_plan() -> Plan:
    """The plan that comes with the product."""
    return Plan.load(PLAN.read_text("utf-8"))


Class = tuple[Channel, Requirement]
EXPERT_LEVEL = 4
"""The level from which a requirement needs an expert."""


def expert_classes(classes: list[Class]) -> tuple[list[Class], list[Class]]:
    """The classes that need an expert, and the others."""
    experts = [stand for stand in classes if any(level >= EXPERT_LEVEL for _, level in stand[1].levels)]
    return experts, [stand for stand in classes if stand not in experts]


class Town:
    """An index under a namespace of its own, with its own clock."""

    def __init__(self, redis: Redis, plan: Plan, name: str, *, agents: int) -> None:
        self.plan = plan
        self.namespace = f"{{{name}}}"
        self.index = Index(redis, self.namespace)
        self.now = OPENING
        self._numbers = count()
        with self.index.rebuilding():
            self.index.configure(
                plan.channels,
                offer_seconds=plan.offer_seconds,
                lease_seconds=plan.lease_seconds,
                missed_offers=plan.missed_offers,
                avoid_seconds=30,
            )
        self.index.weigh_pools(versatility(plan))
        self.agents = self._staff(agents)
        for login, skills in self.agents.items():
            self.index.place_agent(login, skills, Activity.BUSY, 1, self.tick_clock())
        self.requirements = self._requirements()

    def _staff(self, wanted: int) -> dict[str, Mapping[str, int]]:
        """The plan's agents, repeated: the same pools, with more people in each."""
        staff: dict[str, Mapping[str, int]] = {}
        for number, (login, agent) in enumerate(cycle(self.plan.agents.items())):
            if len(staff) == wanted:
                return staff
            staff[f"{login}-{number}"] = agent.skills
        raise ValueError("the plan has no agents")

    def _requirements(self) -> list[Class]:
        """Every class in which a contact of the plan can begin, always in the same order."""
        firsts = {ladder(self.plan, topic, "fr")[0].requirement for topic in (None, *self.plan.topics)}
        return [(channel, requirement) for requirement in sorted(firsts) for channel in Channel]

    def tick_clock(self, seconds: float = 0.01) -> datetime:
        """Move the town's clock; returns the new instant."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def entry(self, channel: Channel, requirement: Requirement) -> Entry:
        """A new contact that arrives now, with a second rung an hour later."""
        now = self.tick_clock()
        wider = RungAt(now + YEAR / 2, Requirement.of({"accueil": 1}))
        return Entry(
            contact=f"{next(self._numbers):032x}",
            channel=channel,
            rungs=(RungAt(now, requirement), wider),
            queued_at=now,
            max_wait_at=now + YEAR,
            revision=1,
        )

    def can_serve(self, login: str, requirement: Requirement) -> bool:
        return requirement.satisfied_by(self.agents[login])

    def queue(self, classes: list[Class], contacts: int) -> None:
        """Let this many contacts wait, spread evenly over the classes."""
        for _, (channel, requirement) in zip(range(contacts), cycle(classes), strict=False):
            entry = self.entry(channel, requirement)
            if self.index.enqueue(entry, self.now) is not None:
                raise AssertionError("a contact that should wait was offered")

    def available(self, login: str) -> None:
        self.index.place_agent(login, self.agents[login], Activity.AVAILABLE, 2, self.tick_clock())
