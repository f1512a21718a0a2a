"""Somebody writes text messages."""

from __future__ import annotations

from uuid import uuid4

from tests.e2e.desk import Arrive
from tests.e2e.street import Texter, answer_text
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually


def test_a_conversation_goes_back_and_forth(town: TownHall, arrive: Arrive) -> None:
    theo = arrive("theo.marchand")
    texter = Texter(town)
    acknowledged = answer_text(texter.write("Bonjour, la mairie est-elle ouverte samedi ?"))
    contact = theo.offered()["contact"]
    theo.accept(contact["id"])
    full = theo.contact(contact["id"])
    assert full["usager"]["phone"] == texter.number
    assert full["reference"] in acknowledged

    theo.does(f"/contacts/{contact['id']}/messages", {"text": "Oui, de 9 h à 12 h."})
    eventually(lambda: texter.received() == ["Oui, de 9 h à 12 h."], "the answer left")
    assert answer_text(texter.write("Merci !")) == ""
    texts = [(message["direction"], message["text"]) for message in theo.contact(contact["id"])["messages"]]
    assert texts == [
        ("in", "Bonjour, la mairie est-elle ouverte samedi ?"),
        ("out", "Oui, de 9 h à 12 h."),
        ("in", "Merci !"),
    ]
    theo.finish(contact["id"])
    story = theo.story_so_far(contact["id"], "offered")
    assert story == ["arrived", "offered", "accepted", "replied", "finished"]


def test_a_message_that_twilio_brings_twice_is_one_message(town: TownHall, arrive: Arrive) -> None:
    paul = arrive("paul.renard")
    texter = Texter(town)
    sid = f"SM{uuid4().hex}"
    first = answer_text(texter.write("Un nid-de-poule rue des Lilas", sid=sid))
    again = answer_text(texter.write("Un nid-de-poule rue des Lilas", sid=sid))
    assert first == again  # Twilio cannot have heard the first answer
    contact = paul.offered()["contact"]
    paul.accept(contact["id"])
    assert len(paul.contact(contact["id"])["messages"]) == 1
    assert len(paul.get("/me/contacts")["items"]) == 1
    paul.finish(contact["id"])


def test_whatsapp_is_answered_on_whatsapp(town: TownHall, arrive: Arrive) -> None:
    theo = arrive("theo.marchand")
    texter = Texter(town, from_prefix="whatsapp:")
    assert answer_text(texter.write("Bonjour"))
    contact_id = theo.offered()["contact"]["id"]
    theo.accept(contact_id)
    theo.does(f"/contacts/{contact_id}/messages", {"text": "Bonjour, que puis-je pour vous ?"})
    eventually(lambda: texter.received() == ["Bonjour, que puis-je pour vous ?"], "the answer left")
    theo.finish(contact_id)
