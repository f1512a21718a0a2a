"""One of several processes that do everything at once to one index; run as a program by test_concurrency."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from redis import Redis

from competences.channels import Channel
from competences.plan.parts import ChannelRules
from competences.skills import Requirement
from routeur.contact.words import Activity
from routeur.index import AgentSnapshot, Entry, Index, Lapsed, RungAt, Unserved
from tests.routeur.witness import Witness

PROCESSES, CONTACTS, AGENTS = 8, 10_000, 200
RULES: Final = {
    Channel.VOICE: ChannelRules(target_seconds=180, max_wait_seconds=900, capacity=1, exclusive=True),
    Channel.WALKIN: ChannelRules(target_seconds=900, max_wait_seconds=900, capacity=1, exclusive=True),
    Channel.CHAT: ChannelRules(target_seconds=60, max_wait_seconds=900, capacity=3),
    Channel.MESSAGING: ChannelRules(target_seconds=900, max_wait_seconds=900, capacity=2, interruptible=True),
    Channel.EMAIL: ChannelRules(target_seconds=14_400, max_wait_seconds=900, capacity=2, interruptible=True),
}
STAFF: Final[list[dict[str, int]]] = [
    {"accueil": 1},
    {"accueil": 2, "etat-civil": 2},
    {"accueil": 3, "etat-civil": 2, "lang:en": 3},
    {"accueil": 1, "urbanisme": 5},
    {"accueil": 2, "urbanisme": 2},
]
WANTED: Final = [{"accueil": 1}, {"accueil": 2}, {"etat-civil": 2}, {"urbanisme": 1}, {"urbanisme": 4}, {"lang:en": 1}]
MOST_CONTACTS_AT_A_TIME = 3_000
"""Enough that every agent always has a queue before them."""


def agents() -> dict[str, dict[str, int]]:
    return {f"agent-{number}": STAFF[number % len(STAFF)] for number in range(AGENTS)}


class Hammer:
    """Brings in its share of the contacts, and acts for a share of the agents that overlaps with others'."""

    def __init__(self, redis: Redis, number: int) -> None:
        self.index = Index(redis)
        self.witness = Witness(redis, RULES)
        self.random = random.Random(number)
        self.done: Counter[str] = Counter()
        self.to_come = [f"{number}-{count}" for count in range(CONTACTS // PROCESSES)]
        self.mine: dict[str, Entry] = {}
        self.held: list[tuple[str, str]] = []
        logins = list(agents())
        start = number * AGENTS // PROCESSES
        self.logins = (logins + logins)[start : start + 2 * AGENTS // PROCESSES]

    def run(self) -> Counter[str]:
        while (ended := self.witness.ended()) < CONTACTS:
            for _ in range(20):
                if PROCESSES * len(self.mine) - ended < MOST_CONTACTS_AT_A_TIME:
                    self.arrive()
                    self.arrive()
                self.step()
        return self.done

    def step(self) -> None:
        self.look_at_desks()
        if self.held and self.random.random() < 0.8:
            self.finish()
        chance = self.random.random()
        if chance < 0.02:
            self.abandon()
        elif chance < 0.06:
            self.tick()
        elif chance < 0.08:
            self.go_and_come_back()

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def arrive(self) -> None:
        if not self.to_come:
            return
        now = self.now()
        patience = self.random.choice([0.05, 600, 600, 600, 600, 600])
        rungs = [RungAt(now, Requirement.of(self.random.choice(WANTED)))]
        if self.random.random() < 0.3:
            rungs.insert(0, RungAt(now, Requirement.for_agent(self.random.choice(self.logins))))
            rungs[1] = replace(rungs[1], at=now + timedelta(seconds=0.02))
        entry = Entry(
            contact=self.to_come.pop(),
            channel=self.random.choice(list(Channel)),
            rungs=tuple(rungs),
            queued_at=now - timedelta(seconds=self.random.random()),
            max_wait_at=now + timedelta(seconds=patience),
            revision=1,
        )
        self.mine[entry.contact] = entry
        try:
            self.index.enqueue(entry, now)
        except Unserved:
            self.witness.end(entry.contact)
            self.done["unserved"] += 1

    def look_at_desks(self) -> None:
        some = self.random.sample(self.logins, 8)
        for login, agent in self.index.agent_snapshots(some).items():
            if agent.activity is not Activity.AVAILABLE:
                self.index.place_agent(login, agents()[login], Activity.AVAILABLE, agent.revision + 1, self.now())
                self.done["came back"] += 1
            elif agent.offer is not None:
                self.answer(login, agent, agent.offer)

    def answer(self, login: str, agent: AgentSnapshot, contact: str) -> None:
        chance = self.random.random()
        if chance < 0.08:
            self.done["declined"] += self.index.decline(contact, login, self.now()) is not None
        elif chance < 0.95:
            offer = self.index.snapshot(contact)
            if self.index.accept(contact, login, self.now()):
                self.done["accepted"] += 1
                if offer is not None and self.witness.take(contact, login, offer.channel):
                    self.held.append((contact, login))
            else:
                self.done["too late"] += 1

    def finish(self) -> None:
        contact, login = self.held.pop(self.random.randrange(len(self.held)))
        entry = self.mine.get(contact)
        if entry is not None and self.random.random() < 0.1:
            self.transfer(entry, login)
        elif self.witness.end(contact):
            self.leave(contact, "finished")

    def transfer(self, entry: Entry, login: str) -> None:
        self.witness.give_up(entry.contact)
        moved = replace(entry, revision=entry.revision + 10, rungs=entry.rungs[-1:])
        self.mine[entry.contact] = moved
        try:
            self.index.requeue(moved, self.now(), avoid=login)
            self.done["transferred"] += 1
            if self.witness.has_ended(entry.contact):  # meanwhile: it left the index before it came back
                self.index.remove(entry.contact, self.now())
        except Unserved:
            self.witness.end(entry.contact)
            self.done["unserved"] += 1

    def abandon(self) -> None:
        if self.mine:
            contact = self.random.choice(list(self.mine)[-MOST_CONTACTS_AT_A_TIME // PROCESSES :])
            if self.witness.end(contact):
                self.leave(contact, "abandoned")

    def leave(self, contact: str, why: str) -> None:
        """Take a contact that this process has ended out of the index, where it must be."""
        self.done[why if self.index.remove(contact, self.now()) else "lost"] += 1

    def tick(self) -> None:
        for due in self.index.tick(self.now()):
            if isinstance(due, Lapsed):
                if self.witness.end(due.contact):
                    self.leave(due.contact, "lapsed")
            else:
                self.done["desk gone"] += 1

    def go_and_come_back(self) -> None:
        login = self.random.choice(self.logins)
        agent = self.index.agent_snapshot(login)
        if agent is not None:
            activity = self.random.choice([Activity.BUSY, Activity.BREAK, Activity.AWAY, Activity.OFFLINE])
            self.index.place_agent(login, agents()[login], activity, agent.revision + 1, self.now())
            self.done["went"] += 1


def main(url: str, number: int) -> None:
    with Redis.from_url(url, decode_responses=True) as redis:
        print(json.dumps(Hammer(redis, number).run()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
