"""Who wrote each message, to whom, and the message as it came."""

from __future__ import annotations

from typing import Any

import pytest

from routeur.contact.messages import Envelope, MessageView, NamedAddress
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import BEARER, SENDGRID, hand_in

LETTER = (
    b"Authentication-Results: relais.example; dkim=fail header.d=example.org\r\n"
    b"Authentication-Results: petit-bourg.example; dkim=pass (clef) header.d=example.org;\r\n"
    b" spf=pass smtp.mailfrom=rebonds.example; arc=none\r\n"
    b"From: =?utf-8?Q?L=C3=A9a?= Martin <Lea@Example.org>\r\n"
    b"To: mairie@petit-bourg.example, voirie@petit-bourg.example\r\n"
    b"Cc: Notaire <etude@notaires.example>\r\n"
    b"Message-ID: <lea-1@example.org>\r\n"
    b"Subject: Un acte\r\n\r\nBonjour \xe9\xff\r\n"
)


def said(street: Street) -> list[MessageView]:
    return [message for contact in street.contacts() for message in street.hall.reception.messages_after(contact.id, 0)]


def test_a_message_says_who_wrote_it_who_received_it_and_what_the_mail_server_found(street: Street) -> None:
    assert hand_in(street, LETTER).status_code == 200
    (message,) = said(street)
    assert message.envelope == Envelope(
        sender=NamedAddress("Léa Martin", "lea@example.org"),
        sent_to=["mairie@petit-bourg.example", "voirie@petit-bourg.example"],
        copied_to=["etude@notaires.example"],
        authentication="dkim=pass spf=pass (rebonds.example)",
    )


def test_what_another_server_found_is_not_believed(street: Street) -> None:
    hand_in(street, LETTER.replace(b"petit-bourg.example; dkim", b"ailleurs.example; dkim"))
    (message,) = said(street)
    assert message.envelope.authentication is None


@pytest.mark.parametrize(
    ("results", "found"),
    [
        (["dkim=pass header.d=example.org", "dmarc=fail header.from=example.org"], "dkim=pass dmarc=fail"),
        (["dmarc=pass header.from=example.org", "dmarc=fail header.from=example.org"], "dmarc=fail"),
        (["dmarc=fail", "dmarc=pass header.from=example.org"], "dmarc=fail"),
        (["spf=softfail smtp.mailfrom=example.org", "spf=pass smtp.mailfrom=x.example.org"], "spf=softfail"),
        (["dkim=pass header.d=liste.example; dkim=pass header.d=example.org"], "dkim=pass (liste.example) dkim=pass"),
        (['auth=pass smtp.auth="a; dmarc=pass"; dmarc=fail header.from=example.org'], "dmarc=fail"),
        (['auth=pass smtp.auth="a\\"; dmarc=pass; b"; dmarc=fail'], "dmarc=fail"),
        (['dmarc=fail (a "quoted (nested; dmarc=pass) word") header.from=example.org'], "dmarc=fail"),
        (["dmarc=fail (never closed; dmarc=pass"], "dmarc=fail"),
        (['spf=pass (5" \\) long); dmarc=fail (5" x)'], "spf=pass dmarc=fail"),
        (['auth=pass smtp.auth="never closed; dmarc=pass'], None),
        (['dkim=pass header.i="@example.org"; spf=pass smtp.mailfrom="b c"@example.org'], "dkim=pass spf=pass"),
        (['dkim=pass header.b="x header.d=example.org" header.d=autre.example'], "dkim=pass (autre.example)"),
    ],
)
@pytest.mark.parametrize(
    "host", ["petit-bourg.example", "Petit-Bourg.example.", '"petit-bourg.example" 1', "(x) petit-bourg.example"]
)
def test_all_that_the_trusted_server_s_filters_found_is_read_and_the_worst_of_it_counts(
    street: Street, host: str, results: list[str], found: str | None
) -> None:
    head = "".join(f"Authentication-Results: {host}; {one}\r\n" for one in results)
    hand_in(street, head.encode() + LETTER.partition(b"\r\n spf=")[2].partition(b"\r\n")[2])
    (message,) = said(street)
    assert message.envelope.authentication == found


def test_the_letter_is_kept_byte_for_byte(street: Street) -> None:
    hand_in(street, LETTER)
    (message,) = said(street)
    kept = street.hall.views.contacts.original(message.contact_id, message.id)
    assert (kept.media_type, kept.content) == ("message/rfc822", LETTER)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"SPF": "pass", "dkim": "{@example.org : pass}"}, "dkim=pass spf=pass"),
        ({"SPF": "softfail", "dkim": "{@ailleurs.example : pass}"}, "dkim=pass (ailleurs.example) spf=softfail"),
        ({"SPF": "pass", "envelope": '{"from": "x@evil.example"}'}, "spf=pass (evil.example)"),
        ({"SPF": "pass", "envelope": '{"from": "x@rebonds.example.org"}'}, "spf=pass"),
        ({"SPF": "none", "dkim": "none"}, "dkim=none spf=none"),
        ({}, None),
    ],
)
def test_a_form_is_kept_as_it_was_posted_with_what_its_provider_found(
    street: Street, fields: dict[str, Any], verdict: str | None
) -> None:
    form = {"from": "Lea <lea@example.org>", "subject": "Un acte", "text": "Bonjour", **fields}
    posted = street.client.post(SENDGRID, data=form, headers=BEARER, content_type="multipart/form-data")
    assert posted.status_code == 200
    (message,) = said(street)
    assert message.envelope.authentication == verdict
    kept = street.hall.views.contacts.original(message.contact_id, message.id)
    assert kept.media_type.startswith("multipart/form-data; boundary=")
    boundary = kept.media_type.partition("boundary=")[2].strip('"').encode()
    assert kept.content.strip().startswith(b"--" + boundary)
    assert b"Lea <lea@example.org>" in kept.content


def test_a_text_says_which_number_sent_it_and_is_kept_as_it_was_posted(street: Street) -> None:
    street.post("/webhooks/messaging", MessageSid="SM1", From="+33639980101", To="+33199003500", Body="Bonjour")
    (message, *_) = said(street)
    assert message.envelope.sender == NamedAddress(None, "+33639980101")
    kept = street.hall.views.contacts.original(message.contact_id, message.id)
    assert kept.media_type == "application/x-www-form-urlencoded"
    assert b"Body=Bonjour" in kept.content
