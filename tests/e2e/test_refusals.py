"""The requests that the town hall refuses, and its answer when it cannot record."""

from __future__ import annotations

import json

import pytest
import requests

from tests.e2e.desk import Arrive
from tests.e2e.records import Records
from tests.e2e.street import Caller, Texter, Visitor, Writer, answer_text, post_signed
from tests.e2e.town_hall import MAIL_TOKEN, TownHall
from tests.e2e.waiting import PATIENCE_SECONDS, eventually
from tests.twiml_check import said, verb

CALL = {"CallSid": "CA" + "0" * 32, "From": "+33639982000", "To": "+33199003500", "CallStatus": "ringing"}
TEXT = {"MessageSid": "SM0", "From": "+33639982000", "To": "+33199003500", "Body": "Bonjour"}


@pytest.mark.parametrize(("path", "form"), [("voice", CALL), ("voice/status", CALL), ("messaging", TEXT)])
def test_only_twilio_may_speak_for_twilio(town: TownHall, path: str, form: dict[str, str]) -> None:
    url = f"{town.url}/webhooks/{path}"
    assert post_signed(url, form, token="somebody-else").status_code == 403
    assert requests.post(url, data=form, timeout=PATIENCE_SECONDS).status_code == 403
    tampered = post_signed(url, form).request
    assert requests.post(url, data={**form, "From": "+33639989999"}, headers=tampered.headers).status_code == 403
    if form is CALL:  # nobody stays on the line
        post_signed(f"{town.url}/webhooks/voice/status", {**CALL, "CallStatus": "completed"})


def test_only_our_mail_server_may_hand_in_mail(town: TownHall) -> None:
    writer = Writer(town)
    assert writer.send(writer.letter("Bonjour", "Bonjour"), token="somebody-else").status_code == 403
    assert requests.post(f"{town.url}/webhooks/email/sendgrid", data={"from": "a@b.example"}).status_code == 403


def test_what_cannot_be_understood_is_refused(town: TownHall) -> None:
    assert post_signed(f"{town.url}/webhooks/messaging", {"Body": "Bonjour"}).status_code == 400
    assert post_signed(f"{town.url}/webhooks/voice/status", {"CallStatus": "completed"}).status_code == 400
    mail_server = {"Authorization": f"Bearer {MAIL_TOKEN}"}
    nothing = requests.post(
        f"{town.url}/webhooks/email/mime", data=b"\r\n", headers=mail_server, timeout=PATIENCE_SECONDS
    )
    assert nothing.status_code == 400
    assert Visitor(town).begin("").status_code == 400
    chat = f"{town.url}/webhooks/chat/conversations"
    as_json = {"Content-Type": "application/json"}
    assert requests.post(chat, data=b"not json", headers=as_json, timeout=PATIENCE_SECONDS).status_code == 400
    assert requests.post(chat, data=b"{}", timeout=PATIENCE_SECONDS).status_code == 415


def test_what_is_too_large_is_refused(town: TownHall) -> None:
    large = "x" * 100_000
    assert post_signed(f"{town.url}/webhooks/messaging", {**TEXT, "Body": large}).status_code == 413
    assert post_signed(f"{town.url}/webhooks/voice/status", {**CALL, "Digits": large}).status_code == 413
    body = json.dumps({"text": large}).encode()
    assert requests.post(f"{town.url}/webhooks/chat/conversations", data=body).status_code == 413
    writer = Writer(town)
    assert writer.send(writer.letter("Photos", "x" * 60 + ("\n" + "x" * 60) * 650_000)).status_code == 413


def test_while_nothing_can_be_recorded_nobody_is_told_otherwise(
    town: TownHall, records: Records, arrive: Arrive
) -> None:
    emma = arrive("emma.chevalier")
    caller, texter, writer, visitor = Caller(town), Texter(town), Writer(town), Visitor(town)
    letter = writer.letter("Question", "Quand ouvrez-vous ?")
    with records.broken(town):
        apology = caller.dial()
        assert "problème technique" in said(apology)
        assert verb(apology, "Record").attrib["recordingStatusCallback"].startswith(town.url)
        assert texter.write("Bonjour", sid="SM" + "d" * 32).status_code == 500
        assert writer.send(letter).status_code == 500
        assert visitor.begin("Bonjour").status_code == 500
        assert "enregistré" in said(caller.leave_message(apology))  # the network keeps it

    eventually(lambda: _works_again(town, arrive), "everything works again")
    assert writer.send(letter).status_code == 200  # the provider tries again
    contact_id = emma.offered()["contact"]["id"]
    assert emma.accept(contact_id)["usager"]["email"] == writer.address
    assert answer_text(texter.write("Bonjour", sid="SM" + "d" * 32))
    emma.finish(contact_id)


def _works_again(town: TownHall, arrive: Arrive) -> bool:
    """Ask until every web process has answered."""
    agent = arrive("emma.chevalier", None)
    return town.is_ready() and all(agent.request("GET", "/me").status_code == 200 for _ in range(8))
