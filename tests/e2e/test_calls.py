"""Somebody phones the town hall."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.desk import Agent
from tests.e2e.street import Caller
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually
from tests.twiml_check import said, verb

Arrive = Callable[..., Agent]


def test_a_call_reaches_an_agent_and_the_timeline_tells_the_story(town: TownHall, arrive: Arrive) -> None:
    sophie = arrive("sophie.lambert")
    caller = Caller(town)
    with sophie.stream() as desk:
        assert desk.until("snapshot").data["agent"]["activity"] == "available"
        submenu = caller.choose(caller.dial(), "1")
        waiting = caller.choose(submenu, "4")
        assert "Restez en ligne" in said(waiting)
        offer = desk.until("offered")

    contact_id = offer.data["contact"]
    (offered,) = sophie.offers()
    assert offered["contact"]["id"] == contact_id
    assert offered["contact"]["topic"] == "passeport"
    assert offered["contact"]["usager"]["phone"] == caller.number
    assert offered["why"]

    accepted = sophie.accept(contact_id)
    assert (accepted["state"], accepted["agent"]) == ("active", "sophie.lambert")
    conversation = verb(caller.moved(), "Conference")
    assert (conversation.text or "").strip() == contact_id

    ring = eventually(lambda: _rings(town, "+33639980004"), "the agent's phone rings")[0]
    assert ring["From"] == "+33199003500"
    leg = Caller(town, number="+33199003500")
    assert (verb(leg.ask(ring["Url"]), "Conference").text or "").strip() == contact_id

    caller.hang_up()
    assert sophie.contact(contact_id)["state"] == "wrap_up"
    closed = sophie.finish(contact_id, note="Pièces à fournir indiquées.")
    assert (closed["state"], closed["outcome"]) == ("closed", "answered")
    story = sophie.story_so_far(contact_id, "offered")
    assert story == ["arrived", "topic_set", "offered", "accepted", "usager_left", "finished"]


def _rings(town: TownHall, phone: str) -> list[dict[str, str]]:
    return [dict(one.form) for one in town.phones.sent_to("/Calls.json") if one.form["To"] == phone]
