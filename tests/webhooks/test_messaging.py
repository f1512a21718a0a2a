"""Text messages in, one acknowledgement, answers out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug.test import TestResponse

from routeur.contact.words import ContactState, Delivery
from tests.twilio_stand_in import Refusal
from tests.twiml_check import MESSAGING, check_twiml, said
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, PUBLIC_URL, Street
from tests.webhooks.test_voice_faults import broken_record

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


def text(street: Street, body: str = "Bonjour", sid: str = "SM1", sender: str = CALLER, **more: str) -> TestResponse:
    form = {"MessageSid": sid, "From": sender, "To": OUR_NUMBER, "Body": body, "NumMedia": "0", **more}
    return street.post("/webhooks/messaging", **form)


def answered(response: TestResponse) -> str:
    assert response.status_code == 200
    return said(check_twiml(response.data, MESSAGING))


def test_a_new_conversation_is_acknowledged_with_its_reference(street: Street) -> None:
    street.hall.available("anne")
    words = answered(text(street, "Quels sont vos horaires ?"))
    contact = street.only_contact()
    assert words.startswith("Petit-Bourg : Nous avons bien reçu votre message.")
    assert contact.reference in words
    assert (contact.channel, contact.address, contact.service_address) == ("messaging", CALLER, OUR_NUMBER)


def test_once_per_conversation_not_per_message(street: Street) -> None:
    street.hall.available("anne")
    answered(text(street))
    assert answered(text(street, "Et aussi...", "SM2")) == ""
    assert len(street.contacts()) == 1
    assert [message.text for message in street.messages()] == ["Bonjour", "Et aussi..."]


def test_the_same_message_told_twice_is_one_and_has_one_answer(street: Street) -> None:
    street.hall.available("anne")
    first, second = answered(text(street)), answered(text(street))
    assert first == second
    assert len(street.messages()) == 1


def test_at_night_it_waits_for_the_morning_and_is_told_when_that_is(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    words = answered(text(street))
    assert "La mairie est fermée en ce moment. Elle ouvre le mardi 3 mars à 8 h 30." in words
    assert street.only_contact().state == ContactState.WAITING


def test_an_agent_s_answer_leaves_from_the_number_that_was_written_to(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    contact = street.only_contact()
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "De 8 h 30 à 17 h 30.")
    hall.step()
    (sent,) = street.twilio.sent_to("Messages.json")
    form = dict(sent.form)
    assert form.pop("StatusCallback").startswith(f"{PUBLIC_URL}/webhooks/messaging/status?")
    assert form == {"To": CALLER, "From": OUR_NUMBER, "Body": "De 8 h 30 à 17 h 30."}


def test_whatsapp_is_answered_on_whatsapp(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street, sender=f"whatsapp:{CALLER}", To=f"whatsapp:{OUR_NUMBER}", ProfileName="Léa")
    contact = street.only_contact()
    assert contact.address == CALLER
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "Bonjour Léa")
    hall.step()
    (sent,) = street.twilio.sent_to("Messages.json")
    assert (sent.form["To"], sent.form["From"]) == (f"whatsapp:{CALLER}", f"whatsapp:{OUR_NUMBER}")


def test_a_long_answer_leaves_in_numbered_parts(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    contact = street.only_contact()
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "x" * 3100)
    hall.step()
    bodies = sorted(sent.form["Body"] for sent in street.twilio.sent_to("Messages.json"))
    assert [body[:6] for body in bodies] == ["(1/3) ", "(2/3) ", "(3/3) "]
    assert all(len(body) <= 1600 for body in bodies)


def test_a_wait_that_became_a_promise_is_told(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    hall.step(3601)
    hall.step(5)
    (sent,) = street.twilio.sent_to("Messages.json")
    assert "vous répondra au plus tard le" in sent.form["Body"]


def test_an_answer_that_cannot_be_delivered_becomes_a_follow_up(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    contact = street.only_contact()
    hall.serve(contact.id)
    street.twilio.refusals.append(Refusal(400, 21610))
    hall.desk.reply("anne", contact.id, "Bonjour")
    hall.step()
    assert hall.state(contact.id) is ContactState.FOLLOW_UP
    assert hall.story(contact.id).count("delivery_failed") == 1
    (answer,) = [one for one in hall.views.contacts.full(contact.id).messages if one.direction == "out"]
    assert answer.delivery is Delivery.FAILED


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Arrêt", "UNSUBSCRIBE"])
def test_who_says_stop_is_not_written_to(street: Street, word: str) -> None:
    assert answered(text(street, word)) == ""
    assert street.contacts() == []


def test_what_twilio_took_for_a_stop_is_not_answered(street: Street) -> None:
    assert answered(text(street, "Arrêtez", OptOutType="STOP")) == ""


@pytest.mark.parametrize("sender", ["38303", "LaPoste"])
def test_robots_are_not_answered(street: Street, sender: str) -> None:
    assert answered(text(street, sender=sender)) == ""
    assert street.contacts() == []


def test_pictures_are_kept_by_their_address(street: Street) -> None:
    street.hall.available("anne")
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    text(street, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")
    (message,) = street.hall.views.contacts.full(street.only_contact().id).messages
    (picture,) = message.attachments
    assert (picture.url, picture.content_type) == (url, "image/jpeg")


@pytest.mark.parametrize(
    "form", [{"From": CALLER}, {"MessageSid": "SM1"}, {"MessageSid": "SM1", "From": CALLER, "NumMedia": "many"}]
)
def test_malformed_messages_are_refused(street: Street, form: dict[str, str]) -> None:
    assert street.post("/webhooks/messaging", **form).status_code == 400


def test_a_fault_of_ours_says_so(street: Street) -> None:
    street.app.config["PROPAGATE_EXCEPTIONS"] = False
    with broken_record(street):
        assert text(street).status_code == 500
    street.hall.available("anne")
    answered(text(street))
    assert len(street.messages()) == 1


def test_a_number_of_thousands_of_digits_is_refused(street: Street) -> None:
    refused = street.post("/webhooks/messaging", MessageSid="SM9", From=CALLER, Body="x", NumMedia="9" * 5000)
    assert refused.status_code == 400
