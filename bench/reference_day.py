"""A day of the town hall in virtual time, decided by the scripts: who waits how long, and whom a chat tops up.

Channels, handling times and patience are assumed (1,400 contacts, as a middling town has); topics come as often as in
the play, agents are those who cover them best.
"""

from __future__ import annotations

import heapq
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from application.play.morning.people import words
from application.wiring.redis_clients import text_client
from bench.report import Result
from bench.town import OPENING, town_plan
from competences.channels import CHANNELS, Channel
from competences.ladder import ladder
from competences.plan.plan import Plan
from competences.skills import Requirement
from competences.versatility import versatility
from routeur.clock import from_milliseconds
from routeur.contact.words import Activity
from routeur.index import Entry, Index, Lapsed, RungAt, Unserved
from tests.servers import redis_server

HANDLING_MINUTES = {
    Channel.VOICE: 4.0,
    Channel.WALKIN: 8.0,
    Channel.CHAT: 7.0,
    Channel.MESSAGING: 5.0,
    Channel.EMAIL: 9.0,
}
PATIENCE_MINUTES = {Channel.VOICE: 4.0, Channel.WALKIN: 45.0, Channel.CHAT: 4.0}
ACCEPTS_AFTER = timedelta(seconds=5)
OPEN_FOR = timedelta(hours=7.5)
NO_TOPIC = 0.2
"""The share of contacts whose topic nobody has recognised."""

SHARES = {Channel.VOICE: 0.55, Channel.WALKIN: 0.2, Channel.EMAIL: 0.12, Channel.CHAT: 0.08, Channel.MESSAGING: 0.05}
CHATTY = {Channel.VOICE: 0.4, Channel.WALKIN: 0.15, Channel.EMAIL: 0.1, Channel.CHAT: 0.3, Channel.MESSAGING: 0.05}
"""Three of ten contacts are chats."""


@dataclass
class Served:
    """One contact of the day: its wait in seconds, and how it ended."""

    channel: Channel
    arrived_at: datetime
    requirement: Requirement
    minutes: float
    wait: float = 0.0
    ended: str = ""


@dataclass
class Sitting:
    """An agent at work: live conversations go on side by side, what is written waits until there is none."""

    live: dict[str, datetime] = field(default_factory=dict)
    written: dict[str, timedelta] = field(default_factory=dict)
    since: datetime | None = None


class ReferenceDay:
    """One day; `run` plays it. `shares` says how much of the day's contacts comes by each channel."""

    def __init__(
        self,
        index: Index,
        redis: Any,
        plan: Plan,
        opening: datetime,
        *,
        agents: int,
        shares: Mapping[Channel, float],
        contacts: int,
        seed: int,
    ) -> None:
        self._index, self._redis, self._plan = index, redis, plan
        self._chance = random.Random(seed)
        self.now = self._opening = opening
        self._shares, self._contacts = shares, contacts
        self._numbers = count()
        self._to_come: list[tuple[datetime, int, Callable[[], object]]] = []
        self._heard = "0"
        self.contacts: dict[str, Served] = {}
        self.topped_up = 0
        self.wronged: list[str] = []
        self._waiting: set[str] = set()
        self._topics = {topic: words().weight(topic) for topic in plan.topics}
        self._desks = {login: Sitting() for login in _roster(plan, self._topics, agents)}

    def run(self) -> None:
        plan = self._plan
        with self._index.rebuilding():
            self._index.configure(
                plan.channels,
                offer_seconds=plan.offer_seconds,
                lease_seconds=100_000,
                missed_offers=plan.missed_offers,
                avoid_seconds=plan.offer_seconds,
            )
        self._index.weigh_pools(versatility(plan))
        for login in self._desks:
            self._index.place_agent(login, plan.agents[login].skills, Activity.AVAILABLE, 1, self.now)
        for _ in range(self._contacts):
            self._at(self._opening + OPEN_FOR * self._chance.betavariate(1.3, 1.5), self._arrive)
        while self._to_come:
            self.now, _, happens = heapq.heappop(self._to_come)
            happens()
            self._hear()
            self._await_deadline()

    def mean_wait(self, *channels: Channel) -> float:
        """The mean wait of who was served on these channels, as a share of the channel's target."""
        waits = [
            one.wait / self._plan.channels[one.channel].target_seconds
            for one in self.contacts.values()
            if one.channel in channels and one.ended == "served"
        ]
        return sum(waits) / len(waits)

    def outcomes(self) -> dict[Channel, Counter[str]]:
        counted: dict[Channel, Counter[str]] = defaultdict(Counter)
        for one in self.contacts.values():
            counted[one.channel][one.ended] += 1
        return counted

    def _at(self, when: datetime, happens: Callable[[], object]) -> None:
        heapq.heappush(self._to_come, (when, next(self._numbers), happens))

    def _arrive(self) -> None:
        contact = f"{next(self._numbers):032x}"
        channel = self._chance.choices(list(self._shares), list(self._shares.values()))[0]
        topic: str | None = self._chance.choices(list(self._topics), list(self._topics.values()))[0]
        if self._chance.random() < NO_TOPIC:
            topic = None
        rungs = ladder(self._plan, topic, "fr")
        minutes = self._chance.lognormvariate(0, 0.7) * HANDLING_MINUTES[channel]
        self.contacts[contact] = Served(channel, self.now, rungs[0].requirement, minutes)
        patience = self._plan.channels[channel].max_wait_seconds
        entry = Entry(
            contact,
            channel,
            tuple(RungAt(self.now + timedelta(seconds=rung.after_seconds), rung.requirement) for rung in rungs),
            self.now,
            self.now + timedelta(seconds=patience),
            revision=1,
        )
        self._waiting.add(contact)
        try:
            self._index.enqueue(entry, self.now)
        except Unserved:
            self._end(contact, "followed up")
            return
        if channel in PATIENCE_MINUTES:
            leaves = timedelta(minutes=self._chance.expovariate(1 / PATIENCE_MINUTES[channel]))
            self._at(self.now + leaves, lambda: self._give_up(contact))

    def _give_up(self, contact: str) -> None:
        if contact in self._waiting:
            self._index.remove(contact, self.now)
            self._end(contact, "abandoned")

    def _end(self, contact: str, how: str) -> None:
        self._waiting.discard(contact)
        one = self.contacts[contact]
        one.ended, one.wait = how, (self.now - one.arrived_at).total_seconds()

    def _hear(self) -> None:
        for event_id, told in self._redis.xrange(self._index.events, min=f"({self._heard}"):
            self._heard = event_id
            if told["kind"] == "widened":
                self.contacts[told["contact"]].requirement = Requirement.parse(told["class"][1:])
            if told["kind"] == "offered":
                self._judge(told["contact"], told["agent"])
                contact, login = told["contact"], told["agent"]
                self._at(self.now + ACCEPTS_AFTER, lambda contact=contact, login=login: self._accept(contact, login))  # type: ignore[misc]

    def _judge(self, contact: str, login: str) -> None:
        """Note whether an offer tops its agent up although somebody more urgent, whom they could serve, wants them."""
        rules, one = self._plan.channels, self.contacts[contact]
        if not rules[one.channel].shared or not self._desks[login].live:
            return
        self.topped_up += 1
        skills = self._plan.agents[login].skills
        for other_id in self._waiting - {contact}:
            other = self.contacts[other_id]
            if (
                rules[other.channel].exclusive
                and other.requirement.satisfied_by(skills)
                and self._urgency(other) > self._urgency(one) + 1e-9
                and self._stands_in_queue(other_id)
            ):
                self.wronged.append(f"{self.now:%H:%M:%S} {login}: {contact} before {other_id}")

    def _stands_in_queue(self, contact: str) -> bool:
        snapshot = self._index.snapshot(contact)
        return snapshot is not None and snapshot.state == "waiting"

    def _urgency(self, one: Served) -> float:
        rules = self._plan.channels[one.channel]
        return rules.weight * (self.now - one.arrived_at).total_seconds() / rules.target_seconds

    def _accept(self, contact: str, login: str) -> None:
        if self._index.accept(contact, login, self.now) is None:
            return
        self._end(contact, "served")
        desk, minutes = self._desks[login], timedelta(minutes=self.contacts[contact].minutes)
        self._work(desk)
        if CHANNELS[self.contacts[contact].channel].live and self.contacts[contact].channel is not Channel.MESSAGING:
            desk.live[contact] = self.now + minutes
            self._at(self.now + minutes, lambda: self._finish(contact, login))
        else:
            desk.written[contact] = minutes
        self._plan_writing(login)

    def _work(self, desk: Sitting) -> None:
        """What was written since the last change: one answer after the other, while nobody was on the line."""
        if desk.since is not None and not desk.live and desk.written:
            first = next(iter(desk.written))
            desk.written[first] -= self.now - desk.since
        desk.since = self.now

    def _plan_writing(self, login: str) -> None:
        desk = self._desks[login]
        if not desk.live and desk.written:
            contact, left = next(iter(desk.written.items()))
            self._at(self.now + max(left, timedelta()), lambda: self._finish_writing(contact, login))

    def _finish_writing(self, contact: str, login: str) -> None:
        desk = self._desks[login]
        self._work(desk)
        if not desk.live and contact in desk.written and desk.written[contact] <= timedelta(milliseconds=1):
            self._finish(contact, login)

    def _finish(self, contact: str, login: str) -> None:
        desk = self._desks[login]
        self._work(desk)
        desk.live.pop(contact, None)
        desk.written.pop(contact, None)
        self._index.remove(contact, self.now)
        self._plan_writing(login)

    def _await_deadline(self) -> None:
        first = self._redis.zrange(self._index.key("deadlines"), 0, 0, withscores=True)
        if first and first[0][1] < float("inf"):
            due = max(self.now, from_milliseconds(first[0][1]))
            if not self._to_come or due <= self._to_come[0][0]:
                self._at(due, self._tick)

    def _tick(self) -> None:
        for told in self._index.tick(self.now):
            if isinstance(told, Lapsed) and told.contact in self._waiting:
                self._index.remove(told.contact, self.now)
                self._end(told.contact, "followed up")


def _roster(plan: Plan, topics: Mapping[str, float], agents: int) -> list[str]:
    """So many agents, chosen so that most people who come can be served at once."""
    able = {topic: ladder(plan, topic, "fr")[0].requirement for topic in topics}
    needed, left = dict(topics), sorted(plan.agents)
    chosen: list[str] = []

    def covers(login: str) -> list[str]:
        return [topic for topic, requirement in able.items() if requirement.satisfied_by(plan.agents[login].skills)]

    while len(chosen) < agents:
        best = max(left, key=lambda login: sum(needed[topic] for topic in covers(login)))
        left.remove(best)
        chosen.append(best)
        for topic in covers(best):
            needed[topic] /= 2
    return chosen


AGENTS, CONTACTS, SEEDS = 22, 1_400, 3


def measure_reference_day() -> list[Result]:
    """Play a few days with many chats, and ask how often, and how much, they come before phone and counter."""
    days = []
    with redis_server() as server, text_client(server.url) as redis:
        for seed in range(SEEDS):
            redis.flushall()
            index = Index(redis)
            day = ReferenceDay(
                index, redis, town_plan(), OPENING, agents=AGENTS, shares=CHATTY, contacts=CONTACTS, seed=seed
            )
            day.run()
            days.append(day)
    past = sum(len(day.wronged) for day in days) / sum(day.topped_up for day in days)
    alone = [day.mean_wait(Channel.VOICE, Channel.WALKIN) for day in days]
    chats = [day.mean_wait(Channel.CHAT) for day in days]
    ratio = statistics.median(one / other for one, other in zip(alone, chats, strict=True))
    figures = f"{sum(day.topped_up for day in days)} chats topped somebody up in {SEEDS} days of {CONTACTS} contacts"
    waits = f"in targets: {statistics.median(alone):.2f} to {statistics.median(chats):.2f}"
    return [
        Result(
            "topped_past", "chats that top up past a more urgent call or visit, of those that top up", past, 0, figures
        ),
        Result("chats_first", "mean wait of calls and visits to that of chats, in targets", ratio, 1, waits),
    ]
