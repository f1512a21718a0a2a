"""One person on two channels is one person, with one place; who only types that person's address is not."""

from __future__ import annotations

from tests.e2e.desk import Arrive
from tests.e2e.street import Caller, Texter, Visitor, Writer
from tests.e2e.town_hall import TownHall


def test_who_texts_and_then_phones_is_offered_once(town: TownHall, arrive: Arrive) -> None:
    lucie, supervisor = arrive("lucie.garnier", "busy"), arrive("camille.martin", None)
    caller = Caller(town)
    Texter(town, caller.number).write("Bonjour")
    (text,) = [one for one in supervisor.contacts("waiting") if one["usager"]["phone"] == caller.number]
    supervisor.does(f"/contacts/{text['id']}/topic", {"topic": "cantine"})
    caller.choose(caller.dial(), "3", "1")
    text = supervisor.contact(text["id"])
    call = supervisor.contact(text["linked_to"])
    assert call["channel"] == "voice"
    assert text["usager"] == call["usager"]
    assert call["usager"]["verified"] == ["phone"]

    lucie.is_now("available")
    assert lucie.offered()["contact"]["id"] == call["id"]
    lucie.accept(call["id"])
    assert {one["id"] for one in lucie.get("/me/contacts")["items"]} == {call["id"], text["id"]}
    caller.hang_up()
    lucie.finish(call["id"])
    assert supervisor.contact(call["id"])["outcome"] == "answered"
    assert supervisor.contact(text["id"])["outcome"] == "merged"


def test_who_types_somebody_s_address_is_not_that_person(town: TownHall, arrive: Arrive) -> None:
    lucie, supervisor = arrive("lucie.garnier", "busy"), arrive("camille.martin", None)
    writer, visitor = Writer(town), Visitor(town)
    assert writer.send(writer.letter("Cantine", "Bonjour, pour la cantine")).status_code == 200
    (letter,) = [one for one in supervisor.contacts("waiting") if one["usager"]["email"] == writer.address]
    supervisor.does(f"/contacts/{letter['id']}/topic", {"topic": "cantine"})
    visitor.begin("Bonjour, pour la cantine", topic="cantine", email=writer.address, name="Mallory")
    chat, letter = supervisor.contact(visitor.id), supervisor.contact(letter["id"])
    assert (chat["linked_to"], letter["linked_to"]) == (None, None)
    assert chat["usager"]["id"] != letter["usager"]["id"]
    assert chat["given"] == {"name": "Mallory", "phone": None, "email": writer.address}
    assert (chat["usager"]["verified"], letter["usager"]["verified"]) == ([], ["email"])
    assert letter["usager"]["name"] == writer.name

    lucie.is_now("available")
    for contact in (visitor.id, letter["id"]):
        assert lucie.offered()["contact"]["id"] == contact
        lucie.accept(contact)
    lucie.finish(visitor.id)
    assert supervisor.contact(letter["id"])["state"] == "active"
    lucie.finish(letter["id"])


def test_who_served_somebody_last_is_asked_first(town: TownHall, arrive: Arrive) -> None:
    lucie, delphine = arrive("lucie.garnier"), arrive("delphine.royer", "busy")
    first = Caller(town)
    first.choose(first.dial(), "3", "1")
    contact = lucie.offered()["contact"]["id"]
    lucie.accept(contact)
    first.hang_up()
    lucie.finish(contact)
    # Of the two, Delphine would be longer idle.
    lucie.is_now("busy")
    delphine.is_now("available")
    lucie.is_now("available")
    second = Caller(town, first.number)
    second.choose(second.dial(), "3", "1")
    contact = lucie.offered()["contact"]["id"]
    assert delphine.offers() == []
    lucie.accept(contact)
    second.hang_up()
    lucie.finish(contact)
