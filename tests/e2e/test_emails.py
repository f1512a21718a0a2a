"""Somebody writes an e-mail."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
import requests

from tests.e2e.desk import Arrive
from tests.e2e.street import Writer
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually
from tests.smtp_server import text_of

Send = Callable[[Writer, EmailMessage], requests.Response]
WAYS_IN: dict[str, Send] = {
    "mime": Writer.send,
    "sendgrid": Writer.send_by_sendgrid,
    "sendgrid-raw": Writer.send_raw_by_sendgrid,
}


@pytest.mark.parametrize("way", WAYS_IN)
def test_an_email_is_acknowledged_answered_and_reopened(town: TownHall, arrive: Arrive, way: str) -> None:
    send = WAYS_IN[way]
    antoine = arrive("antoine.mercier")
    writer = Writer(town)
    demand = writer.letter("Tarif de la cantine", "Bonjour,\n\nQuel est le tarif de la cantine ?\n\nAwa Diallo\n")
    assert send(writer, demand).status_code == 200
    assert send(writer, demand).status_code == 200  # brought twice, it is one e-mail

    contact = antoine.offered()["contact"]
    full = antoine.accept(contact["id"])
    assert full["usager"] == {**full["usager"], "name": "Awa Diallo", "email": writer.address}
    assert full["subject"] == "Tarif de la cantine"
    assert len(full["messages"]) == 1
    acknowledgement = eventually(writer.received, "the acknowledgement arrives")[0]
    assert full["reference"] in acknowledgement["Subject"]
    assert full["reference"] in text_of(acknowledgement)
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert acknowledgement["In-Reply-To"] == demand["Message-ID"]

    antoine.does(f"/contacts/{contact['id']}/messages", {"text": "Bonjour, 3,20 € le repas."})
    reply = eventually(lambda: writer.received()[1:], "the reply arrives")[0]
    assert "3,20 €" in text_of(reply)
    assert reply["Auto-Submitted"] is None
    assert demand["Message-ID"] in reply["References"]
    assert reply["In-Reply-To"] in reply["References"]
    antoine.finish(contact["id"])
    assert antoine.contact(contact["id"])["state"] == "closed"

    thanks = writer.letter(f"Re: {reply['Subject']}", "Et pour deux enfants ?", answering=reply)
    assert send(writer, thanks).status_code == 200
    assert antoine.offered()["contact"]["id"] == contact["id"]
    again = antoine.accept(contact["id"])
    assert [message["text"] for message in again["messages"]][-1] == "Et pour deux enfants ?"
    antoine.finish(contact["id"])
    story = antoine.story_so_far(contact["id"], "offered", "reopened")
    assert [kind for kind in story if kind not in ("offered", "widened")] == [
        "arrived", "accepted", "replied", "finished", "reopened", "accepted", "finished"
    ]  # fmt: skip
    assert len(writer.received()) == 2


def test_what_a_letter_itself_says_of_its_sender_is_not_believed(town: TownHall, arrive: Arrive) -> None:
    emma, writer = arrive("emma.chevalier"), Writer(town)
    own_word = "sainte-aldegonde.example; dkim=pass header.d=usagers.example"
    letter = writer.letter("Bonjour", "À quelle heure fermez-vous ?", Authentication_Results=own_word)
    assert writer.send(letter).status_code == 200
    contact_id = emma.offered()["contact"]["id"]
    (message,) = emma.accept(contact_id)["messages"]
    assert message["authentication"] is None
    emma.finish(contact_id)


def test_robots_are_never_answered(town: TownHall, arrive: Arrive) -> None:
    emma = arrive("emma.chevalier")
    absent, shop, person = Writer(town), Writer(town), Writer(town)
    away = absent.letter("Absence du bureau", "Je suis en congé.", Auto_Submitted="auto-replied")
    assert absent.send(away).status_code == 200
    news = shop.letter("Nos promotions", "-30 %", List_Unsubscribe="<mailto:stop@promo.example>", Precedence="bulk")
    assert shop.send(news).status_code == 200
    assert person.send(person.letter("Bonjour", "À quelle heure fermez-vous ?")).status_code == 200

    eventually(person.received, "who wrote after them is acknowledged")
    assert absent.received() == shop.received() == []
    read_by_emma = []
    for _ in range(2):
        contact_id = emma.offered()["contact"]["id"]
        read_by_emma.append(emma.accept(contact_id)["usager"]["email"])
        emma.finish(contact_id)
    assert sorted(read_by_emma) == sorted([shop.address, person.address])
    assert emma.offers() == []


def test_an_acknowledgement_that_bounces_becomes_a_follow_up(town: TownHall, arrive: Arrive) -> None:
    emma = arrive("emma.chevalier")
    writer = Writer(town)
    assert writer.send(writer.letter("Bonjour", "À quelle heure fermez-vous ?")).status_code == 200
    acknowledgement = eventually(writer.received, "the acknowledgement left")[0]
    contact_id = emma.offered()["contact"]["id"]

    daemon = Writer(town, address="mailer-daemon@usagers.example", name="Mail Delivery System")
    bounce = daemon.letter("Undelivered mail", "Unknown user", answering=acknowledgement)
    assert daemon.send(bounce).status_code == 200

    contact = emma.contact(contact_id)
    assert (contact["state"], contact["follow_up"]["reason"]) == ("follow_up", "delivery-failed")
    assert emma.offers() == []
    assert daemon.received() == []
