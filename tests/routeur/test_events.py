"""Agents and visitors get the events of their own contacts at once, in order, and without loss after a break."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from routeur.ports.announcer import Announcer
from routeur.ports.events import EventHub
from tests.clock import MONDAY_MORNING

STREAM = "{routeur}:events"


@pytest.fixture
def hub(redis_client: Redis, redis_url: str) -> Iterator[EventHub]:
    with Redis.from_url(redis_url, decode_responses=True) as reading:
        built = EventHub(reading, STREAM, block_ms=50)
        yield built
        built.close()


@pytest.fixture
def tell(redis_client: Redis) -> Announcer:
    return Announcer(redis_client, STREAM)


def test_an_agent_hears_of_their_own_only(hub: EventHub, tell: Announcer) -> None:
    with hub.subscribe(agent="anne") as anne, hub.subscribe(agent="bruno") as bruno:
        tell.tell("offered", MONDAY_MORNING, "c1", "anne")
        tell.tell("offered", MONDAY_MORNING, "c2", "bruno")
        first, second = anne(5), bruno(5)
        assert (first and first.contact, second and second.contact) == ("c1", "c2")
        assert anne(0.01) is None


def test_a_visitor_hears_of_their_contact_whoever_the_agent_is(hub: EventHub, tell: Announcer) -> None:
    with hub.subscribe(contact="c1") as visitor:
        tell.tell("accepted", MONDAY_MORNING, "c1", "anne")
        event = visitor(5)
        assert event is not None
        assert (event.kind, event.agent) == ("accepted", "anne")


def test_what_happened_during_a_break_comes_first_and_once(hub: EventHub, tell: Announcer) -> None:
    with hub.subscribe(agent="anne") as anne:
        tell.tell("offered", MONDAY_MORNING, "c1", "anne")
        seen = anne(5)
    assert seen is not None
    tell.tell("expired", MONDAY_MORNING, "c1", "anne")
    tell.tell("offered", MONDAY_MORNING, "c2", "bruno")
    tell.tell("offered", MONDAY_MORNING, "c3", "anne")
    with hub.subscribe(agent="anne") as anne:
        tell.tell("closed", MONDAY_MORNING, "c3", "anne")
        missed = anne.missed(seen.id) or []
        assert [event.kind for event in missed] == ["expired", "offered", "closed"]
        tell.tell("offered", MONDAY_MORNING, "c4", "anne")
        event = anne(5)
        assert (event and event.contact, anne(0.01)) == ("c4", None)


@pytest.mark.parametrize("unknown", ["1-0", "nonsense", "9999999999999-0"])
def test_an_id_that_is_no_longer_known_tells_to_look_again(hub: EventHub, tell: Announcer, unknown: str) -> None:
    tell.tell("offered", MONDAY_MORNING, "c1", "anne")
    with hub.subscribe(agent="anne") as anne:
        assert anne.missed(unknown) is None
        tell.tell("offered", MONDAY_MORNING, "c2", "anne")
        event = anne(5)
        assert event is not None
        assert event.contact == "c2"


def test_nothing_known_any_more_tells_to_look_again(hub: EventHub) -> None:
    with hub.subscribe(agent="anne") as anne:
        assert anne.missed("1795469310696-0") is None


def test_a_desk_follows_the_contacts_that_it_shows_and_no_others(hub: EventHub, tell: Announcer) -> None:
    with hub.subscribe(agent="anne") as anne:
        anne.follow({"c1", "c2"})
        anne.follow({"c2"})
        tell.tell("message", MONDAY_MORNING, "c1")
        tell.tell("message", MONDAY_MORNING, "c2")
        tell.tell("offered", MONDAY_MORNING, "c2", "anne")
        heard = [anne(5), anne(5), anne(0.01)]
        assert [event and event.kind for event in heard] == ["message", "offered", None]


def test_the_staff_s_events_are_those_that_change_what_somebody_can_be_offered(hub: EventHub, tell: Announcer) -> None:
    with hub.subscribe(staff=True) as desk, hub.subscribe(everything=True) as overview:
        tell.tell("message", MONDAY_MORNING, "c1", "anne")
        tell.tell("topic_set", MONDAY_MORNING, "c1")
        tell.tell("accepted", MONDAY_MORNING, "c1", "anne")
        event = desk(5)
        assert event is not None
        assert event.kind == "accepted"
        assert [one and one.kind for one in (overview(5), overview(5), overview(5))] == [
            "message",
            "topic_set",
            "accepted",
        ]


def test_who_unsubscribed_is_forgotten(hub: EventHub) -> None:
    with hub.subscribe(agent="anne"):
        assert hub.subscriptions() == 1
    assert hub.subscriptions() == 0
