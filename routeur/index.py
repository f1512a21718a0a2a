"""The index: where every open contact stands and what every agent can take, in Redis, changed by atomic scripts.

Nothing here is a fact: all of it can be made again from the record (see `routeur.repair`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError, WatchError

from competences.channels import Channel
from competences.plan import ChannelRules
from competences.skills import Requirement, Skills, pool_of, pool_skills
from routeur.clock import from_milliseconds, milliseconds
from routeur.contact import Activity

LETTERS: Final = {
    Channel.VOICE: "v",
    Channel.WALKIN: "w",
    Channel.CHAT: "c",
    Channel.MESSAGING: "m",
    Channel.EMAIL: "e",
}
_OPEN, _BUILDING = "open:", "building:"
_REBUILD_MS = 30_000
"""A rebuild that has not finished by then died; another process may begin again."""

CHANNELS: Final = {letter: channel for channel, letter in LETTERS.items()}


@dataclass(frozen=True)
class RungAt:
    """From `at` on, the contact requires no more than this."""

    at: datetime
    requirement: Requirement


@dataclass(frozen=True)
class Entry:
    """A contact to put in the queue. `rungs` ascend; the first holds from now on, whatever its `at`."""

    contact: str
    channel: Channel
    rungs: Sequence[RungAt]
    queued_at: datetime
    max_wait_at: datetime
    revision: int
    plan_version: int = 0


@dataclass(frozen=True)
class Offered:
    agent: str


@dataclass(frozen=True)
class Lapsed:
    """The contact reached its maximum wait; reported again every five seconds until it leaves the index."""

    contact: str


@dataclass(frozen=True)
class AgentLost:
    """The agent's lease ran out."""

    login: str


@dataclass(frozen=True)
class ContactSnapshot:
    state: str
    channel: Channel
    requirement: Requirement
    agent: str | None
    queued_at: datetime
    revision: int
    plan_version: int
    changed_at: datetime
    expires_at: datetime | None
    offered_at: datetime | None
    avoid: str | None
    avoid_until: datetime | None
    why: str | None
    considered: str


@dataclass(frozen=True)
class AgentSnapshot:
    pool: str
    activity: Activity
    load: Mapping[Channel, int]
    offer: str | None
    idle_since: datetime
    missed: int
    revision: int


class Unserved(Exception):
    """Nobody on shift could serve any rung of the contact; nothing was queued."""


class IndexLost(Exception):
    """The index is empty (Redis lost its memory); it must be rebuilt from the record."""


def class_of(channel: Channel, requirement: Requirement) -> str:
    """The name of the class of contacts with this channel and requirement."""
    return LETTERS[channel] + str(requirement)


def _sources() -> dict[str, str]:
    folder = resources.files("routeur") / "scripts"
    common = (folder / "common.lua").read_text("utf-8")
    return {
        entry.name.removesuffix(".lua"): common + entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".lua") and entry.name != "common.lua"
    }


class Index:
    """The Python face of the scripts. `redis` must decode responses. Any number of processes may hold one."""

    def __init__(self, redis: Redis, namespace: str = "{routeur}") -> None:
        self._redis: Any = redis
        self._namespace = namespace + ":"
        self._sources = _sources()
        self._shas: dict[str, str] = {}
        self._topology = ""
        self._known: set[str] = set()

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
    ) -> None:
        """Set the channels' capacities, weights and targets, and the limits. Takes effect with the next decision.

        An index that is not open yet must be filled within `rebuilding()`.
        """
        fields: dict[str, str | int | float] = {
            "capacity": "".join(str(rules[channel].capacity) for channel in LETTERS),
            "exclusive": "".join(str(int(rules[channel].exclusive)) for channel in LETTERS),
            "interruptible": "".join(str(int(rules[channel].interruptible)) for channel in LETTERS),
            "offer_ms": round(offer_seconds * 1000),
            "lease_ms": round(lease_seconds * 1000),
            "missed_offers": missed_offers,
            "avoid_ms": round(avoid_seconds * 1000),
        }
        for channel, letter in LETTERS.items():
            fields[f"weight:{letter}"] = rules[channel].weight
            fields[f"target:{letter}"] = rules[channel].target_seconds * 1000
        self._redis.hset(self.key("rules"), mapping=fields)

    def is_lost(self) -> bool:
        """Whether the index must be rebuilt: it has never been open, or lost its memory."""
        return not (self._redis.hget(self.key("rules"), "topology") or "").startswith(_OPEN)

    @contextmanager
    def rebuilding(self) -> Iterator[bool]:
        """Empty the index and let only the caller fill it; whoever else asks meanwhile gets IndexLost.

        Yields False, and changes nothing, when another process is rebuilding already.
        """
        token = secrets.token_hex(8)
        if not self._redis.set(self.key("rebuilding"), token, nx=True, px=_REBUILD_MS):
            yield False
            return
        for key in self._redis.scan_iter(self._namespace + "*", count=1000):
            if key not in (self.key("events"), self.key("rebuilding")):
                self._redis.delete(key)
        self._known.clear()
        self._topology = _BUILDING + token
        self._redis.hset(self.key("rules"), "topology", self._topology)
        yield True
        self._topology = _OPEN + token
        self._redis.hset(self.key("rules"), "topology", self._topology)
        self._redis.delete(self.key("rebuilding"))

    def enqueue(self, entry: Entry, now: datetime) -> Offered | None:
        """Queue a contact. No change when the index already holds this revision of it.

        Returns the offer made at once, or None when the contact waits.
        Raises Unserved when nobody on shift could ever serve it, IndexLost when the index must be rebuilt.
        """
        return self._enqueue(entry, now, move=0, avoid=None)

    def requeue(
        self, entry: Entry, now: datetime, avoid: str | None = None, *, record_wins: bool = False
    ) -> Offered | None:
        """Queue a contact as waiting, wherever it stands now; `avoid` is passed over for a while.

        No change when the index holds a later revision, unless `record_wins`: that revision never was recorded.
        """
        return self._enqueue(entry, now, move=2 if record_wins else 1, avoid=avoid)

    def _enqueue(self, entry: Entry, now: datetime, *, move: int, avoid: str | None) -> Offered | None:
        classes = [class_of(entry.channel, rung.requirement) for rung in entry.rungs]
        rungs = " ".join(
            f"{milliseconds(rung.at)} {name}" for rung, name in zip(entry.rungs[1:], classes[1:], strict=True)
        )
        answer: Any = "stale"
        while answer == "stale":
            self._ensure_classes(classes)
            answer = self._run(
                "enqueue",
                milliseconds(now),
                entry.contact,
                classes[0],
                rungs,
                milliseconds(entry.queued_at),
                milliseconds(entry.max_wait_at),
                entry.revision,
                entry.plan_version,
                self._topology,
                move,
                avoid or "",
            )
            if answer == "stale":
                self._refresh_topology()
        if answer == "unserved":
            raise Unserved(entry.contact)
        return Offered(answer[1]) if isinstance(answer, list) else None

    def place_agent(self, login: str, skills: Skills, activity: Activity, revision: int, now: datetime) -> None:
        """Declare an agent with these skills, doing this. An older revision changes nothing."""
        pool = pool_of(skills)
        answer: Any = "stale"
        while answer == "stale":
            self._ensure_pool(pool)
            answer = self._run("place_agent", milliseconds(now), login, pool, activity.value, revision, self._topology)
            if answer == "stale":
                self._refresh_topology()

    def set_activity(self, login: str, activity: Activity, revision: int, now: datetime) -> bool:
        """Returns False for an agent the index does not know (yet)."""
        answer = self._run("place_agent", milliseconds(now), login, "", activity.value, revision, "")
        if answer == "stale":
            raise IndexLost
        return bool(answer)

    def touch(self, login: str, now: datetime) -> bool:
        """Renew the agent's lease. Returns False for an agent who is unknown or offline."""
        return bool(self._run("touch", milliseconds(now), login))

    def accept(self, contact: str, login: str, now: datetime) -> bool:
        """Returns False when the contact is not (any more) offered to this agent."""
        return bool(self._run("accept", milliseconds(now), contact, login))

    def decline(self, contact: str, login: str, now: datetime) -> bool:
        return bool(self._run("decline", milliseconds(now), contact, login))

    def remove(self, contact: str, now: datetime) -> bool:
        """The contact is finished, abandoned or followed up: it leaves whatever place it is in."""
        return bool(self._run("remove", milliseconds(now), contact))

    def hold(
        self, contact: str, channel: Channel, login: str, queued_at: datetime, revision: int, now: datetime
    ) -> bool:
        """The record says that this agent has the contact: make it so. Returns False for an unknown agent."""
        place = class_of(channel, Requirement())
        return bool(self._run("hold", milliseconds(now), contact, login, place, milliseconds(queued_at), revision))

    def tick(self, now: datetime, limit: int = 100) -> list[Lapsed | AgentLost]:
        """Apply the deadlines that are due, in order of time, at most `limit` of them."""
        answer = self._run("tick", milliseconds(now), limit)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [Lapsed(name) if kind == "lapsed" else AgentLost(name) for kind, name in pairs]

    def unserved(self, limit: int = 100) -> list[str]:
        """Contacts that wait although nobody on shift could serve any rung of theirs."""
        return list(self._run("unserved", limit))

    def someone_could_serve(self, classes: Sequence[str]) -> bool:
        """Whether anybody on shift serves one of these classes. Raises IndexLost."""
        answer: Any = "stale"
        while answer == "stale":
            self._ensure_classes(classes)
            answer = self._run("someone_could_serve", self._topology, *classes)
            if answer == "stale":
                self._refresh_topology()
        return bool(answer)

    def next_deadline(self) -> datetime | None:
        first = self._redis.zrange(self.key("deadlines"), 0, 0, withscores=True)
        if not first or first[0][1] == float("inf"):
            return None
        return from_milliseconds(first[0][1])

    def contacts(self) -> set[str]:
        """Every contact the index holds, in whatever place."""
        members = self._redis.zrange(self.key("deadlines"), 0, -1)
        return {member for member in members if not member.startswith("a:")}

    def agents(self) -> set[str]:
        return set(self._redis.smembers(self.key("agents")))

    def waiting(self) -> dict[tuple[Channel, Requirement], list[str]]:
        """The queues: who waits in each class, in order."""
        classes: list[str] = self._redis.zrange(self.key("heads"), 0, -1)
        return {
            (CHANNELS[name[0]], Requirement.parse(name[1:])): self._redis.zrange(self.key("queue:" + name), 0, -1)
            for name in classes
        }

    def snapshots(self, contacts: Iterable[str]) -> dict[str, ContactSnapshot]:
        wanted = list(contacts)
        pipe = self._redis.pipeline(transaction=False)
        for contact in wanted:
            pipe.hgetall(self.key("contact:" + contact))
        rows = zip(wanted, pipe.execute(), strict=True)
        return {contact: _contact_snapshot(row) for contact, row in rows if "state" in row}

    def snapshot(self, contact: str) -> ContactSnapshot | None:
        return self.snapshots([contact]).get(contact)

    def agent_snapshots(self, logins: Iterable[str]) -> dict[str, AgentSnapshot]:
        wanted = list(logins)
        pipe = self._redis.pipeline(transaction=False)
        for login in wanted:
            pipe.hgetall(self.key("agent:" + login))
        rows = zip(wanted, pipe.execute(), strict=True)
        return {login: _agent_snapshot(row) for login, row in rows if row}

    def agent_snapshot(self, login: str) -> AgentSnapshot | None:
        return self.agent_snapshots([login]).get(login)

    def position(self, contact: str) -> int | None:
        """How many stand before this contact in its class; None when it does not wait."""
        name = self._redis.hget(self.key("contact:" + contact), "class")
        if name is None:
            return None
        rank: int | None = self._redis.zrank(self.key("queue:" + name), contact)
        return rank

    def _run(self, name: str, *arguments: str | int | float) -> Any:
        sha = self._shas.get(name)
        try:
            if sha is None:
                raise NoScriptError
            return self._redis.evalsha(sha, 1, self._namespace, *arguments)
        except NoScriptError:
            self._shas[name] = self._redis.script_load(self._sources[name])
            return self._redis.evalsha(self._shas[name], 1, self._namespace, *arguments)

    def _refresh_topology(self) -> None:
        token = self._redis.hget(self.key("rules"), "topology")
        if token is None or not token.startswith(_OPEN):
            raise IndexLost
        self._topology = token
        self._known.clear()

    def _ensure_classes(self, classes: Sequence[str]) -> None:
        """Work out which pools serve these classes, once for each class that the index has not met."""
        missing = [name for name in classes if name not in self._known and name[1] != "@"]
        for name in missing:
            self._define("classes", name)

    def _ensure_pool(self, pool: str) -> None:
        if pool not in self._known:
            self._define("pools", pool)

    def _define(self, kind: str, name: str) -> None:
        """Add a class or a pool and who serves whom, in one transaction watched against others doing the same."""
        with self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(self.key("classes"), self.key("pools"))
                    if not pipe.sismember(self.key(kind), name):
                        classes = {name} if kind == "classes" else pipe.smembers(self.key("classes"))
                        pools = {name} if kind == "pools" else pipe.smembers(self.key("pools"))
                        pipe.multi()
                        pipe.sadd(self.key(kind), name)
                        for one in classes:
                            requirement = Requirement.parse(one[1:])
                            for pool in pools:
                                skills = pool_skills(pool)
                                if requirement.satisfied_by(skills):
                                    pipe.zadd(self.key("serve:" + one), {one[0] + pool: sum(skills.values())})
                                    pipe.zadd(self.key("feeds:" + pool), {one: 0})
                        pipe.execute()
                    self._known.add(name)
                    return
                except WatchError:
                    continue


def _optional_instant(ms: str | None) -> datetime | None:
    return from_milliseconds(float(ms)) if ms and float(ms) > 0 else None


def _contact_snapshot(row: Mapping[str, str]) -> ContactSnapshot:
    offered = row["state"] == "offered"
    return ContactSnapshot(
        state=row["state"],
        channel=CHANNELS[row["class"][0]],
        requirement=Requirement.parse(row["class"][1:]),
        agent=row.get("agent") or None,
        queued_at=from_milliseconds(float(row["queued"])),
        revision=int(row["revision"]),
        plan_version=int(row["plan"]),
        changed_at=from_milliseconds(float(row["changed"])),
        expires_at=_optional_instant(row.get("expires")) if offered else None,
        offered_at=_optional_instant(row.get("offered")) if offered else None,
        avoid=row.get("avoid") or None,
        avoid_until=_optional_instant(row.get("avoid_until")),
        why=row.get("why") if offered else None,
        considered=row.get("considered", "") if offered else "",
    )


def _agent_snapshot(row: Mapping[str, str]) -> AgentSnapshot:
    return AgentSnapshot(
        pool=row["pool"],
        activity=Activity(row["activity"]),
        load={channel: int(n) for channel, n in zip(LETTERS, row["load"], strict=True)},
        offer=row["offer"] or None,
        idle_since=from_milliseconds(float(row["idle_since"])),
        missed=int(row["missed"]),
        revision=int(row["revision"]),
    )
