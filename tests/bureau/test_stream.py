"""The agent's stream of server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bureau.api.event_streams import STREAMS_PER_LOGIN
from routeur.contact.words import Activity
from tests.bureau.event_reader import Reader, reading
from tests.bureau.office import Desktop, Office, json_of
from tests.routeur.hall import PLAN


@contextmanager
def listening(desktop: Desktop, last_event_id: str | None = None) -> Iterator[Reader]:
    with reading(desktop.events(last_event_id)) as reader:
        yield reader


@pytest.fixture
def bruno(office: Office) -> Desktop:
    desktop = office.desktop("bruno")
    desktop.put("/me/activity", {"activity": "available"})
    return desktop


def test_it_begins_with_how_things_stand(office: Office, bruno: Desktop) -> None:
    contact = office.walk_in()
    with listening(bruno) as stream:
        first = stream.next()
    assert first.kind == "reset"
    assert first.data["desk"]["me"]["activity"] == "available"
    assert [offer["contact"]["id"] for offer in first.data["desk"]["offers"]] == [contact]
    assert first.data["desk"]["contacts"] == []


def test_an_offer_is_told_at_once(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        contact = office.walk_in()
        offered = stream.until("offered")
    assert offered.data["offer"]["contact"]["id"] == contact
    assert offered.data["offer"]["why"]["requirement"] == {"skills": {"accueil": 1, "etat-civil": 2}, "agent": None}
    assert offered.data["at"] == "2026-03-02T09:00:00Z"


def test_what_others_are_offered_is_not_told(office: Office, bruno: Desktop) -> None:
    chloe = office.desktop("chloe")
    chloe.put("/me/activity", {"activity": "available"})
    with listening(bruno) as stream:
        stream.next()
        office.walk_in(topic="permis-construire")
        mine = office.walk_in(topic="carte-identite")
        assert stream.until("offered").data["offer"]["contact"]["id"] == mine


def test_what_was_missed_is_told_after_coming_back(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        office.walk_in(text="premier")
        first = stream.until("offered").data["offer"]["contact"]["id"]
        last = stream.last_id
    bruno.post(f"/contacts/{first}/accept")
    bruno.post(f"/contacts/{first}/finish")
    second = office.walk_in(text="deuxième")
    with listening(bruno, last) as stream:
        assert stream.until("offered").data["offer"]["contact"]["id"] == second


@pytest.mark.parametrize("last", ["1-1", "0-0", "nonsense", "", "9" * 30, "é"])
def test_too_long_ago_is_answered_with_how_things_stand_then_goes_on(office: Office, bruno: Desktop, last: str) -> None:
    office.hall.redis.xtrim(office.hall.index.events, maxlen=0, approximate=False)
    bruno.put("/me/activity", {"activity": "available"})
    with listening(bruno, last) as stream:
        reset = stream.next()
        assert (reset.kind, reset.data["desk"]["me"]["login"]) == ("reset", "bruno")
        contact = office.walk_in()
        assert stream.until("offered").data["offer"]["contact"]["id"] == contact


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


def test_a_browser_goes_on_from_the_snapshot_with_its_cookie_alone(office: Office) -> None:
    """As `new EventSource("/api/v1/me/events?after=...")` does, which can set no header."""
    bruno = office.browser("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    number = json_of(bruno.get("/me/desk"))["number"]
    contact = office.walk_in()
    bruno.forget_headers()
    with reading(bruno.get("/me/events", after=number)) as stream:
        assert stream.until("offered").data["offer"]["contact"]["id"] == contact


def test_where_a_browser_comes_back_to_goes_before_where_it_began(office: Office, bruno: Desktop) -> None:
    number = json_of(bruno.get("/me/desk"))["number"]
    with listening(bruno, number) as stream:
        office.walk_in()
        stream.until("offered")
        last = stream.last_id
    with reading(bruno.events(last, after=number)) as stream:
        contact = office.walk_in(topic="permis-construire")
        assert contact not in stream.raw()
        bruno.put("/me/activity", {"activity": "busy"})
        assert stream.next().kind == "offer_ended"


def test_a_quiet_stream_says_where_to_come_back_to(office: Office, bruno: Desktop) -> None:
    with listening(bruno) as stream:
        stream.next()
        office.hall.foundation.announcer.tell("message", office.hall.clock(), "of-somebody-else", "anne")
        newest = office.hub.newest()
        assert stream.up_to(newest) == []


def test_somebody_whom_the_plan_does_not_have_has_no_desk(office: Office) -> None:
    david = office.desktop("david")
    lines = PLAN.read_text("utf-8").splitlines(keepends=True)
    office.hall.plans.publish("".join(line for line in lines if "David" not in line), None, office.hall.clock())
    assert [david.get("/me/desk").status_code, david.events().status_code] == [404, 404]
