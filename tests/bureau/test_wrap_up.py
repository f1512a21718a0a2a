"""Once the usager has left, an agent has a while to note what is to be noted; then the contact is closed for them."""

from __future__ import annotations

import pytest

from routeur.contact.words import AddressKind, ContactState
from tests.bureau.office import Desktop, Office, json_of


@pytest.fixture
def bruno(office: Office) -> Desktop:
    desktop = office.desktop("bruno")
    desktop.put("/me/activity", {"activity": "available"})
    return desktop


@pytest.fixture
def left(office: Office, bruno: Desktop) -> str:
    """A call that Bruno has had, and whose caller has hung up."""
    call = office.hall.call()
    bruno.post(f"/contacts/{call}/accept")
    office.hall.reception.usager_left(call)
    return call


def test_it_ends_by_itself_and_the_agent_is_free_again(office: Office, bruno: Desktop, left: str) -> None:
    assert json_of(bruno.get(f"/contacts/{left}"))["wrap_up_until"] == "2026-03-02T09:03:00Z"
    office.hall.step(179)
    assert office.hall.state(left) is ContactState.WRAP_UP
    office.hall.step(4)
    closed = json_of(bruno.get(f"/contacts/{left}"))
    assert (closed["state"], closed["outcome"], closed["wrap_up_until"]) == ("closed", "answered", None)
    assert closed["timeline"][-1]["detail"]["reason"] == "wrap_up_over"
    assert "voice" in json_of(bruno.get("/me"))["room"]


def test_it_can_be_extended(office: Office, bruno: Desktop, left: str) -> None:
    office.hall.step(60)
    extended = bruno.post(f"/contacts/{left}/wrap-up", {"seconds": 300})
    assert json_of(extended)["wrap_up_until"] == "2026-03-02T09:06:00Z"
    office.hall.step(290)
    assert office.hall.state(left) is ContactState.WRAP_UP
    office.hall.step(20)
    assert office.hall.state(left) is ContactState.CLOSED


def test_only_its_agent_or_a_supervisor_extends_it_and_only_while_it_lasts(
    office: Office, bruno: Desktop, left: str
) -> None:
    path, more = f"/contacts/{left}/wrap-up", {"seconds": 300}
    assert office.desktop("chloe").post(path, more).status_code == 403
    assert office.desktop("anne").post(path, more).status_code == 200
    assert bruno.post(path, {"seconds": 0}).status_code == 422
    bruno.post(f"/contacts/{left}/finish")
    assert bruno.post(path, more).status_code == 409
    assert bruno.post("/contacts/nothing/wrap-up", more).status_code == 404


def test_what_is_served_with_it_stays_with_its_agent(office: Office, bruno: Desktop) -> None:
    bruno.put("/me/activity", {"activity": "break"})
    office.hall.know((AddressKind.PHONE, "+33639980001"), (AddressKind.EMAIL, "lea@example.org"))
    letter = office.hall.mail("Ma carte est perdue", topic="carte-identite").standing.contact.id
    call = office.hall.call()
    bruno.put("/me/activity", {"activity": "available"})
    bruno.post(f"/contacts/{call}/accept")
    office.hall.reception.usager_left(call)
    office.hall.step(181)
    assert (office.hall.state(call), office.hall.state(letter)) == (ContactState.CLOSED, ContactState.ACTIVE)
    (kept,) = json_of(bruno.get("/me/desk"))["contacts"]
    assert (kept["id"], kept["linked_to"]) == (letter, None)


def test_two_dispatchers_end_it_once(office: Office, bruno: Desktop, left: str) -> None:
    office.hall.clock.advance(181)
    for _ in range(2):
        office.hall.dispatcher.step()
    assert office.hall.story(left).count("finished") == 1
