"""The agent's stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bureau.api.me import STREAMS_PER_LOGIN
from routeur.contact.words import Activity
from tests.bureau.office import Desktop, Office, json_of


@dataclass(frozen=True)
class Told:
    kind: str
    data: dict[str, Any]
    id: str | None


class Reader:
    """Reads a stream as a browser does."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def all(self) -> Iterator[bytes]:
        """Everything, until the server ends it."""
        return self._chunks

    def raw(self) -> str:
        return next(self._chunks).decode()

    def next(self) -> Told:
        """The next event; heartbeats and hints are skipped."""
        while True:
            text = self.raw()
            fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
            if "event" in fields:
                return Told(fields["event"], json.loads(fields["data"]), fields.get("id"))

    def until(self, kind: str) -> Told:
        told = self.next()
        while told.kind != kind:
            told = self.next()
        return told


@contextmanager
def listening(desktop: Desktop, last_event_id: str | None = None) -> Iterator[Reader]:
    answer = desktop.events(last_event_id)
    assert answer.status_code == 200
    assert answer.content_type == "text/event-stream"
    with closing(answer.response):  # type: ignore[type-var]
        yield Reader(iter(answer.response))  # type: ignore[arg-type]


@pytest.fixture
def bruno(office: Office) -> Desktop:
    desktop = office.desktop("bruno")
    desktop.put("/me/activity", {"activity": "available"})
    return desktop


def test_it_begins_with_how_things_stand(office: Office, bruno: Desktop) -> None:
    contact = office.walk_in()
    with listening(bruno) as stream:
        snapshot = stream.next()
    assert snapshot.kind == "snapshot"
    assert snapshot.data["agent"]["activity"] == "available"
    assert [offer["contact"]["id"] for offer in snapshot.data["offers"]] == [contact]
    assert snapshot.data["contacts"] == []


def test_an_offer_is_told_at_once(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        contact = office.walk_in()
        offered = stream.until("offered")
    assert (offered.data["contact"], offered.data["agent"]) == (contact, "bruno")
    assert offered.id is not None


def test_what_happens_to_others_is_not_told(office: Office, bruno: Desktop) -> None:
    chloe = office.desktop("chloe")
    chloe.put("/me/activity", {"activity": "available"})
    with listening(bruno) as stream:
        stream.next()
        office.walk_in(topic="permis-construire")
        mine = office.walk_in(topic="carte-identite")
        assert stream.until("offered").data["contact"] == mine


def test_what_was_missed_is_told_after_coming_back(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        office.walk_in(text="premier")
        last = stream.until("offered")
    bruno.post(f"/contacts/{last.data['contact']}/accept")
    bruno.post(f"/contacts/{last.data['contact']}/finish")
    second = office.walk_in(text="deuxième")
    with listening(bruno, last.id) as stream:
        assert stream.until("offered").data["contact"] == second


@pytest.mark.parametrize("last", ["1-1", "0-0", "nonsense", "", "9" * 30, "é"])
def test_too_long_ago_is_answered_with_how_things_stand_then_goes_on(office: Office, bruno: Desktop, last: str) -> None:
    office.hall.redis.xtrim(office.hall.index.events, maxlen=0, approximate=False)
    bruno.put("/me/activity", {"activity": "available"})
    with listening(bruno, last) as stream:
        reset = stream.next()
        assert (reset.kind, reset.data["agent"]["login"]) == ("reset", "bruno")
        contact = office.walk_in()
        assert stream.until("offered").data["contact"] == contact


def test_an_open_stream_keeps_its_agent_on_shift(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        for _ in range(3):
            office.hall.clock.advance(50)
            while "still here" not in stream.raw():
                pass
            office.hall.dispatcher.step()
    assert office.hall.views.agents.one("bruno").activity == Activity.AVAILABLE


def test_without_a_stream_the_agent_is_lost(office: Office, bruno: Desktop) -> None:
    office.hall.clock.advance(61)
    for _ in range(3):
        office.hall.dispatcher.step()
    assert office.hall.views.agents.one("bruno").activity != Activity.AVAILABLE


def test_the_stream_ends_with_the_log_in(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        bruno.delete("/tokens/current")
        rest = list(stream.all())
    assert len(rest) < 5


def test_a_stream_that_is_left_is_forgotten(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        assert office.hub.subscriptions() == 1
    assert office.hub.subscriptions() == 0


def test_another_system_has_no_stream(office: Office) -> None:
    assert office.other_system().events().status_code == 403
    assert json_of(office.other_system().events())["status"] == 403


def test_one_person_has_so_many_streams_and_another_once_one_is_closed(office: Office) -> None:
    anne = office.desktop("anne")
    first, *_others = [anne.events() for _ in range(STREAMS_PER_LOGIN)]
    refused = anne.events()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert office.desktop("bruno").events().status_code == 200
    first.close()
    assert anne.events().status_code == 200
