"""Whatever its sender makes too long is kept as far as it fits, in PostgreSQL too, which refuses what does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.canaux import outlook
from tests.clock import ManualClock
from tests.routeur.hall import Hall
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import BEARER, SENDGRID, hand_in

LONG = "é" * 1_000
LONG_ADDRESS = f"{'İ' * 64}@{'İ' * 240}.example"


@pytest.fixture
def hall(postgres: str, redis_client: Redis, clock: ManualClock) -> Iterator[Hall]:
    hall = Hall(postgres, redis_client, clock)
    yield hall
    hall.close()


def mixed(*parts: bytes, sender: str = "lea@example.org") -> bytes:
    heads = [f"From: {LONG} <{sender}>", f"Message-ID: <{LONG}@x.example>", f"Subject: {LONG}", f"Cc: {LONG_ADDRESS}"]
    heads += [f"To: {LONG_ADDRESS}", f"Reply-To: {LONG_ADDRESS}", f"References: <{'r' * 290}> <{LONG}>"]
    heads += [f"Authentication-Results: petit-bourg.example; dkim=pass header.d={LONG}; spf=fail smtp.mailfrom={LONG}"]
    heads += ["Content-Type: multipart/mixed; boundary=b"]
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return "\r\n".join(heads).encode() + b"\r\n\r\n" + body + b"--b--\r\n"


def test_a_letter_with_names_and_addresses_that_are_too_long(street: Street) -> None:
    inner = outlook.winmail(outlook.text(b"Bonjour"))
    packed = outlook.winmail(outlook.text(b"dehors"), outlook.file(b"A" * 300, inner), outlook.file(b"B" * 300, b"x"))
    uuencoded = b"begin 644 " + b"u" * 200 + b"\r\n#86)C\r\n`\r\nend\r\n"
    raw = mixed(
        b"Content-Type: text/plain\r\n\r\nBonjour\r\n" + uuencoded,
        f"Content-Type: application/pdf; name={LONG}.pdf\r\n\r\n%PDF".encode(),
        b"Content-Type: " + b"x" * 59 + b"/" + b"y" * 59 + b"; name=" + b"n" * 255 + b"\r\n\r\nx",
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" + packed,
    )
    for sender in ("lea@example.org", LONG_ADDRESS, f"{'a' * 64}@{'b' * 251}.com"):
        assert hand_in(street, raw.replace(b"lea@example.org", sender.encode())).status_code == 200
    assert len(street.contacts()) == 3
    for contact in street.contacts():
        shown = street.hall.views.contacts.full(contact.id)
        names = [file.name for message in shown.messages for file in message.attachments]
        assert max(map(len, names)) == 255
        assert {name.rpartition(".")[2] for name in names if "." in name} >= {"pdf", "txt"}


def test_a_provider_s_form_with_fields_that_are_too_long(street: Street) -> None:
    form = {"from": f"{LONG} <{LONG_ADDRESS}>", "subject": LONG, "text": LONG, "SPF": "pass", "to": LONG, "dkim": LONG}
    assert street.client.post(SENDGRID, data=form, headers=BEARER).status_code == 200
    assert len(street.contacts()) == 1


def test_a_text_with_fields_that_are_too_long(street: Street) -> None:
    form = {"MessageSid": LONG, "Body": LONG, "ProfileName": LONG, "To": LONG, "NumMedia": "1"}
    form |= {"MediaUrl0": f"https://api.example/{'m' * 5_000}", "MediaContentType0": LONG}
    for sender in ("+33639980101", LONG):
        assert street.post("/webhooks/messaging", From=sender, **form).status_code == 200
    assert len(street.contacts()) == 1


def test_a_call_with_fields_that_are_too_long(street: Street) -> None:
    form = {"CallSid": LONG, "From": LONG, "To": LONG, "CallerName": LONG, "CallStatus": "ringing"}
    assert street.post("/webhooks/voice", **form).status_code == 200
    assert len(street.contacts()) == 1


def test_a_chat_whose_fields_are_too_long_is_told_so(street: Street) -> None:
    for field in ("name", "email", "topic", "language", "text"):
        said = {"text": "Bonjour", field: LONG * 5 + "@x.example"}
        assert street.client.post("/webhooks/chat/conversations", json=said).status_code == 400
