"""A visitor's stream, woken by the router's real events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from canaux.chat import conversation_events
from routeur.contact.words import Outcome
from routeur.ports.events import EventHub
from tests.routeur.hall import Hall


@pytest.fixture
def hub(hall: Hall, redis_url: str) -> Iterator[EventHub]:
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        hub = EventHub(redis, hall.index.key("events"))
        yield hub
        hub.close()


def test_messages_and_changes_arrive_while_the_visitor_watches(hall: Hall, hub: EventHub) -> None:
    hall.available("anne")
    contact = hall.chat("Bonjour")

    def wakes() -> Iterator[object | None]:
        with hub.subscribe(contact=contact) as next_event:
            yield None
            while True:
                yield next_event(10.0)

    stream = conversation_events(hall.reception, wakes(), lambda: hall.plans.current().plan, contact, 0)
    assert "Bonjour" in next(stream)
    assert next(stream).startswith("event: waiting")
    assert next(stream).startswith(":")
    hall.serve(contact)
    assert next(stream).startswith("event: accepted")
    hall.desk.reply("anne", contact, "Bonjour à vous")
    heard = next(stream)
    while heard.startswith(":"):
        heard = next(stream)
    assert heard.startswith("id: 2\nevent: message\n")
    assert "Bonjour à vous" in heard
    hall.desk.finish("anne", contact, Outcome.ANSWERED, None)
    rest = list(stream)
    assert rest[-1].startswith("event: closed")


def test_a_topic_found_meanwhile_brings_what_can_be_done_online_at_once(hall: Hall, hub: EventHub) -> None:
    hall.available("anne", "bruno")
    contact = hall.chat("Bonjour")

    def wakes() -> Iterator[object | None]:
        with hub.subscribe(contact=contact) as next_event:
            yield None
            while True:
                event = next_event(10.0)
                assert event is not None, "nothing woke the stream"
                yield event

    stream = conversation_events(hall.reception, wakes(), lambda: hall.plans.current().plan, contact, 0)
    for _ in range(2):
        next(stream)
    assert next(stream).startswith(":")
    hall.reception.route(contact, topic="carte-identite")
    told = next(stream)
    assert told.startswith("event: self_service\n")
    assert "https://demarches.petit-bourg.example/carte-identite" in told
    hall.desk.set_topic("anne", contact, "objets-trouves", anyone=True)
    assert next(stream) == "event: self_service\ndata: null\n\n"
