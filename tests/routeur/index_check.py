"""Compare the index with the naive router: every key, every field, every score."""

from __future__ import annotations

from collections import defaultdict

from competences.skills import Requirement, pool_skills
from tests.routeur.index_dump import IndexDump
from tests.routeur.naive_parts import LETTERS, NaiveAgent, NaiveContact
from tests.routeur.naive_router import NaiveRouter


def check_same(model: NaiveRouter, dump: IndexDump, now: int) -> None:
    """Check that the index says the same of every contact and agent as the model."""
    assert dump.contacts.keys() == model.contacts.keys()
    for contact in model.contacts.values():
        _same(_told(dump.contacts[contact.id], now), _expected(contact, now))
    assert dump.agents.keys() == model.agents.keys()
    for agent in model.agents.values():
        _same(_agent_told(dump.agents[agent.login]), _agent_expected(agent))
    _same(dump.deadlines, _deadlines(model))


def check_structures(model: NaiveRouter, dump: IndexDump) -> None:
    """Check that queues, heads, idle sets and counts follow from the places of contacts and agents."""
    queues: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for contact in sorted(model.contacts.values(), key=lambda one: (one.queued_at, one.id)):
        if contact.place == "waiting":
            queues[contact.class_text].append((contact.id, float(contact.queued_at)))
    _same(dump.queues, dict(queues))
    heads: dict[str, dict[str, float]] = defaultdict(dict)
    for name, queue in queues.items():
        heads[name[1:] if name[1] == "@" else name[0]][name] = queue[0][1]
    _same(dump.heads, dict(heads))
    _same(dump.fronts, {kind: f"{min(places.values()):.0f}" for kind, places in heads.items()})

    idle: dict[str, list[tuple[str, float]]] = defaultdict(list)
    ready: dict[str, set[str]] = defaultdict(set)
    present: dict[str, float] = defaultdict(float)
    for agent in sorted(model.agents.values(), key=lambda one: (one.idle_since, one.login)):
        letters = [
            letter.upper() if model.would_top_up(agent, channel) else letter
            for channel, letter in LETTERS.items()
            if model.can_be_offered(agent, channel)
        ]
        for letter in ["*"] if letters == list(LETTERS.values()) else letters:
            idle[letter + agent.pool].append((agent.login, float(agent.idle_since)))
            ready[letter].add(agent.pool)
        if agent.on_shift:
            present[agent.pool] += 1
    _same(dump.idle, dict(idle))
    _same(dump.ready, dict(ready))
    _same(dump.present, dict(present))
    _same(dump.expected, {pool: float(until) for pool, until in model.expected.items()})
    assert not dump.other


def check_who_serves_whom(model: NaiveRouter, dump: IndexDump, classes: set[str], pools: set[str]) -> None:
    """Check that each class knows the pools that can serve it, and each pool its classes."""
    serves = {
        (name, pool)
        for name in classes
        for pool in pools
        if Requirement.parse(name[1:]).satisfied_by(pool_skills(pool))
    }
    assert {(name, pool) for name, members in dump.serve.items() for pool in members} == serves
    for members in dump.serve.values():
        _same(members, {pool: model.versatility(pool) for pool in members})
    assert {(name, place[1:]) for place, members in dump.feeds.items() for name in members} == serves
    assert all(name[0] == place[0] for place, members in dump.feeds.items() for name in members)


def check_promises(dump: IndexDump) -> None:
    """Check P2 and P3 in the index alone."""
    waiting = [contact for queue in dump.queues.values() for contact, _ in queue]
    offered = [row["offer"] for row in dump.agents.values() if row["offer"]]
    places = {"waiting": sorted(waiting), "offered": sorted(offered)}
    for place, members in places.items():
        assert members == sorted(contact for contact, row in dump.contacts.items() if row["state"] == place)
    for contact, row in dump.contacts.items():
        assert (dump.deadlines[contact] < float("inf")) == (row["state"] != "active")
    for login, agent in dump.agents.items():
        held = [row for row in dump.contacts.values() if row["state"] == "active" and row["agent"] == login]
        for channel, letter, load in zip(LETTERS, LETTERS.values(), agent["load"], strict=True):
            assert sum(row["class"][0] == letter for row in held) == int(load), (login, channel)


def check_who_could_be_sent_away(model: NaiveRouter, unserved: set[str], now: int) -> None:
    """Check that the index names who waits in vain, and nobody of a channel that waits overnight."""
    _same(unserved, model.unserved(now))


def check_nobody_is_forgotten(model: NaiveRouter, now: int) -> None:
    """Check, when no deadline is due, that nobody is past their maximum (P5) or waits while an able agent is free."""
    for contact in model.contacts.values():
        if contact.place in ("waiting", "offered"):
            assert contact.max_wait_at > now
        if contact.place == "waiting" and contact.channel not in model.yielding:  # who yields is looked at again soon
            assert model.agent_for(contact, now) is None, contact.id


def _same(index: object, model: object) -> None:
    assert index == model, f"index {index}, model {model}"


Told = tuple[str, str, str | None, int, int, int | None, tuple[str, int] | None, str | None, list[str]]


def _told(row: dict[str, str], now: int) -> Told:
    avoid = None
    if row["state"] == "waiting" and row["avoid"] and float(row["avoid_until"]) > now:
        avoid = (row["avoid"], int(row["avoid_until"]))
    expires = int(row["expires"]) if row["state"] == "offered" else None
    return (
        row["state"],
        row["class"],
        row["agent"] or None,
        int(row["queued"]),
        int(row["revision"]),
        expires,
        avoid,
        row.get("lead") or None if row["state"] == "linked" else None,
        row.get("with", "").split(),
    )


def _expected(contact: NaiveContact, now: int) -> Told:
    avoid = contact.avoid if contact.place == "waiting" and contact.avoid and contact.avoid[1] > now else None
    return (
        contact.place,
        contact.class_text,
        contact.agent,
        contact.queued_at,
        contact.revision,
        contact.expires_at,
        avoid,
        contact.lead if contact.place == "linked" else None,
        contact.followers,
    )


AgentTold = tuple[str, str, str, str | None, int, int, int]


def _agent_told(row: dict[str, str]) -> AgentTold:
    return (
        row["pool"],
        row["activity"],
        row["load"],
        row["offer"] or None,
        int(row["idle_since"]),
        int(row["missed"]),
        int(row["revision"]),
    )


def _agent_expected(agent: NaiveAgent) -> AgentTold:
    return (
        agent.pool,
        agent.activity.value,
        "".join(str(agent.load[channel]) for channel in LETTERS),
        agent.pending,
        agent.idle_since,
        agent.missed,
        agent.revision,
    )


def _deadlines(model: NaiveRouter) -> dict[str, float]:
    active = {one.id: float("inf") for one in model.contacts.values() if one.place == "active"}
    return active | model.deadlines()
