"""Messages as they came, and their senders, over the API."""

from __future__ import annotations

import pytest

from competences.channels import Channel
from routeur.contact.messages import Envelope, NamedAddress, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.retention import purge
from tests.bureau.office import Office, json_of

LETTER = b"From: lea@example.org\r\nSubject: \xe9\xff\r\n\r\nBonjour\r\n"


def received(office: Office, original: OriginalMessage | None) -> str:
    """Léa's letter, with her notary in copy, which bruno holds."""
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    envelope = Envelope(
        NamedAddress("Léa", "lea@example.org"), ("mairie@example.org",), ("etude@notaires.example",), "dkim=pass"
    )
    contact = office.hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Bonjour",
            provider_id="<1@example.org>",
            topic="carte-identite",
            service_address="mairie@example.org",
            reply_to="cafe@comptoir.example",
            envelope=envelope,
            original=original,
        )
    ).standing.contact.id
    assert office.desktop("bruno").post(f"/contacts/{contact}/accept").status_code == 200
    return contact


@pytest.mark.parametrize(
    ("media_type", "served"),
    [("message/rfc822", "message/rfc822"), ("multipart/form-data; boundary=x", "application/octet-stream")],
)
def test_whoever_may_read_the_contact_saves_the_message_as_it_came(
    office: Office, media_type: str, served: str
) -> None:
    contact = received(office, OriginalMessage(media_type, LETTER))
    (message,) = json_of(office.desktop("bruno").get(f"/contacts/{contact}"))["messages"]
    assert message["original"] == f"/api/v1/contacts/{contact}/messages/{message['id']}/original"
    path = message["original"].removeprefix("/api/v1")
    answer = office.desktop("bruno").get(path)
    assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (200, LETTER, served)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert office.desktop("david").get(path).status_code == 403
    assert office.anonymous().get(message["original"]).status_code == 401


def test_what_was_not_kept_has_no_address(office: Office) -> None:
    contact = received(office, None)
    (message,) = json_of(office.desktop("bruno").get(f"/contacts/{contact}"))["messages"]
    assert message["original"] is None
    missing = office.desktop("bruno").get(f"/contacts/{contact}/messages/{message['id']}/original")
    assert missing.status_code == 404


def test_a_message_has_its_sender_and_an_answer_its_copies(office: Office) -> None:
    contact = received(office, None)
    shown = json_of(office.desktop("bruno").get(f"/contacts/{contact}"))
    assert (shown["reply_to"], shown["answers"]) == ("cafe@comptoir.example", None)
    assert shown["correspondents"] == ["etude@notaires.example"]
    (message,) = shown["messages"]
    assert {name: message[name] for name in ("from", "to", "cc", "authentication")} == {
        "from": {"name": "Léa", "address": "lea@example.org"},
        "to": ["mairie@example.org"],
        "cc": ["etude@notaires.example"],
        "authentication": "dkim=pass",
    }
    path = f"/contacts/{contact}/messages"
    assert office.desktop("bruno").post(path, {"text": "Non", "cc": ["autre@example.org"]}).status_code == 422
    sent = office.desktop("bruno").post(path, {"text": "Oui", "cc": ["Etude@notaires.example"]})
    assert sent.status_code == 201
    assert json_of(sent)["from"] is None
    assert (json_of(sent)["to"], json_of(sent)["cc"]) == (["cafe@comptoir.example"], ["etude@notaires.example"])


def test_what_is_forgotten_loses_its_original_too(office: Office) -> None:
    contact = received(office, OriginalMessage("message/rfc822", LETTER))
    office.desktop("bruno").post(f"/contacts/{contact}/finish", {"outcome": "answered"})
    office.desktop("bruno").put("/me/activity", {"activity": "offline"})
    purge(office.hall.record, office.hall.clock.advance(days=400))
    (message,) = office.hall.reception.messages_after(contact, 0)
    assert (message.envelope, message.has_original) == (Envelope(), False)
    assert office.hall.views.contacts.full(contact).contact.reply_to is None
