"""What passes between a visitor's page and the desk: typing, read, there or gone; and how an EventSource listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from werkzeug.test import TestResponse

from canaux.chat.tokens import TICKET_SECONDS, VisitorTokens
from routeur.ports.signals import PRESENT_FOR, ContactSignals
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_chat import ALL, Visitor


@pytest.fixture
def visitor(street: Street) -> Visitor:
    """A visitor whom Anne serves."""
    street.hall.available("anne")
    visitor = Visitor(street)
    street.hall.serve(visitor.id)
    return visitor


@contextmanager
def frames(answer: TestResponse) -> Iterator[Iterator[str]]:
    """What a page is told, as it is written."""
    assert answer.status_code == 200, answer.text
    with closing(answer.response):  # type: ignore[type-var]
        yield map(bytes.decode, answer.iter_encoded())


def page(street: Street, visitor: Visitor) -> TestResponse:
    return street.client.get(f"{ALL}/{visitor.id}/events", headers=visitor.headers)


def post(street: Street, visitor: Visitor, path: str, body: object = None) -> TestResponse:
    return street.client.post(f"{ALL}/{visitor.id}/{path}", json=body, headers=visitor.headers)


def signals(street: Street, visitor: Visitor) -> ContactSignals:
    return street.hall.foundation.signals.of([visitor.id], street.hall.clock())[visitor.id]


def test_a_page_is_told_that_the_agent_types_and_how_far_they_have_read(street: Street, visitor: Visitor) -> None:
    with frames(page(street, visitor)) as told:
        assert [next(told).split("\n")[-4] for _ in range(2)] == ["event: message", "event: accepted"]
        assert next(told).startswith(":")  # it listens from here on
        street.hall.desk.typing("anne", visitor.id)
        assert next(told) == 'event: typing\ndata: {"from": "agent"}\n\n'
        street.hall.desk.read_up_to("anne", visitor.id, 1)
        assert next(told) == 'event: read\ndata: {"by": "agent", "position": 1}\n\n'
    with frames(page(street, visitor)) as again:
        assert "event: read" in "".join(next(again) for _ in range(3))


def test_what_the_visitor_has_read_only_grows(street: Street, visitor: Visitor) -> None:
    visitor.say("Encore", "a")
    for position in (2, 1):
        assert post(street, visitor, "read", {"position": position}).status_code == 204
    assert signals(street, visitor).read_by_usager == 2
    assert post(street, visitor, "read", {"position": 0}).status_code == 400
    assert post(street, visitor, "typing").status_code == 204


def test_a_visitor_is_there_while_their_page_listens(street: Street, visitor: Visitor) -> None:
    assert not signals(street, visitor).usager_present
    with frames(page(street, visitor)) as told:
        next(told)
        assert signals(street, visitor).usager_present
    assert not signals(street, visitor).usager_present


def test_a_visitor_whose_page_died_with_its_process_is_there_no_longer(street: Street, visitor: Visitor) -> None:
    street.hall.foundation.signals.usager_is_here(visitor.id, street.hall.clock())
    street.hall.clock.advance(PRESENT_FOR.total_seconds())
    assert not signals(street, visitor).usager_present


def test_a_ticket_in_the_address_opens_the_stream_of_its_conversation(street: Street, visitor: Visitor) -> None:
    ticket = post(street, visitor, "stream-tickets").json or {}
    assert ticket["good_for_seconds"] == 600
    visitor.say("Encore", "a")
    address = f"{ALL}/{visitor.id}/events?after=1&ticket={ticket['ticket']}"
    with frames(street.client.get(address)) as told:
        assert "Encore" in next(told)


def test_a_ticket_opens_nothing_else(street: Street, visitor: Visitor) -> None:
    ticket = (post(street, visitor, "stream-tickets").json or {})["ticket"]
    other = Visitor(street)
    say = {"text": "Bonjour", "client_id": "b"}
    refused = [
        street.client.get(f"{ALL}/{other.id}/events?ticket={ticket}"),
        street.client.get(f"{ALL}/{visitor.id}/events?ticket={visitor.token}"),
        street.client.get(f"{ALL}/{visitor.id}/events?ticket=x"),
        street.client.post(f"{ALL}/{visitor.id}/messages?ticket={ticket}", json=say),
        street.client.post(f"{ALL}/{visitor.id}/stream-tickets?ticket={ticket}"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403, 401, 401]
    as_token = {"Authorization": f"Bearer {ticket}"}
    assert street.client.post(f"{ALL}/{visitor.id}/messages", json=say, headers=as_token).status_code == 403


def test_a_ticket_is_good_for_ten_minutes() -> None:
    tokens = VisitorTokens("key")
    assert tokens.listens_to(ticket_of(TICKET_SECONDS - 5)) == "c1"
    assert tokens.listens_to(ticket_of(TICKET_SECONDS + 5)) is None


def ticket_of(seconds_ago: float) -> str:
    """A ticket that was given that long ago."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - round(seconds_ago)

    return str(URLSafeTimedSerializer("key", salt="chat-stream", signer=Earlier).dumps("c1"))
