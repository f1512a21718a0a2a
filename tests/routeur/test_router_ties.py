"""Ties: which contact or agent comes first if all weights are equal, in cases that random days seldom meet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis

from competences.channels import Channel
from competences.plan.parts import ChannelRules
from competences.skills import Requirement
from routeur.contact.words import Activity
from routeur.index import Entry, Index, RungAt
from tests.clock import MONDAY_MORNING

ANYBODY = Requirement.of({"accueil": 1})


def town_hall(redis: Redis, **targets: int) -> Index:
    """An open index; each channel's target in seconds, 900 where none is given."""
    rules = {
        channel: ChannelRules(target_seconds=targets.get(channel, 900), max_wait_seconds=3600, capacity=2)
        for channel in Channel
    }
    index = Index(redis)
    with index.rebuilding():
        index.configure(rules, offer_seconds=20, lease_seconds=600, missed_offers=2, avoid_seconds=30)
    return index


def arrive(index: Index, contact: str, channel: Channel, now: datetime, *, waited: float = 0) -> str | None:
    """Enqueue a contact that anybody can serve and that has waited for some time; returns who is offered it at once."""
    queued_at = now - timedelta(seconds=waited)
    entry = Entry(contact, channel, (RungAt(now, ANYBODY),), queued_at, now + timedelta(hours=1), revision=1)
    offered = index.enqueue(entry, now)
    return offered.agent if offered else None


@pytest.mark.parametrize(("laden", "unladen"), [("ana", "bob"), ("bob", "ana")])
def test_equally_long_idle_agents_are_taken_by_name_whatever_else_they_hold(
    redis_client: Redis, laden: str, unladen: str
) -> None:
    now = MONDAY_MORNING
    index = town_hall(redis_client)
    for login in (laden, unladen):
        index.place_agent(login, {"accueil": 1}, Activity.AVAILABLE, 1, now)
    for contact in ("e1", "e2"):  # e-mails to the brim
        index.hold(contact, Channel.EMAIL, laden, now, 1, now)

    assert arrive(index, "c1", Channel.CHAT, now) == "ana"


@pytest.mark.parametrize(("longer", "shorter"), [("voice", "chat"), ("chat", "voice")])
def test_of_equal_urgencies_the_one_that_came_first_is_taken(redis_client: Redis, longer: str, shorter: str) -> None:
    now = MONDAY_MORNING
    index = town_hall(redis_client, **{longer: 180, shorter: 60})
    index.place_agent("ana", {"accueil": 1}, Activity.BUSY, 1, now)
    arrive(index, "later", Channel(shorter), now, waited=10)
    arrive(index, "earlier", Channel(longer), now, waited=30)

    index.place_agent("ana", {"accueil": 1}, Activity.AVAILABLE, 2, now)

    snapshot = index.agent_snapshot("ana")
    assert snapshot is not None
    assert snapshot.offer == "earlier"


def test_of_equal_urgencies_and_places_the_class_decides_by_its_name(redis_client: Redis) -> None:
    now = MONDAY_MORNING
    index = town_hall(redis_client)
    index.place_agent("ana", {"accueil": 1}, Activity.BUSY, 1, now)
    for contact, channel in (("a", Channel.WALKIN), ("b", Channel.CHAT), ("c", Channel.VOICE)):
        arrive(index, contact, channel, now, waited=10)

    index.place_agent("ana", {"accueil": 1}, Activity.AVAILABLE, 2, now)

    snapshot = index.agent_snapshot("ana")
    assert snapshot is not None
    assert snapshot.offer == "b"
