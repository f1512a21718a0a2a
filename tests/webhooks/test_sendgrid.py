"""SendGrid's Inbound Parse: raw or in parts, and signed."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder

from tests.webhooks.mounted_street import Street
from tests.webhooks.test_email import BEARER, SENDGRID, sample
from webhooks.sendgrid_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, SendGridSignature


def test_sendgrid_raw(street: Street) -> None:
    street.hall.available("anne")
    form = {"email": sample("attachment").decode("utf-8"), "envelope": "{}"}
    assert street.client.post(SENDGRID, data=form, headers=BEARER).status_code == 200
    assert street.only_contact().subject == "Permis de construire"


def test_sendgrid_parsed(street: Street) -> None:
    street.hall.available("anne")
    head = sample("latin1").split(b"\r\n\r\n")[0]
    builder = EnvironBuilder(path=SENDGRID, method="POST")
    builder.files.add_file("attachment1", FileStorage(BytesIO(b"%PDF-1.4"), "plan.pdf", content_type="application/pdf"))
    builder.form.update({"headers": head.decode(), "from": "lea@example.org", "attachments": "1"})
    builder.form["charsets"] = json.dumps({"text": "iso-8859-1", "subject": "UTF-8"})
    builder.form["text"] = "@@text@@"
    request = builder.get_request()
    body = request.get_data().replace(b"@@text@@", "L'école est-elle fermée ?".encode("latin-1"))
    response = street.client.post(SENDGRID, data=body, headers=BEARER, content_type=request.content_type)
    assert response.status_code == 200
    contact = street.hall.views.contacts.full(street.only_contact().id)
    assert (contact.contact.subject, contact.messages[0].text) == ("École", "L'école est-elle fermée ?")
    (plan,) = contact.messages[0].attachments
    assert (plan.name, plan.size) == ("plan.pdf", 8)


def test_sendgrid_told_twice_is_one_message(street: Street) -> None:
    form = {"headers": "From: lea@example.org\nMessage-ID: <sg@example.org>\nSubject: Bruit", "text": "Trop de bruit"}
    for _ in range(2):
        assert street.client.post(SENDGRID, data=form, headers=BEARER).status_code == 200
    assert len(street.messages()) == 1


def test_sendgrid_headers_in_utf_8(street: Street) -> None:
    """Of a message that was written to an internationalised address."""
    form = {
        "headers": "From: Zoé Noël <zoé@exemple.fr>\nMessage-ID: <8@exemple.fr>\nSubject: Éclairage",
        "text": "Panne",
    }
    assert street.client.post(SENDGRID, data=form, headers=BEARER).status_code == 200
    assert street.only_contact().subject == "Éclairage"


def test_sendgrid_html_only(street: Street) -> None:
    form = {"from": "Léa <lea@example.org>", "subject": "Cantine", "html": "<p>Bonjour <b>vous</b></p>"}
    assert (
        street.client.post(SENDGRID, data=form, headers=BEARER, content_type="multipart/form-data").status_code == 200
    )
    (message,) = street.messages()
    assert message.text == "Bonjour vous"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"text=x", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"x", "multipart/form-data"),
        (b"--y\r\n", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data; boundary=x"),
        (b"--x\r\n", 'multipart/form-data; boundary="a b"'),
        (b"--x\r\n", f"multipart/form-data; boundary={'x' * 3_000}"),
        (b"--x\r\n", "multipart/form-data; boundary*=utf-8''%ff%00y"),
        (b"--x\r\n", "multipart/form-data; boundary*0=a; boundary*1*=latin-9''b"),
        (b"--x\r\n", 'multipart/form-data; boundary="'),
    ],
)
def test_sendgrid_without_a_message_is_refused(street: Street, body: bytes, content_type: str) -> None:
    response = street.client.post(SENDGRID, data=body, headers=BEARER, content_type=content_type)
    assert response.status_code == 400


def a_form(*parts: tuple[str, bytes]) -> bytes:
    """A form whose parts are these: what stands after `form-data; `, and the bytes."""
    written = [b"--b\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (p.encode("latin-1"), v) for p, v in parts]
    return b"".join(written) + b"--b--\r\n"


def test_one_bad_byte_in_a_form_spoils_one_letter(street: Street) -> None:
    body = a_form(
        ('name="headers"', b"From: Zo\xe9 <zoe@example.org>\nSubject: =?utf-8?q?D=E9chets?="),
        ('name="text"', "Le bac à verre déborde, l’été".encode() + b" \xe0 midi."),
        ('name="charsets"', b'{"text": "utf-8"}'),
        ('name="attachment1"; filename="d\xe9p\xf4t.pdf"', b"%PDF\r\n"),
    )
    kind = "multipart/form-data; boundary=b"
    assert street.client.post(SENDGRID, data=body, headers=BEARER, content_type=kind).status_code == 200
    contact = street.hall.views.contacts.full(street.only_contact().id)
    (message,) = contact.messages
    assert (contact.contact.subject, message.text) == ("Déchets", "Le bac à verre déborde, l’été à midi.")
    assert [(file.name, file.size) for file in message.attachments] == [("dépôt.pdf", 6)]


A_LETTER = b'Content-Disposition: form-data; name="from"\r\n\r\nlea@example.org'


@pytest.mark.parametrize("said", ['"a b"', "x" * 3_000, "*=utf-8''a%20b", "*0=a; boundary*1=b"])
def test_a_form_is_read_between_whatever_boundary(street: Street, said: str) -> None:
    kind = f"multipart/form-data; boundary{said if said.startswith('*') else f'={said}'}"
    boundary = {'"a b"': b"a b", "*=utf-8''a%20b": b"a b", "*0=a; boundary*1=b": b"ab"}.get(said, said.encode())
    body = b"--" + boundary + b"\r\n" + A_LETTER + b"\r\n--" + boundary + b"--\r\n"
    assert street.client.post(SENDGRID, data=body, headers=BEARER, content_type=kind).status_code == 200


PARAMETERS = st.one_of(
    st.sampled_from(
        ["boundary=x", 'boundary="x', "boundary*=utf-8''%78", "boundary*0*=x''%ff", "boundary*1=x", "; ", "="]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
)
KINDS = st.one_of(
    st.just("multipart/form-data"), st.just("application/x-www-form-urlencoded"), st.text("a/; =", max_size=9)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KINDS, st.lists(PARAMETERS, max_size=4), st.one_of(st.just(b"--x\r\n" + A_LETTER), st.binary(max_size=40)))
def test_a_form_is_read_or_refused_whatever_its_content_type_says(
    street: Street, kind: str, parameters: list[str], body: bytes
) -> None:
    said = "; ".join([kind, *parameters])
    response = street.client.post(SENDGRID, data=body, headers=BEARER, content_type=said)
    assert response.status_code in (200, 400)


@pytest.mark.parametrize("mark", ["(", "<", '"', "@", "a@b,", "=?a?q?"])
def test_a_form_whose_fields_are_made_to_break_the_reader_is_a_letter(street: Street, mark: str) -> None:
    street.hall.available("anne")
    sender = mark * 3_000 + " lea@example.org"
    form = {"headers": f"From: {sender}\nMessage-ID: <s@x>", "from": sender, "text": "Bonjour", "SPF": "pass"}
    assert street.client.post(SENDGRID, data=form, headers=BEARER).status_code == 200
    assert [message.text for message in street.messages()] == ["Bonjour"]


class Signer:
    """SendGrid's side of its signature."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(public).decode()

    def headers(self, body: bytes, at: datetime) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
        return {SIGNATURE_HEADER: base64.b64encode(signature).decode(), TIMESTAMP_HEADER: stamp}


BODY = b"from=lea%40example.org&text=Bonjour"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def signed_street(street: Street, signer: Signer) -> Street:
    auth = SendGridSignature(signer.public_key, street.hall.clock)
    again = Street(street.hall, street.twilio, "smtp://127.0.0.1:1", auth)
    again.close()
    return again


def test_sendgrid_s_signature_is_enough(signed_street: Street, signer: Signer) -> None:
    headers = signer.headers(BODY, signed_street.hall.clock())
    assert signed_street.client.post(SENDGRID, data=BODY, headers=headers, content_type=FORM).status_code == 200


def test_a_wrong_signature_is_not(signed_street: Street, signer: Signer) -> None:
    now = signed_street.hall.clock()
    right = signer.headers(BODY, now)
    wrong = [
        Signer().headers(BODY, now),
        signer.headers(BODY + b"x", now),
        signer.headers(BODY, now - timedelta(days=4)),
        {**right, TIMESTAMP_HEADER: "1"},
        {**right, TIMESTAMP_HEADER: "now"},
        {**right, SIGNATURE_HEADER: "!"},
        {TIMESTAMP_HEADER: right[TIMESTAMP_HEADER]},
    ]
    for headers in wrong:
        response = signed_street.client.post(SENDGRID, data=BODY, headers=headers, content_type=FORM)
        assert response.status_code == 403


@pytest.mark.parametrize("key", ["", "x", base64.b64encode(b"nothing").decode()])
def test_a_key_that_is_none_is_refused_at_start(street: Street, key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three kinds of nonsense
        SendGridSignature(key, street.hall.clock)


@pytest.mark.parametrize(
    ("fields", "reply_to"),
    [
        ({"text": "Bonjour", "envelope": '{"to": ["m@x.example"], "from": "Lea@example.org"}'}, "lea@example.org"),
        ({"text": "Bonjour", "from": "", "envelope": '{"from": "lea@example.org"}'}, "lea@example.org"),
        ({"text": "Bonjour", "headers": "Subject: x", "envelope": '{"from": "lea@example.org"}'}, "lea@example.org"),
        ({"text": "Bonjour", "envelope": '{"from": ""}'}, None),
        ({"text": "Bonjour", "envelope": "nonsense"}, None),
    ],
)
def test_a_form_without_from_is_taken_from_its_envelope_as_given(
    street: Street, fields: dict[str, str], reply_to: str | None
) -> None:
    posted = street.client.post(SENDGRID, data=fields, headers=BEARER, content_type="multipart/form-data")
    assert posted.status_code == 200
    shown = street.hall.views.contacts.full(street.only_contact().id).contact
    assert (shown.reply_to, shown.given.email, shown.usager.verified) == (reply_to, reply_to, ())
