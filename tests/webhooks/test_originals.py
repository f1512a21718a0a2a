"""What came is kept as it came, on every channel, without what only our provider and we may know."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routeur.contact.messages import LONGEST_COMPRESSED_BYTES, OriginalMessage, original_of
from routeur.retention import purge
from tests.smtp_server import Mailbox
from tests.twilio_stand_in import ACCOUNT
from tests.webhooks.mounted_street import OUR_NUMBER, Street
from tests.webhooks.test_chat import ALL, Visitor
from tests.webhooks.test_email import hand_in, sample
from tests.webhooks.test_messaging import text
from tests.webhooks.test_threads import LEA, letter

FORM = "application/x-www-form-urlencoded"
PICTURE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
SECRETS = (ACCOUNT, "AccountSid=AC", "X-Twilio", "Bearer")


def originals(street: Street) -> list[OriginalMessage]:
    """The originals of all messages from outside, in their order."""
    return [
        original_of(street.hall.record, message.contact_id, message.id)
        for message in street.messages()
        if message.direction == "in"
    ]


def test_a_text_is_kept_with_all_that_its_network_said_but_our_account(street: Street) -> None:
    street.hall.available("anne")
    said = {"ProfileName": "Léa & fils", "NumMedia": "1", "MediaUrl0": PICTURE, "MediaContentType0": "image/png"}
    text(street, "Où ? À 50 €", AccountSid=ACCOUNT, **said)
    (kept,) = originals(street)
    assert kept.media_type == FORM
    fields = {name: values[0] for name, values in parse_qs(kept.content.decode()).items()}
    assert {name: fields[name] for name in ("Body", "To", "ProfileName")} == {
        "Body": "Où ? À 50 €",
        "To": OUR_NUMBER,
        "ProfileName": "Léa & fils",
    }
    assert not any(secret in kept.content.decode() for secret in SECRETS)


def test_what_a_caller_said_and_recorded_is_kept_with_the_form_that_brought_it(street: Street) -> None:
    street.hall.available("bruno")
    call = street.call()
    call.speak(call.dial(), "Je voudrais refaire ma carte d'identité")
    recording = {"RecordingSid": "RE1", "RecordingUrl": PICTURE, "RecordingDuration": "12", "AccountSid": ACCOUNT}
    call.ask("/webhooks/voice/recording", **recording)
    call.tell("/webhooks/voice/recording/status", **recording)  # said again
    said, recorded = originals(street)
    assert parse_qs(said.content.decode())["SpeechResult"] == ["Je voudrais refaire ma carte d'identité"]
    assert parse_qs(recorded.content.decode())["RecordingSid"] == ["RE1"]
    assert not any(secret in recorded.content.decode() for secret in SECRETS)


def test_what_a_visitor_writes_is_kept_as_their_page_posted_it(street: Street) -> None:
    street.hall.available("anne")
    body = '{"text" :"Bonjour  \\u00e0 vous\\n", "name": "Léa", "email": "lea@example.org", "more": [1]}'.encode()
    begun = street.client.post(ALL, data=body, content_type="application/json").get_json()
    more = b'{"client_id":"a","text":"  encore "}'
    headers = {"Authorization": f"Bearer {begun['token']}"}
    path = f"{ALL}/{begun['id']}/messages"
    for _ in range(2):
        street.client.post(path, data=more, headers=headers, content_type="application/json")
    assert originals(street) == [OriginalMessage("application/json", body), OriginalMessage("application/json", more)]
    assert street.messages()[0].text == "Bonjour  à vous"


def test_a_report_of_failure_is_kept_with_the_note_that_it_makes(street: Street, mailbox: Mailbox) -> None:
    street.hall.available("anne")
    hand_in(street, sample("plain"))
    street.hall.step()
    (ack,) = mailbox.messages
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\nFrom: <>\r\n\r\n"
    status = b"--x\r\nContent-Type: message/delivery-status\r\n\r\nX: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    returned = b"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %b\r\n--x--" % ack["Message-ID"].encode()
    report = head + status + returned
    assert "bounce noted" in hand_in(street, report).text
    assert "bounce noted" in hand_in(street, report).text
    (note,) = [message for message in street.messages() if message.direction == "note"]
    assert original_of(street.hall.record, note.contact_id, note.id).content == report


def test_a_long_letter_is_kept_without_being_compressed(street: Street) -> None:
    street.hall.available("anne")
    raw = letter(LEA, "<long@example.org>", "é" * LONGEST_COMPRESSED_BYTES)
    hand_in(street, raw)
    assert originals(street) == [OriginalMessage("message/rfc822", raw)]
    assert len(street.messages()[0].original) > len(raw)


def test_what_is_forgotten_leaves_no_original_on_any_channel(street: Street) -> None:
    hall = street.hall
    hall.available("anne")
    visitor = Visitor(street)
    visitor.say("Encore", "a")
    visitor.leave()
    text(street, "Réglé")
    hand_in(street, letter(LEA, "<1@example.org>", Auto_Submitted="auto-replied"))
    assert len(originals(street)) == 4
    closed = [contact.id for contact in street.contacts() if contact.state == "closed"]
    purge(hall.record, hall.clock.advance(days=400))
    left = [message.contact_id for message in street.messages() if message.original is not None]
    assert closed
    assert not set(closed) & set(left)
    assert all(message.set_aside is None for message in street.messages())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=300).filter(bytes.strip), st.sampled_from([b"", b"From: a@b.example\r\n"]))
def test_whatever_bytes_are_posted_as_a_letter_come_back(street: Street, tail: bytes, head: bytes) -> None:
    street.hall.available("anne")
    raw = head + b"X-Number: %d\r\n" % len(street.messages()) + tail
    assert hand_in(street, raw).status_code == 200
    assert OriginalMessage("message/rfc822", raw) in originals(street)


def test_a_form_without_account_is_kept_to_the_byte(street: Street) -> None:
    street.hall.available("anne")
    text(street, "Bonjour ~ *")
    (kept,) = originals(street)
    form = {"MessageSid": "SM1", "From": street.only_contact().address, "To": OUR_NUMBER}
    assert kept.content.startswith(urlencode(form).encode())
    assert kept.content.endswith(b"NumMedia=0")
