"""A visitor's stream, woken by the router's real events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from canaux.chat.stream import conversation_events, wakes
from routeur.contact.words import Outcome
from routeur.ports.events import Event, EventHub
from tests.routeur.hall import Hall


@pytest.fixture
def hub(hall: Hall, redis_url: str) -> Iterator[EventHub]:
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        hub = EventHub(redis, hall.index.events)
        yield hub
        hub.close()


def told(hall: Hall, woken: Iterator[Event | None], contact: str) -> Iterator[str]:
    """The frames of a visitor's stream, as they are written."""
    plans, signals = lambda: hall.plans.current().plan, hall.foundation.signals
    for frame in conversation_events(hall.reception, woken, plans, contact, 0, signals, hall.clock):
        yield frame.decode()


def test_messages_and_changes_arrive_while_the_visitor_watches(hall: Hall, hub: EventHub) -> None:
    hall.available("anne")
    contact = hall.chat("Bonjour")

    stream = told(hall, wakes(hub, contact), contact)
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

    def events() -> Iterator[Event | None]:
        with hub.subscribe(contact=contact) as next_event:
            yield None
            while True:
                event = next_event(10.0)
                assert event is not None, "nothing woke the stream"
                yield event

    stream = told(hall, events(), contact)
    for _ in range(2):
        next(stream)
    assert next(stream).startswith(":")
    hall.reception.route(contact, topic="carte-identite")
    offer = next(stream)
    assert offer.startswith("event: self_service\n")
    assert "https://demarches.petit-bourg.example/carte-identite" in offer
    hall.desk.set_topic("anne", contact, "objets-trouves", anyone=True)
    assert next(stream) == "event: self_service\ndata: null\n\n"
