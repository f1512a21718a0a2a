"""The visitor's side of the chat."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from itertools import takewhile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from canaux.server_sent import HEARTBEAT
from competences.channels import Channel
from routeur.contact.words import ContactState, Outcome
from tests.webhooks.mounted_street import Street
from webhooks.chat import BEGUN_PER_ADDRESS, DONE_PER_CONVERSATION

ALL = "/webhooks/chat/conversations"


class Visitor:
    """A visitor's page."""

    def __init__(self, street: Street, **more: Any) -> None:
        self.street = street
        response = street.client.post(ALL, json={"text": "Bonjour", **more})
        assert response.status_code == 201
        assert response.json is not None
        self.id, self.token = response.json["id"], response.json["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def say(self, text: str, client_id: str) -> TestResponse:
        body = {"text": text, "client_id": client_id}
        return self.street.client.post(f"{ALL}/{self.id}/messages", json=body, headers=self.headers)

    def events(self, last: str | None = None) -> list[tuple[str, str | None, dict[str, Any]]]:
        """(kind, id, data) of each event, until there is nothing new."""
        headers = {**self.headers, **({"Last-Event-ID": last} if last else {})}
        response = self.street.client.get(f"{ALL}/{self.id}/events", headers=headers)
        assert response.mimetype == "text/event-stream"
        told = [_event(frame.decode()) for frame in takewhile(HEARTBEAT.__ne__, response.iter_encoded())]
        response.close()
        return told

    def leave(self) -> TestResponse:
        return self.street.client.delete(f"{ALL}/{self.id}", headers=self.headers)


def _event(block: str) -> tuple[str, str | None, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
    return fields["event"], fields.get("id"), json.loads(fields["data"])


@pytest.fixture
def visitor(street: Street) -> Visitor:
    street.hall.available("anne")
    return Visitor(street, name="Léa")


def test_a_conversation_is_a_contact(street: Street, visitor: Visitor) -> None:
    contact = street.only_contact()
    assert (contact.id, contact.channel, contact.state) == (visitor.id, "chat", "waiting")
    assert street.hall.offered_to(contact.id) == "anne"


def test_topic_language_and_e_mail_are_taken(street: Street) -> None:
    street.hall.available("bruno")
    visitor = Visitor(street, topic="carte-identite", email="Lea@Example.org", language="fr")
    contact = street.hall.views.contacts.full(visitor.id).contact
    assert contact.topic == "carte-identite"
    assert contact.usager.email == "lea@example.org"


BEGINNING_ID = "8c7e2f0a-5b1d-4d43-9a57-2f5a4c1e9b10"


def test_a_page_that_asks_again_begins_one_conversation_and_gets_its_token(street: Street) -> None:
    first, again = (Visitor(street, client_id=BEGINNING_ID) for _ in range(2))
    assert first.id == again.id
    assert again.say("Encore", "m1").status_code == 201
    street.only_contact()


def test_another_text_begins_nothing_under_the_same_client_id(street: Street) -> None:
    Visitor(street, client_id=BEGINNING_ID)
    refused = street.client.post(ALL, json={"text": "Autre chose", "client_id": BEGINNING_ID})
    assert refused.status_code == 409
    street.only_contact()


def test_a_client_id_that_others_could_guess_begins_nothing(street: Street) -> None:
    assert street.client.post(ALL, json={"text": "Bonjour", "client_id": "1"}).status_code == 400
    assert street.contacts() == []


def test_the_same_client_id_twice_is_one_message(street: Street, visitor: Visitor) -> None:
    first, second = visitor.say("Encore", "a"), visitor.say("Encore", "a")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert len(street.messages()) == 2


def test_another_text_with_the_same_client_id_is_refused(street: Street, visitor: Visitor) -> None:
    assert visitor.say("Bonjour", "c1").status_code == 201
    assert visitor.say("Bonsoir", "c1").status_code == 409
    assert visitor.say("Bonjour", "c1").status_code == 200


def test_two_visitors_may_use_the_same_client_id(street: Street, visitor: Visitor) -> None:
    other = Visitor(street)
    assert visitor.say("Un", "a").status_code == 201
    assert other.say("Deux", "a").status_code == 201
    assert len(street.messages()) == 4


def test_the_stream_tells_messages_and_where_the_conversation_stands(street: Street, visitor: Visitor) -> None:
    kinds = [(kind, number) for kind, number, _ in visitor.events()]
    assert kinds == [("message", "1"), ("waiting", None)]
    street.hall.serve(visitor.id)
    street.hall.desk.reply("anne", visitor.id, "Bonjour Léa")
    (first, one, said), (second, two, answer), (state, _, _) = visitor.events()
    assert (first, one, said["from"], second, two, answer["from"]) == (
        "message",
        "1",
        "visitor",
        "message",
        "2",
        "agent",
    )
    assert answer["text"] == "Bonjour Léa"
    assert state == "accepted"


def test_the_stream_resumes_after_what_was_seen(visitor: Visitor) -> None:
    visitor.say("Un", "a")
    visitor.say("Deux", "b")
    texts = [data["text"] for kind, _, data in visitor.events(last="2") if kind == "message"]
    assert texts == ["Deux"]


def test_agents_notes_and_names_are_not_the_visitor_s(street: Street, visitor: Visitor) -> None:
    hall = street.hall
    hall.serve(visitor.id)
    hall.desk.finish("anne", visitor.id, Outcome.ANSWERED, "personne agitée")
    told = str(visitor.events())
    assert "agitée" not in told
    assert "anne" not in told
    assert visitor.events()[-1][0] == "closed"


def test_a_promise_is_told_with_its_date(street: Street) -> None:
    street.hall.clock.set(datetime(2026, 3, 2, 21, 0, tzinfo=UTC))
    visitor = Visitor(street)
    kind, _, data = visitor.events()[-1]
    assert kind == "follow_up"
    assert data["reference"] in data["text"]
    assert data["due_at"].endswith("+00:00")


def test_leaving_is_giving_up(street: Street, visitor: Visitor) -> None:
    assert visitor.leave().status_code == 204
    assert visitor.leave().status_code == 204
    assert street.hall.state(visitor.id) is ContactState.CLOSED


def test_a_conversation_is_its_visitor_s_alone(street: Street, visitor: Visitor) -> None:
    other = Visitor(street)
    paths = [
        ("POST", f"{ALL}/{visitor.id}/messages"),
        ("GET", f"{ALL}/{visitor.id}/events"),
        ("DELETE", f"{ALL}/{visitor.id}"),
    ]
    for method, path in paths:
        body = {"text": "x", "client_id": "x"}
        assert street.client.open(path, method=method, json=body).status_code == 401
        for wrong in (other.token, visitor.token[:-2] + "xx", "x"):
            headers = {"Authorization": f"Bearer {wrong}"}
            assert street.client.open(path, method=method, json=body, headers=headers).status_code == 403


def test_a_token_of_no_conversation_opens_nothing(street: Street) -> None:
    headers = {"Authorization": f"Bearer {street.tokens.issue('gone')}"}
    assert street.client.get(f"{ALL}/gone/events", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": " \x00 "},
        {"text": "a\x00b"},
        {"text": "a\x1bb"},
        {"text": "x", "name": "a\x00b"},
        {"text": "x" * 4001},
        {"text": 1},
        {"text": "x", "email": "nobody"},
        {"text": "x", "topic": "<script>"},
        {"text": "x", "language": "tlh"},
        [],
    ],
)
def test_malformed_conversations_are_refused(street: Street, body: Any) -> None:
    assert street.client.post(ALL, json=body).status_code == 400
    assert street.contacts() == []


@pytest.mark.parametrize("raw", [b"", b"{", b'{"text": "\\ud800"}', b"\xff"])
def test_what_is_no_json_is_refused(street: Street, raw: bytes) -> None:
    assert street.client.post(ALL, data=raw, content_type="application/json").status_code == 400


@pytest.mark.parametrize("client_id", ["", "a b", "x" * 65])
def test_malformed_client_ids_are_refused(visitor: Visitor, client_id: str) -> None:
    assert visitor.say("x", client_id).status_code == 400


def test_what_is_too_large_is_not_read(street: Street) -> None:
    assert street.client.post(ALL, json={"text": "x" * 70_000}).status_code == 413


def test_one_address_cannot_fill_the_queue(street: Street) -> None:
    def begin(address: str) -> TestResponse:
        return street.client.post(ALL, json={"text": "Bonjour"}, environ_overrides={"REMOTE_ADDR": address})

    amount = BEGUN_PER_ADDRESS.amount
    assert [begin("192.0.2.1").status_code for _ in range(amount)] == [201] * amount
    refused = begin("192.0.2.1")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert begin("192.0.2.2").status_code == 201
    assert len(street.contacts()) == amount + 1


def test_one_visitor_cannot_fill_the_record(visitor: Visitor) -> None:
    amount = DONE_PER_CONVERSATION.amount
    assert {visitor.say("encore", f"n{number}").status_code for number in range(amount)} == {201}
    assert visitor.say("encore", "one too many").status_code == 429


def test_what_comes_in_chunks_is_not_cut_in_silence(street: Street) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    body = b'{"text": "Bonjour"}' + b" " * (64 * 1024)

    def begin(part: bytes) -> int:
        kind = "application/json"
        return street.client.post(
            ALL, input_stream=BytesIO(part), content_type=kind, environ_overrides=chunked
        ).status_code

    assert begin(body) == 413
    assert begin(body[:100]) == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_another_page_can_send_unasked_begins_nothing(street: Street, kind: str) -> None:
    body = b'{"text": "Bonjour"}'
    assert street.client.post(ALL, data=body, content_type=kind).status_code == 415
    assert street.contacts() == []


def test_a_closed_conversation_opens_to_its_visitor_for_a_day(street: Street, visitor: Visitor) -> None:
    visitor.leave()
    street.hall.clock.advance(23 * 3600)
    assert visitor.say("Encore une question", "a").status_code == 201  # it is open again
    visitor.leave()
    street.hall.clock.advance(25 * 3600)
    assert visitor.say("Et une autre", "b").status_code == 404
    assert visitor.leave().status_code == 404
    events = street.client.get(f"{ALL}/{visitor.id}/events", headers=visitor.headers)
    assert events.status_code == 404


def test_what_the_back_office_answered_is_read_days_later_and_only_read(street: Street, visitor: Visitor) -> None:
    hall = street.hall
    hall.reception.ask_follow_up(visitor.id)
    hall.follow_ups.answer("anne", street.only_contact().reference, "C'est prêt.", by=Channel.CHAT)
    hall.follow_ups.close("anne", street.only_contact().reference)
    assert hall.state(visitor.id) is ContactState.CLOSED
    hall.clock.advance(3 * 24 * 3600)
    assert "C'est prêt." in [data["text"] for kind, _, data in visitor.events() if kind == "message"]
    assert visitor.say("Encore une question", "a").status_code == 404
    assert visitor.leave().status_code == 404


def test_the_notice_of_the_law_is_read_days_later(street: Street, visitor: Visitor) -> None:
    hall = street.hall
    login = hall.serve(visitor.id)
    hall.requests.set_request(login, visitor.id, True)
    hall.desk.finish(login, visitor.id, Outcome.ANSWERED)
    hall.clock.advance(3 * 24 * 3600)
    assert visitor.events()
    assert visitor.say("Encore une question", "a").status_code == 404


@pytest.mark.parametrize("what", ["say", "settled", "leave", "confirm"])
def test_one_visitor_cannot_hold_the_record_by_anything_that_they_do(visitor: Visitor, what: str) -> None:
    def act(number: int) -> int:
        path, client = f"{ALL}/{visitor.id}", visitor.street.client
        if what == "say":
            return visitor.say("encore", f"n{number}").status_code
        if what == "leave":
            return visitor.leave().status_code
        path, body = {
            "settled": (f"{path}/settled", None),
            "confirm": (f"{path}/verification/confirm", {"code": "123456"}),
        }[what]
        return client.post(path, json=body, headers=visitor.headers).status_code

    answers = [act(number) for number in range(DONE_PER_CONVERSATION.amount + 1)]
    assert 429 not in answers[:-1]
    assert answers[-1] == 429
