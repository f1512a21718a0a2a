"""Reads the whole content of the index, key by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from redis import Redis

Scores = dict[str, float]


@dataclass
class IndexDump:
    """The index's keys by kind. `other` names the keys that no kind accounts for."""

    queues: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    idle: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    agents: dict[str, dict[str, str]] = field(default_factory=dict)
    heads: dict[str, Scores] = field(default_factory=dict)
    fronts: dict[str, str] = field(default_factory=dict)
    ready: dict[str, set[str]] = field(default_factory=dict)
    present: Scores = field(default_factory=dict)
    expected: Scores = field(default_factory=dict)
    deadlines: Scores = field(default_factory=dict)
    serve: dict[str, Scores] = field(default_factory=dict)
    feeds: dict[str, set[str]] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)


KNOWN = {"rules", "classes", "pools", "versatility", "agents", "events"}
SETS = {"feeds", "ready"}


def read_index(redis: Redis, namespace: str) -> IndexDump:
    """Read everything under the namespace (which ends in a colon)."""
    client: Any = redis
    names = sorted(key.removeprefix(namespace) for key in client.keys(namespace.replace("{", "\\{") + "*"))
    pipe = client.pipeline(transaction=False)
    for name in names:
        kind = name.partition(":")[0]
        if kind in ("contact", "agent", "fronts"):
            pipe.hgetall(namespace + name)
        elif kind in SETS:
            pipe.smembers(namespace + name)
        elif name in KNOWN:
            pipe.exists(namespace + name)
        else:
            pipe.zrange(namespace + name, 0, -1, withscores=True)
    dump = IndexDump()
    for name, value in zip(names, pipe.execute(), strict=True):
        _sort(dump, name, value)
    return dump


def _sort(dump: IndexDump, name: str, value: Any) -> None:
    kind, _, rest = name.partition(":")
    match kind:
        case "contact":
            dump.contacts[rest] = value
        case "agent":
            dump.agents[rest] = value
        case "queue":
            dump.queues[rest] = [tuple(pair) for pair in value]
        case "idle":
            dump.idle[rest] = [tuple(pair) for pair in value]
        case "serve":
            dump.serve[rest] = dict(value)
        case "feeds":
            dump.feeds[rest] = set(value)
        case "heads":
            dump.heads[rest] = dict(value)
        case "fronts":
            dump.fronts = value
        case "ready":
            dump.ready[rest] = set(value)
        case "present":
            dump.present = dict(value)
        case "expected":
            dump.expected = dict(value)
        case "deadlines":
            dump.deadlines = dict(value)
        case _ if name not in KNOWN:
            dump.other.add(name)
