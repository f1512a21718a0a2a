"""STOP and START by text, and answers by WhatsApp after a day: what the person, the agent and Twilio get."""

from __future__ import annotations

from datetime import timedelta

import pytest

from canaux.messaging.reading import TextMessage, Wish, wish_in
from routeur.contact.words import ContactState
from routeur.errors import ReplyTooLate
from tests.twilio_stand_in import Refusal
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, Street
from tests.webhooks.test_messaging import AT_NIGHT, answered, text
from tests.webhooks.test_status_questions import STATE


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop. ", Wish.STOP),
        ("Arrêt", Wish.STOP),
        ("ARRET", Wish.STOP),
        ("Stop SMS", Wish.STOP),
        ("STOPALL", Wish.STOP),
        ("Désabonner", Wish.STOP),
        ("unsubscribe", Wish.STOP),
        ("OptOut", Wish.STOP),
        ("START", Wish.START),
        ("unstop", Wish.START),
        ("ne pas STOPPER ma demande", None),
        ("stop, je rappelle demain", None),
        ("Arrêté", None),
        ("Arrêté 2024-331", None),
        ("Arrêt 12 ?", None),
        ("Où est l'arrêt ?", None),
        ("Fin", None),
        ("", None),
    ],
)
def test_only_the_word_alone_is_a_wish(words: str, wish: Wish | None) -> None:
    assert wish_in(TextMessage("SM1", CALLER, OUR_NUMBER, words)) is wish


@pytest.mark.parametrize(("kind", "wish"), [("STOP", Wish.STOP), ("START", Wish.START), ("HELP", None), ("", None)])
def test_what_twilio_took_it_for_counts(street: Street, kind: str, wish: Wish | None) -> None:
    street.hall.available("anne")
    text(street, "Stoppez tout", OptOutType=kind)
    assert street.opt_outs.is_opted_out(CALLER, OUR_NUMBER) is (wish is Wish.STOP)
    assert (street.contacts() == []) is (wish is Wish.STOP)


def test_after_stop_nothing_leaves_and_after_start_all_does(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    assert answered(text(street, "STOP", "SM1")) == ""
    assert answered(text(street, "Bonjour, ma carte ?", "SM2")) == ""
    contact = street.only_contact()
    hall.step(3601)  # nobody took it: the promise cannot be told by text
    assert hall.state(contact.id) is ContactState.FOLLOW_UP
    assert street.twilio.sent_to("Messages.json") == []
    (note,) = [one.text for one in hall.views.contacts.full(contact.id).messages if one.direction == "note"]
    assert "STOP" in note
    assert answered(text(street, "START", "SM3")) == ""
    hall.follow_ups.answer("anne", contact.reference, "C'est prêt.")
    hall.step()
    (sent,) = street.twilio.sent_to("Messages.json")
    assert sent.form["Body"] == "C'est prêt."


def test_start_from_somebody_who_never_said_stop_is_a_message(street: Street) -> None:
    street.hall.available("anne")
    assert "Nous avons bien reçu votre message" in answered(text(street, "Start"))


def test_who_said_stop_is_not_told_how_a_request_stands_and_an_agent_reads_the_question(street: Street) -> None:
    street.hall.clock.set(AT_NIGHT)
    text(street, "Bonjour", "SM0")
    street.hall.reception.ask_follow_up(street.only_contact().id)
    reference = street.only_contact().reference
    text(street, "STOP", "SM1")
    street.hall.clock.advance(days=2)
    assert answered(text(street, f"{reference} ?", "SM2")) == ""
    said = [one.text for one in street.messages() if one.direction == "out"]
    assert not any(STATE in one for one in said)
    assert len(street.contacts()) == 2


def test_the_word_is_kept_as_it_was_posted(street: Street) -> None:
    street.hall.available("anne")
    text(street, "Bonjour", "SM1")
    text(street, "STOP", "SM2")
    contact = street.only_contact()
    word = street.hall.views.contacts.full(contact.id).messages[-1]
    original = street.hall.views.contacts.original(contact.id, word.id)
    assert original.media_type == "application/x-www-form-urlencoded"
    assert b"Body=STOP" in original.content


def test_a_stop_between_the_answer_and_its_leaving_is_honoured(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    contact = street.only_contact()
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "Bonjour")
    text(street, "STOP", "SM2")
    hall.step()
    assert street.twilio.sent_to("Messages.json") == []
    assert hall.state(contact.id) is ContactState.FOLLOW_UP


def test_what_twilio_knows_and_we_do_not_is_learned(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    text(street)
    contact = street.only_contact()
    hall.serve(contact.id)
    street.twilio.refusals.append(Refusal(400, 21610))
    hall.desk.reply("anne", contact.id, "Bonjour")
    hall.step()
    assert hall.views.contacts.summary(contact.id).opted_out
    assert hall.state(contact.id) is ContactState.FOLLOW_UP
    text(street, "START", "SM2")
    assert not hall.views.contacts.summary(contact.id).opted_out


def by_whatsapp(street: Street, sid: str = "SM1") -> str:
    text(street, sid=sid, sender=f"whatsapp:{CALLER}", To=f"whatsapp:{OUR_NUMBER}")
    return str(street.only_contact().id)


def test_whatsapp_takes_an_answer_for_a_day_after_each_message(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    contact = by_whatsapp(street)
    hall.serve(contact)
    assert hall.views.contacts.summary(contact).reply_until == hall.clock() + timedelta(days=1)
    hall.clock.advance(hours=25)
    with pytest.raises(ReplyTooLate):
        hall.desk.reply("anne", contact, "Bonjour")
    by_whatsapp(street, "SM2")
    hall.desk.reply("anne", contact, "Bonjour")
    hall.step()
    assert len(street.twilio.sent_to("Messages.json")) == 1


def test_what_is_announced_after_that_day_is_not_lost(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    contact = by_whatsapp(street)
    hall.serve(contact)
    hall.clock.advance(hours=25)
    hall.desk.follow_up("anne", contact)
    hall.step()
    assert street.twilio.sent_to("Messages.json") == []
    (note,) = [one.text for one in hall.views.contacts.full(contact).messages if one.direction == "note"]
    assert "24 heures" in note


def test_a_text_by_sms_has_no_such_limit(street: Street) -> None:
    street.hall.available("anne")
    text(street)
    assert street.hall.views.contacts.summary(street.only_contact().id).reply_until is None
