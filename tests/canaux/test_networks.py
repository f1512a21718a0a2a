"""Every way of reaching the telephone network keeps the same promises."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from canaux.twilio.client import ConsoleNetwork, PhoneNetwork, TwilioGateway
from routeur.ports.news import DeliveryError
from tests.twilio_stand_in import ACCOUNT, TOKEN, Refusal, TwilioStandIn, twilio_stand_in

AGENT = "+33639980002"
OURS = "+33199003500"
CALL = "CA" + "0" * 32
URL = "https://guichet.example.fr/webhooks/voice/agent/1?attempt=1&leg=2"


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    with twilio_stand_in() as stand_in:
        yield stand_in
    assert stand_in.violations == []


@pytest.fixture
def gateway(twilio: TwilioStandIn) -> Iterator[TwilioGateway]:
    gateway = TwilioGateway(ACCOUNT, TOKEN, twilio.base_url)
    yield gateway
    gateway.close()


@pytest.fixture(params=["console", "twilio"])
def network(request: pytest.FixtureRequest) -> PhoneNetwork:
    if request.param == "console":
        return ConsoleNetwork()
    found: TwilioGateway = request.getfixturevalue("gateway")
    return found


def test_rings_moves_hangs_up_and_writes(network: PhoneNetwork) -> None:
    network.ring(to=AGENT, caller_id=OURS, url=URL, status_url=URL, seconds=20)
    network.redirect(CALL, URL)
    network.hang_up(CALL)
    network.send_text(to=AGENT, sender=OURS, body="Bonjour")
    assert network.recordings_since(datetime(2026, 3, 2, tzinfo=UTC)) in ((), [])


def test_does_not_know_the_ends_of_an_unknown_call(network: PhoneNetwork) -> None:
    with pytest.raises(DeliveryError) as caught:
        network.call_ends(CALL)
    assert not caught.value.retryable


def test_the_console_tells_what_and_never_whom() -> None:
    network = ConsoleNetwork()
    with capture_logs() as logs:
        network.ring(to=AGENT, caller_id=OURS, url=URL, status_url=URL, seconds=20)
        network.redirect(CALL, URL)
        network.send_text(to=AGENT, sender=OURS, body="Bonjour Léa")
    assert len(logs) == 3
    assert AGENT not in str(logs)
    assert "Léa" not in str(logs)


def test_twilio_is_asked_to_ring_and_to_tell_us_how_it_ended(gateway: TwilioGateway, twilio: TwilioStandIn) -> None:
    gateway.ring(to=AGENT, caller_id=OURS, url=URL, status_url=URL + "&s", seconds=20)
    (sent,) = twilio.sent_to("Calls.json")
    assert sent.form == {
        "To": AGENT,
        "From": OURS,
        "Url": URL,
        "Method": "POST",
        "StatusCallback": URL + "&s",
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": "completed",
        "Timeout": "20",
    }


def test_whatsapp_and_messaging_services_are_senders_too(gateway: TwilioGateway, twilio: TwilioStandIn) -> None:
    gateway.send_text(to=f"whatsapp:{AGENT}", sender=f"whatsapp:{OURS}", body="Bonjour")
    gateway.send_text(to=AGENT, sender="MG" + "0" * 32, body="Bonjour")
    first, second = twilio.sent_to("Messages.json")
    assert (first.form["To"], first.form["From"]) == (f"whatsapp:{AGENT}", f"whatsapp:{OURS}")
    assert second.form["MessagingServiceSid"] == "MG" + "0" * 32


@pytest.mark.parametrize(
    ("refusal", "retryable"),
    [
        (Refusal(400, 21211), False),
        (Refusal(401, 20003), False),
        (Refusal(429, 20429), True),
        (Refusal(500), True),
        (Refusal(503, None), True),
    ],
)
def test_what_may_pass_is_tried_again(
    gateway: TwilioGateway, twilio: TwilioStandIn, refusal: Refusal, retryable: bool
) -> None:
    twilio.refusals.append(refusal)
    with pytest.raises(DeliveryError) as caught:
        gateway.send_text(to=AGENT, sender=OURS, body="Bonjour")
    assert caught.value.retryable is retryable
    assert AGENT not in caught.value.reason


def test_an_agent_is_rung_even_if_it_cannot_be_known_whether_they_are_already(
    gateway: TwilioGateway, twilio: TwilioStandIn
) -> None:
    twilio.refusals.append(Refusal(403))
    gateway.ring(to=AGENT, caller_id=OURS, url=URL, status_url=URL, seconds=20)
    assert len(twilio.sent_to("Calls.json")) == 1


def test_a_call_that_is_over_needs_no_hanging_up(gateway: TwilioGateway, twilio: TwilioStandIn) -> None:
    twilio.calls[CALL] = {"sid": CALL, "to": OURS, "from": AGENT, "status": "completed"}
    gateway.hang_up(CALL)
    gateway.redirect(CALL, URL)
    assert len(twilio.sent_to(f"{CALL}.json")) == 2


def test_a_twilio_that_cannot_be_reached_may_be_later() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        gateway = TwilioGateway(ACCOUNT, TOKEN, f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(DeliveryError) as caught:
            gateway.redirect(CALL, URL)
        gateway.close()
    assert caught.value.retryable


def test_a_base_url_may_have_a_path_of_its_own(twilio: TwilioStandIn) -> None:
    gateway = TwilioGateway(ACCOUNT, TOKEN, twilio.base_url + "/region/")
    with pytest.raises(DeliveryError):
        gateway.hang_up(CALL)
    gateway.close()
    assert twilio.violations.pop().startswith("POST /region/2010-04-01/Accounts/")
