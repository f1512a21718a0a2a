"""A visitor's stream, woken by the router's real events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from canaux.chat import conversation_events
from routeur.contact import Outcome
from routeur.events import EventHub
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
