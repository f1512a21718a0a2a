"""One person on two channels is one person, with one place."""

from __future__ import annotations

from tests.e2e.desk import Arrive
from tests.e2e.street import Caller, Visitor, new_address
from tests.e2e.town_hall import TownHall


def test_who_chats_and_then_phones_is_offered_once(town: TownHall, arrive: Arrive) -> None:
    lucie, supervisor = arrive("lucie.garnier"), arrive("camille.martin", None)
    caller, address = Caller(town), new_address("awa")
    counter = supervisor.does(
        "/contacts", {"text": "Au guichet", "name": "Awa Diallo", "phone": caller.number, "email": address}
    )
    lucie.offered()
    lucie.accept(counter["id"])
    lucie.finish(counter["id"])
    lucie.is_now("busy")

    visitor = Visitor(town)
    visitor.begin("Bonjour, pour la cantine", topic="cantine", email=address)
    caller.choose(caller.dial(), "3", "1")
    chat = supervisor.contact(visitor.id)
    call = supervisor.contact(chat["linked_to"])
    assert call["channel"] == "voice"
    assert chat["usager"]["id"] == call["usager"]["id"] == counter["usager"]["id"]
    assert call["usager"]["name"] == "Awa Diallo"

    lucie.is_now("available")
    assert lucie.offered()["contact"]["id"] == call["id"]
    lucie.accept(call["id"])
    assert {one["id"] for one in lucie.get("/me/contacts")["items"]} == {call["id"], visitor.id}
    with visitor.stream() as page:
        page.until("accepted")
    caller.hang_up()
    lucie.finish(call["id"])
    assert supervisor.contact(call["id"])["outcome"] == "answered"
    assert supervisor.contact(visitor.id)["outcome"] == "merged"


def test_who_served_somebody_last_is_asked_first(town: TownHall, arrive: Arrive) -> None:
    lucie, delphine = arrive("lucie.garnier"), arrive("delphine.royer", "busy")
    address = new_address("awa")
    first, second = Visitor(town), Visitor(town)
    first.begin("Bonjour, pour la cantine", topic="cantine", email=address)
    lucie.offered()
    lucie.accept(first.id)
    lucie.finish(first.id)
    # Of the two, Delphine would be longer idle.
    lucie.is_now("busy")
    delphine.is_now("available")
    lucie.is_now("available")
    second.begin("Encore une question", topic="cantine", email=address)
    offer = lucie.offered()
    assert offer["contact"]["id"] == second.id
    assert delphine.offers() == []
    lucie.accept(second.id)
    lucie.finish(second.id)
