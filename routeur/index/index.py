"""The Python face of the scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from redis import Redis

from competences.calendar import Interval
from competences.channels import Channel
from competences.plan.plan import ChannelRules
from competences.skills import Requirement, Skills, pool_of
from routeur.clock import milliseconds
from routeur.contact.words import Activity
from routeur.index.entries import (
    LETTERS,
    AgentLost,
    Declined,
    Entry,
    Lapsed,
    Offered,
    Taken,
    Unserved,
    class_of,
)
from routeur.index.lua import Scripts, layout
from routeur.index.snapshots import AgentSnapshot, ContactSnapshot, read_agent, read_contact
from routeur.index.topology import Topology

_OFFERED = "offered "
_HASH_TAG = "{routeur}"
"""All keys share it, so that they stand in one slot of a Redis Cluster."""
_UNLESS_HELD, _UNLESS_LATER, _ALWAYS = 0, 1, 2
_RUNG_ENDED = 2


class Index:
    """The index under one namespace, which any number of processes share. `redis` must decode responses.

    By default the namespace names the layout too, so that no version of the scripts meets what another has written:
    after an upgrade the index is lost, and made again from the record. The stream of events is the same for all.
    """

    def __init__(self, redis: Redis, namespace: str | None = None) -> None:
        self._redis: Any = redis
        self._namespace = (namespace or f"{_HASH_TAG}:{layout()}") + ":"
        self._run = Scripts(redis, self._namespace).run
        self._topology = Topology(redis, self.key)

    @property
    def events(self) -> str:
        """The stream of events."""
        return f"{_HASH_TAG}:events"

    def key(self, name: str) -> str:
        return self._namespace + name

    def configure(
        self,
        rules: Mapping[Channel, ChannelRules],
        *,
        offer_seconds: float,
        lease_seconds: float,
        missed_offers: int,
        avoid_seconds: float,
        presence_grace_seconds: float = 0,
        closures: Sequence[Interval] = (),
    ) -> None:
        """Set the channels' rules, and the limits. They hold from the next decision on.

        `presence_grace_seconds`: how long agents whom the index takes off the queue are expected back.
        `closures`, in order of time, are the intervals in which the town hall was or will be closed, as far back as a
        wait may begin. They are left out of the wait on a channel whose target counts opening hours.
        An index that is not open yet must be filled within `rebuilding()`.
        """
        fields: dict[str, str | int | float] = {
            "capacity": "".join(str(rules[channel].capacity) for channel in LETTERS),
            "exclusive": "".join(str(int(rules[channel].exclusive)) for channel in LETTERS),
            "interruptible": "".join(str(int(rules[channel].interruptible)) for channel in LETTERS),
            "shared": "".join(str(int(rules[channel].shared)) for channel in LETTERS),
            "offer_ms": round(offer_seconds * 1000),
            "lease_ms": round(lease_seconds * 1000),
            "missed_offers": missed_offers,
            "avoid_ms": round(avoid_seconds * 1000),
            "grace_ms": round(presence_grace_seconds * 1000),
            "rates": json.dumps(
                [
                    *(rules[channel].weight for channel in LETTERS),
                    *(rules[channel].target_seconds * 1000 for channel in LETTERS),
                    *(int(rules[channel].target_in_opening_hours) for channel in LETTERS),
                ]
            ),
            "closures": json.dumps([milliseconds(instant) for closure in reversed(closures) for instant in closure]),
        }
        self._redis.hset(self.key("rules"), mapping=fields)

    def weigh_pools(self, versatility: Mapping[str, float]) -> None:
        """Set how versatile pools are; the less versatile serve first. A pool that is not named has its levels' sum."""
        self._topology.weigh(versatility)

    def is_lost(self) -> bool:
        """Whether the index must be rebuilt: it was never open, or Redis lost its memory."""
        return self._topology.is_lost()

    @contextmanager
    def rebuilding(self) -> Iterator[bool]:
        """Empty the index and let only the caller fill it; other processes get IndexLost meanwhile.

        Yields False, and changes nothing, when another process is rebuilding it already.
        """
        with self._topology.rebuilding(self._empty) as mine:
            yield mine

    def forget_former(self) -> int:
        """Delete the indexes of other versions whose dispatchers are gone; returns how many there were."""
        rules = self._redis.scan_iter(_HASH_TAG + ":*rules", count=1000)
        namespaces = {key.removesuffix("rules") for key in rules} | {self._namespace}
        former = {name for name in namespaces if not self._redis.exists(name + "dispatcher")} - {self._namespace}
        for key in self._redis.scan_iter(_HASH_TAG + ":*", count=1000):
            # The first versions named no layout: their namespace begins all others.
            owner = max((name for name in namespaces if key.startswith(name)), key=len, default=None)
            if owner in former and key != self.events:
                self._redis.delete(key)
        return len(former)

    def _empty(self) -> None:
        kept = (self.events, self.key("rebuilding"), self.key("dispatcher"))
        for key in self._redis.scan_iter(self._namespace + "*", count=1000):
            if key not in kept:
                self._redis.delete(key)

    def enqueue(self, entry: Entry, now: datetime) -> Offered | None:
        """Queue a contact; does nothing when the index already holds this revision of it.

        Returns the offer made at once, or None when the contact waits.
        Raises Unserved when nobody on shift could ever serve it and it may not wait for them, IndexLost when the index
        must be rebuilt.
        """
        return self._enqueue(entry, now, "enqueue")

    def requeue(
        self, entry: Entry, now: datetime, avoid: str | None = None, *, record_wins: bool = False
    ) -> Offered | None:
        """Queue a contact as waiting, wherever it stands now. The agent `avoid` is passed over for a while.

        Does nothing when the index holds a later revision, unless `record_wins`: that revision was never recorded.
        """
        return self._enqueue(entry, now, "requeue", _ALWAYS if record_wins else _UNLESS_LATER, avoid or "")

    def _enqueue(self, entry: Entry, now: datetime, script: str, *arguments: str | int) -> Offered | None:
        at = milliseconds(now)
        classes = [class_of(entry.channel, rung.requirement) for rung in entry.rungs]
        rungs = " ".join(
            f"{milliseconds(rung.at)} {name}" for rung, name in zip(entry.rungs[1:], classes[1:], strict=True)
        )
        patient = milliseconds(entry.patient_until) if entry.patient_until is not None else 0
        times = f"{milliseconds(entry.queued_at)} {milliseconds(entry.max_wait_at)} {patient}"
        while True:
            self._topology.ensure_classes(classes)
            place = f"{entry.contact} {classes[0]} {times} {entry.revision} {entry.edition}"
            packed = f"{place} {self._topology.token or '-'} {rungs}"
            answer: str = self._run(script, at, packed, *arguments)
            if answer != "stale":
                break
            self._topology.refresh()
        if answer == "known":
            return self._enqueue(entry, now, "requeue", _UNLESS_HELD, "")
        if answer == "unserved":
            raise Unserved(entry.contact)
        return Offered(answer.removeprefix(_OFFERED)) if answer.startswith(_OFFERED) else None

    def place_agent(
        self,
        login: str,
        skills: Skills,
        activity: Activity,
        revision: int,
        now: datetime,
        *,
        by_their_desk: bool = True,
        expected_until: datetime | None = None,
    ) -> None:
        """Set an agent's skills and activity; an older revision changes nothing. Raises IndexLost.

        What their desk says renews its lease; what others say of them only gives one where there is none.
        `expected_until`: until then contacts wait for this agent as for one on shift.
        """
        pool = pool_of(skills)
        expected = milliseconds(expected_until) if expected_until is not None else 0
        answer: Any = "stale"
        while answer == "stale":
            self._topology.ensure_pool(pool)
            answer = self._run(
                "place_agent",
                milliseconds(now),
                login,
                pool,
                activity.value,
                revision,
                self._topology.token,
                int(by_their_desk),
                expected,
            )
            if answer == "stale":
                self._topology.refresh()

    def touch(self, login: str, now: datetime) -> bool:
        """Renew the agent's lease. Returns False for an agent who is unknown or offline."""
        return bool(self._run("touch", milliseconds(now), login))

    def accept(self, contact: str, login: str, now: datetime) -> Taken | None:
        """Let the agent take the contact that they are offered, and those that wait in its place as far as they fit.

        Returns None when it is not offered to this agent (any more).
        """
        answer = self._run("accept", milliseconds(now), contact, login)
        return Taken(int(answer[0]), frozenset(answer[1:])) if answer else None

    def decline(self, contact: str, login: str, now: datetime) -> Declined | None:
        """Let the agent give back the contact that they are offered. Returns None when it is not offered to them."""
        answer = int(self._run("decline", milliseconds(now), contact, login))
        return Declined(ended_their_rung=answer == _RUNG_ENDED) if answer else None

    def link(self, lead: str, entry: Entry, now: datetime) -> bool:
        """Let a contact wait in the place of another, its lead; the entry's rungs do not matter.

        Returns False, and changes nothing, when the lead does not wait here.
        """
        place = f"{entry.contact} {class_of(entry.channel, Requirement())} {milliseconds(entry.queued_at)}"
        packed = f"{place} {milliseconds(entry.max_wait_at)} {entry.revision} {entry.edition}"
        return bool(self._run("link", milliseconds(now), lead, packed))

    def remove(self, contact: str, now: datetime) -> bool:
        """Take a contact out of the index, wherever it stands, with those that wait in its place.

        Returns False when the index does not hold it.
        """
        return bool(self._run("remove", milliseconds(now), contact))

    def hold(
        self, contact: str, channel: Channel, login: str, queued_at: datetime, revision: int, now: datetime
    ) -> bool:
        """Give the contact to the agent who has it according to the record. Returns False for an unknown agent."""
        place = class_of(channel, Requirement())
        return bool(self._run("hold", milliseconds(now), contact, login, place, milliseconds(queued_at), revision))

    def tick(self, now: datetime, limit: int = 100) -> list[Lapsed | AgentLost]:
        """Apply the deadlines that are due, in order of time, at most `limit` of them; returns what to record."""
        answer = self._run("tick", milliseconds(now), limit)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [Lapsed(name) if kind == "lapsed" else AgentLost(name) for kind, name in pairs]

    def unserved(self, now: datetime, limit: int = 100) -> list[str]:
        """At most `limit` contacts that wait although nobody on shift could serve any of their rungs, and may not.

        Those of channels that wait overnight are not looked at.
        """
        return list(self._run("unserved", milliseconds(now), limit))

    def someone_could_serve(self, classes: Sequence[str], now: datetime) -> bool:
        """Whether anybody on shift, or expected back, serves one of these classes. Raises IndexLost."""
        answer: Any = "stale"
        while answer == "stale":
            self._topology.ensure_classes(classes)
            answer = self._run("someone_could_serve", milliseconds(now), self._topology.token, *classes)
            if answer == "stale":
                self._topology.refresh()
        return bool(answer)

    def contacts(self) -> set[str]:
        """Every contact that the index holds, wherever it stands."""
        members = self._redis.zrange(self.key("deadlines"), 0, -1)
        return {member for member in members if ":" not in member}

    def agents(self) -> set[str]:
        """The log-in of every agent that the index knows."""
        return set(self._redis.smembers(self.key("agents")))

    def snapshots(self, contacts: Iterable[str]) -> dict[str, ContactSnapshot]:
        """Where these contacts stand; those that the index does not hold are absent."""
        wanted = list(contacts)
        pipe = self._redis.pipeline(transaction=False)
        for contact in wanted:
            pipe.hgetall(self.key("contact:" + contact))
        rows = zip(wanted, pipe.execute(), strict=True)
        return {contact: read_contact(row) for contact, row in rows if "state" in row}

    def snapshot(self, contact: str) -> ContactSnapshot | None:
        return self.snapshots([contact]).get(contact)

    def agent_snapshots(self, logins: Iterable[str]) -> dict[str, AgentSnapshot]:
        """What these agents are doing; those that the index does not know are absent."""
        wanted = list(logins)
        pipe = self._redis.pipeline(transaction=False)
        for login in wanted:
            pipe.hgetall(self.key("agent:" + login))
        rows = zip(wanted, pipe.execute(), strict=True)
        return {login: read_agent(row) for login, row in rows if row}

    def agent_snapshot(self, login: str) -> AgentSnapshot | None:
        return self.agent_snapshots([login]).get(login)

    def yields(self, channel: Channel) -> bool:
        """Whether contacts of this channel wait because they leave agents to a more urgent call or visit."""
        return self._redis.zscore(self.key("deadlines"), f"y:{LETTERS[channel]}") is not None

    def position(self, contact: str) -> int | None:
        """The number of contacts before this one in its class; None when it does not wait."""
        name = self._redis.hget(self.key("contact:" + contact), "class")
        if name is None:
            return None
        rank: int | None = self._redis.zrank(self.key("queue:" + name), contact)
        return rank
