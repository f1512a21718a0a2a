"""E-mail in, one acknowledgement, answers out."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from canaux.email.outgoing.letters import acknowledgement
from competences.legal_clock import legal_request
from routeur.contact.legal_requests import stored
from routeur.contact.words import ContactState, Outcome
from tests.contacts import a_letter
from tests.smtp_server import Mailbox, text_of
from tests.webhooks.mounted_street import EMAIL_TOKEN, Street
from tests.webhooks.test_voice_faults import broken_record

SAMPLES = Path(__file__).parents[1] / "data" / "emails"
BEARER = {"Authorization": f"Bearer {EMAIL_TOKEN}"}
NO_CONTACT = "0123456789abcdef0123456789abcdef"
SENDGRID = "/webhooks/email/sendgrid"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


def hand_in(street: Street, raw: bytes) -> TestResponse:
    return street.client.post("/webhooks/email/mime", data=raw, headers=BEARER, content_type="message/rfc822")


def answer_to(message_id: str, text: str = "Merci", subject: str = "Re: Carte") -> bytes:
    head = f"From: lea@example.org\r\nTo: mairie@petit-bourg.example\r\nMessage-ID: <a-{hash(text)}@example.org>\r\n"
    return f"{head}Subject: {subject}\r\nIn-Reply-To: {message_id}\r\n\r\n{text}\r\n".encode()


def test_a_message_is_received_and_acknowledged_once(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    assert hand_in(street, sample("plain")).status_code == 200
    assert hand_in(street, sample("plain")).status_code == 200
    street.hall.step()
    contact = street.only_contact()
    (ack,) = mailbox.messages
    assert ack["To"] == "lea@example.org"
    assert ack["Subject"] == f"Re: Carte d'identité [réf. {contact.reference}]"
    assert ack["Auto-Submitted"] == "auto-replied"
    assert ack["In-Reply-To"] == ack["References"] == "<plain@example.org>"
    assert contact.reference in text_of(ack)
    assert "Petit-Bourg" in ack["From"]


def test_an_answer_to_ours_finds_its_conversation_without_a_second_acknowledgement(
    street: Street, mailbox: Mailbox
) -> None:
    street.hall.available("anne")
    hand_in(street, sample("plain"))
    street.hall.step()
    (ack,) = mailbox.messages
    hand_in(street, answer_to(ack["Message-ID"]))
    street.hall.step()
    street.only_contact()
    assert len(mailbox.messages) == 1
    assert [message.text for message in street.messages()][-1] == "Merci"


def test_a_robot_that_answers_our_acknowledgement_anew_is_not_acknowledged(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    hand_in(street, sample("plain"))
    street.hall.step()
    subject = f"Absence: {mailbox.messages[0]['Subject']}"
    raw = f"From: lea@example.org\r\nMessage-ID: <r@example.org>\r\nSubject: {subject}\r\n\r\nAbsente\r\n"
    hand_in(street, raw.encode())
    street.hall.step()
    assert len(mailbox.messages) == 1


def test_an_agent_s_answer_belongs_to_the_thread(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, sample("plain"))
    contact = street.only_contact()
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "Il faut une photo. 📷")
    hall.step()
    reply = mailbox.messages[-1]
    words, _, question = text_of(reply).partition("\n\nLe 2 mars 2026 à 10:00, Léa Martin a écrit\u00a0:\n")
    assert words == "Il faut une photo. 📷"
    assert question.startswith("> Bonjour,\n")
    assert reply["In-Reply-To"] == "<plain@example.org>"
    assert reply["Auto-Submitted"] is None
    assert f".{contact.id}@petit-bourg.example>" in reply["Message-ID"]


def test_at_night_it_waits_for_the_morning_and_is_told_when_that_is(street: Street, mailbox: Mailbox) -> None:
    street.hall.clock.set(datetime(2026, 3, 2, 21, 0, tzinfo=UTC))
    hand_in(street, sample("plain"))
    street.hall.step()
    (ack,) = mailbox.messages
    words = " ".join(text_of(ack).split())
    assert "La mairie est fermée en ce moment. Elle ouvre le mardi 3 mars à 8 h 30." in words
    assert street.only_contact().state == ContactState.WAITING


def test_a_wait_that_became_a_promise_is_told(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    hand_in(street, sample("plain"))
    street.hall.clock.set(datetime(2026, 3, 4, 16, 0, tzinfo=UTC))
    for _ in range(3):
        street.hall.step(1)
    assert street.only_contact().state == ContactState.FOLLOW_UP
    assert len(mailbox.messages) == 2
    assert "vous répondra au plus tard le" in text_of(mailbox.messages[-1])


@pytest.mark.parametrize("name", ["auto_reply", "auto_reply_null_path", "read_receipt"])
def test_what_robots_write_is_kept_but_neither_queued_nor_answered(street: Street, mailbox: Mailbox, name: str) -> None:
    street.hall.available("anne")
    assert hand_in(street, sample(name)).status_code == 200
    assert hand_in(street, sample(name)).status_code == 200
    street.hall.step()
    kept = street.only_contact()
    assert (kept.state, kept.outcome) == (ContactState.CLOSED, Outcome.SPAM)
    assert street.hall.index.contacts() == set()
    assert mailbox.messages == []


def test_a_bounce_of_our_answer_becomes_a_follow_up(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, sample("plain"))
    contact = street.only_contact()
    hall.serve(contact.id)
    hall.desk.reply("anne", contact.id, "Il faut une photo.")
    hall.step()
    ours = mailbox.messages[-1]["Message-ID"].encode()
    theirs = street.mail_room.message_ids.make(NO_CONTACT, f"email:ack:{NO_CONTACT}").encode()
    sent = len(mailbox.messages)
    for _ in range(2):
        assert hand_in(street, sample("bounce").replace(theirs, ours)).status_code == 200
    assert hall.reception.standing(contact.id).follow_up is not None
    assert hall.story(contact.id).count("delivery_failed") == 1
    assert len(street.contacts()) == 1
    assert sent == 2


REPORT = """From: postmaster@example.org
Subject: Non remis : Re: Banc [Réf. {reference}]
Message-ID: <rapport@example.org>
Content-Type: multipart/report; boundary=rapport; report-type=delivery-status

--rapport
Content-Type: message/delivery-status

Reporting-MTA: dns; relais.example

{recipients}
--rapport--
"""


@pytest.mark.parametrize(
    ("recipients", "failed"),
    [
        ("Final-Recipient: rfc822; Lea@example.org\nAction: failed\nStatus: 5.1.10", 1),
        ("Final-Recipient: rfc822; autre@example.org\nOriginal-Recipient: rfc822;lea@example.org\nAction: failed", 1),
        ("Final-Recipient: rfc822; autre@example.org\nAction: failed", 0),
        (
            "Final-Recipient: rfc822; lea@example.org\nAction: delivered\n\n"
            "Final-Recipient: rfc822; autre@example.org\nAction: failed",
            0,
        ),
    ],
)
def test_a_bounce_without_a_message_id_fails_the_contact_whose_reference_and_address_it_names(
    street: Street, recipients: str, failed: int
) -> None:
    street.hall.available("anne")
    hand_in(street, "From: lea@example.org\r\nSubject: Banc\r\n\r\nLe banc est cassé.\r\n".encode())
    contact = street.only_contact()
    raw = REPORT.format(reference=contact.reference, recipients=recipients).encode()
    for _ in range(2):
        assert hand_in(street, raw).status_code == 200
    assert street.hall.story(contact.id).count("delivery_failed") == failed


def test_a_bounce_of_a_letter_that_we_never_sent_fails_nothing(street: Street) -> None:
    street.hall.available("anne")
    hand_in(street, sample("plain"))
    contact = street.only_contact()
    forged = f"<{'0' * 32}.{contact.id}@petit-bourg.example>"
    raw = f"From: mailer-daemon@example.org\r\nIn-Reply-To: {forged}\r\n\r\nNon remis.\r\n"
    assert hand_in(street, raw.encode()).status_code == 200
    assert "delivery_failed" not in street.hall.story(contact.id)


def test_what_came_through_a_list_is_read_by_an_agent_and_answered_by_no_machine(
    street: Street, mailbox: Mailbox
) -> None:
    street.hall.available("anne")
    assert hand_in(street, sample("newsletter")).status_code == 200
    street.hall.step()
    assert street.only_contact().state != ContactState.CLOSED
    assert mailbox.messages == []


@pytest.mark.parametrize(
    "sender",
    ["no-reply@example.org", "ne-pas-repondre@example.org", "bounce+x@example.org", "mairie@petit-bourg.example"],
)
def test_who_reads_no_answer_gets_none_of_a_machine(street: Street, mailbox: Mailbox, sender: str) -> None:
    street.hall.available("anne")
    hand_in(street, f"From: {sender}\r\nSubject: Avis\r\n\r\nUn avis\r\n".encode())
    street.hall.step()
    assert street.only_contact().state != ContactState.CLOSED
    street.hall.clock.set(datetime(2026, 3, 4, 16, 0, tzinfo=UTC))
    for _ in range(3):
        street.hall.step(1)
    assert street.only_contact().state == ContactState.FOLLOW_UP
    assert mailbox.messages == []


def test_a_bounce_of_nothing_of_ours_is_set_aside(street: Street) -> None:
    theirs = b"petit-bourg.example>"
    assert hand_in(street, sample("bounce").replace(theirs, b"elsewhere.example>")).status_code == 200
    kept = street.only_contact()
    assert (kept.state, kept.outcome) == (ContactState.CLOSED, Outcome.SPAM)


def test_a_letter_that_is_only_late_has_not_failed(street: Street, mailbox: Mailbox) -> None:
    hall = street.hall
    hall.available("anne")
    hand_in(street, sample("plain"))
    hall.step()
    ours = mailbox.messages[-1]["Message-ID"].encode()
    theirs = street.mail_room.message_ids.make(NO_CONTACT, f"email:ack:{NO_CONTACT}").encode()
    late = sample("bounce").replace(theirs, ours).replace(b"Action: failed", b"Action: delayed")
    assert hand_in(street, late).status_code == 200
    contact = street.only_contact()
    assert contact.state != ContactState.FOLLOW_UP
    assert hall.reception.standing(contact.id).follow_up is None


@pytest.mark.parametrize("path", ["/webhooks/email/mime", SENDGRID])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic " + base64.b64encode(b"user:wrong").decode()},
        {"Authorization": "Basic x"},
        {"Authorization": "Digest x"},
    ],
)
def test_who_does_not_know_the_token_is_not_heard(street: Street, path: str, headers: dict[str, str]) -> None:
    assert street.client.post(path, data=sample("plain"), headers=headers).status_code == 403
    assert street.contacts() == []


def test_the_token_may_come_as_a_basic_password(street: Street) -> None:
    credentials = base64.b64encode(f"sendgrid:{EMAIL_TOKEN}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"}
    assert street.client.post("/webhooks/email/mime", data=sample("plain"), headers=headers).status_code == 200


def test_where_nothing_came_there_is_nothing_to_keep(street: Street) -> None:
    assert hand_in(street, b"").status_code == 400


def test_what_is_hardly_a_message_is_kept(street: Street, mailbox: Mailbox) -> None:
    assert hand_in(street, b"Bonjour").status_code == 200
    street.hall.step()
    assert [message.text for message in street.messages()] == ["Bonjour"]
    assert mailbox.messages == []


def test_what_is_too_large_is_not_read(street: Street) -> None:
    assert hand_in(street, b"From: a@example.org\n\n" + b"x" * (35 * 1024 * 1024)).status_code == 413


def test_a_fault_of_ours_brings_the_message_again(street: Street) -> None:
    street.app.config["PROPAGATE_EXCEPTIONS"] = False
    with broken_record(street):
        assert hand_in(street, sample("plain")).status_code == 500
    assert hand_in(street, sample("plain")).status_code == 200
    street.only_contact()


def test_a_legal_request_is_acknowledged_in_the_words_of_the_law(street: Street) -> None:
    in_force = street.hall.plans.current()
    contact = a_letter(topic="permis-construire", subject="Permis")
    request = legal_request(in_force.plan, in_force.calendar, contact.topic, contact.received_at)
    words = acknowledgement(in_force, replace(contact, request=stored(request)), None)
    assert "Votre demande a été reçue le lundi 2 mars 2026." in words
    assert "Urbanisme, 1 place de la Mairie, 89999 Petit-Bourg, téléphone 01 99 00 35 03" in words
    assert "Sans réponse de notre part le samedi 2 mai 2026, votre demande est acceptée" in words
    assert "sous réserve que la demande soit complète" in words


def test_a_question_on_the_same_topic_is_acknowledged_without_a_word_of_silence(street: Street) -> None:
    words = acknowledgement(street.hall.plans.current(), a_letter(topic="permis-construire"), None)
    assert "Votre message a été reçu le lundi 2 mars 2026." in words
    assert "Urbanisme, 1 place de la Mairie, 89999 Petit-Bourg, téléphone 01 99 00 35 03" in words
    assert "Sans réponse" not in words
