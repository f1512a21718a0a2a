"""What a caller hears, and what is kept, when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from canaux.voice.voicemail import recover
from routeur.contact.words import ContactState
from tests.routeur.hall import Hall
from tests.twiml_check import said, verb
from tests.webhooks.mounted_street import CALLER, OUR_NUMBER, Phone, Street

RECORDING = {
    "RecordingSid": "RE1",
    "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1",
    "RecordingDuration": "12",
}


@contextmanager
def broken_record_of(hall: Hall) -> Iterator[None]:
    """The record cannot be read or written inside the block."""
    with hall.record.write() as connection:
        connection.exec_driver_sql("ALTER TABLE contact RENAME TO contact_elsewhere")
    yield
    with hall.record.write() as connection:
        connection.exec_driver_sql("ALTER TABLE contact_elsewhere RENAME TO contact")


def broken_record(street: Street) -> AbstractContextManager[None]:
    """The same, as seen from the street."""
    return broken_record_of(street.hall)


@pytest.fixture
def phone(street: Street) -> Phone:
    return street.call("CA" + "0" * 32)


@pytest.mark.parametrize("path", ["", "/menu", "/wait", "/after"])
def test_a_caller_hears_an_apology_and_can_leave_a_message(street: Street, phone: Phone, path: str) -> None:
    with broken_record(street):
        heard = phone.ask(f"/webhooks/voice{path}")
    assert "problème technique" in said(heard)
    verb(heard, "Record")


def test_what_tells_us_something_fails_loudly(street: Street, phone: Phone) -> None:
    street.app.config["PROPAGATE_EXCEPTIONS"] = False
    with broken_record(street):
        assert phone.hang_up().status_code == 500


def test_a_message_left_during_an_outage_becomes_a_follow_up_once_we_are_back(street: Street, phone: Phone) -> None:
    with broken_record(street):
        phone.dial()
        assert "Merci" in said(phone.ask("/webhooks/voice/recording", **RECORDING))
    street.twilio.calls[phone.sid] = {"sid": phone.sid, "from": CALLER, "to": OUR_NUMBER, "status": "completed"}
    street.twilio.recordings.append(
        {
            "sid": "RE1",
            "call_sid": phone.sid,
            "duration": "12",
            "uri": "/2010-04-01/Accounts/AC1/Recordings/RE1.json",
        }
    )
    since = street.hall.clock()
    assert recover(street.hall.reception, street.phone, since) == 1
    assert recover(street.hall.reception, street.phone, since) == 1
    contact = street.only_contact()
    assert (contact.state, contact.address) == (ContactState.FOLLOW_UP, CALLER)
    (message,) = street.messages()
    assert message.text == "Message vocal, 12 secondes."


def test_a_message_is_kept_once_however_often_it_is_told(street: Street, phone: Phone) -> None:
    street.hall.available("anne")
    phone.dial()
    phone.ask("/webhooks/voice/recording", **RECORDING)
    phone.ask("/webhooks/voice/recording", **RECORDING)
    assert phone.tell("/webhooks/voice/recording/status", **RECORDING).status_code == 204
    assert len(street.messages()) == 1
    assert street.only_contact().state == ContactState.FOLLOW_UP


def test_a_message_left_by_who_had_hung_up_waiting_is_a_follow_up(street: Street, phone: Phone) -> None:
    street.hall.available("anne")
    phone.dial()
    phone.hang_up()
    phone.tell("/webhooks/voice/recording/status", **RECORDING)
    assert street.only_contact().state == ContactState.FOLLOW_UP


@pytest.mark.parametrize("path", ["", "/menu", "/wait", "/recording"])
def test_a_call_without_a_name_hears_something(street: Street, path: str) -> None:
    response = street.post(f"/webhooks/voice{path}", From=CALLER)
    assert response.status_code == 200
    assert b"<Say" in response.data


def test_a_recording_without_an_address_ends_the_call(street: Street, phone: Phone) -> None:
    verb(phone.ask("/webhooks/voice/recording"), "Hangup")


@pytest.mark.parametrize("path", ["/status", "/recording/status", "/conference/x", "/agent/x/status"])
def test_malformed_news_is_refused(street: Street, path: str) -> None:
    assert street.post(f"/webhooks/voice{path}", From=CALLER).status_code in (204, 400)
    assert street.post(f"/webhooks/voice{path}").status_code in (204, 400)


def test_news_without_a_call_is_malformed(street: Street) -> None:
    assert street.post("/webhooks/voice/status", From=CALLER).status_code == 400
    assert street.post("/webhooks/voice/agent/x/status", CallSid="CA1", CallStatus="busy").status_code == 400
