"""What Twilio is asked, and what its refusals mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from canaux.messaging.failures import NotDelivered, TextRefused
from canaux.provider_interfaces import About, AgentCall
from canaux.twilio.phone import TwilioPhone
from canaux.twilio.rest import TwilioAccount
from canaux.twilio.texts import TwilioTexts
from canaux.twilio.urls import TextUrls, VoiceUrls
from routeur.ports.news import DeliveryError
from tests.twilio_stand_in import ACCOUNT, TOKEN, Refusal, TwilioStandIn, twilio_stand_in

AGENT = "+33639980002"
OURS = "+33199003500"
CALL = "CA" + "0" * 32
URLS = VoiceUrls("https://guichet.example.fr")
CALL_TO_AGENT = AgentCall(AGENT, OURS, "1", 1, "2", 20)


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    with twilio_stand_in() as stand_in:
        yield stand_in
    assert stand_in.violations == []


@pytest.fixture
def account(twilio: TwilioStandIn) -> Iterator[TwilioAccount]:
    account = TwilioAccount(ACCOUNT, TOKEN, twilio.base_url)
    yield account
    account.close()


@pytest.fixture
def phone(account: TwilioAccount) -> TwilioPhone:
    return TwilioPhone(account, URLS)


@pytest.fixture
def texts(account: TwilioAccount) -> TwilioTexts:
    return TwilioTexts(account, TextUrls("https://guichet.example.fr"))


def test_twilio_is_asked_to_ring_and_to_tell_us_how_it_ended(phone: TwilioPhone, twilio: TwilioStandIn) -> None:
    phone.ring(CALL_TO_AGENT)
    (sent,) = twilio.sent_to("Calls.json")
    assert sent.form == {
        "To": AGENT,
        "From": OURS,
        "Url": URLS.agent("1", attempt=1, leg="2"),
        "Method": "POST",
        "StatusCallback": URLS.agent_status("1", attempt=1),
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": "completed",
        "Timeout": "20",
    }


def test_whatsapp_and_messaging_services_are_senders_too(texts: TwilioTexts, twilio: TwilioStandIn) -> None:
    texts.send_text(to=AGENT, sender=f"whatsapp:{OURS}", body="Bonjour")
    texts.send_text(to=AGENT, sender="MG" + "0" * 32, body="Bonjour")
    first, second = twilio.sent_to("Messages.json")
    assert (first.form["To"], first.form["From"]) == (f"whatsapp:{AGENT}", f"whatsapp:{OURS}")
    assert second.form["MessagingServiceSid"] == "MG" + "0" * 32


def test_twilio_is_asked_to_tell_how_far_a_text_has_come(texts: TwilioTexts, twilio: TwilioStandIn) -> None:
    text_id = texts.send_text(to=AGENT, sender=OURS, body="Bonjour", about=About("c1", "m1"))
    texts.send_text(to=AGENT, sender=OURS, body="Un code")
    first, second = (sent.form for sent in twilio.sent_to("Messages.json"))
    assert text_id.startswith("SM")
    assert first["StatusCallback"] == "https://guichet.example.fr/webhooks/messaging/status?contact=c1&message=m1"
    assert "StatusCallback" not in second


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (63016, NotDelivered.WINDOW_CLOSED),
        (21610, NotDelivered.OPTED_OUT),
        (21211, NotDelivered.NO_SUCH_NUMBER),
        (21614, NotDelivered.NO_TEXTS),
        (21408, NotDelivered.NOT_ALLOWED),
        (99999, NotDelivered.OTHER),
    ],
)
def test_a_refusal_that_no_trial_changes_says_why_in_words(
    texts: TwilioTexts, twilio: TwilioStandIn, code: int, why: NotDelivered
) -> None:
    twilio.refusals.append(Refusal(400, code))
    with pytest.raises(TextRefused) as caught:
        texts.send_text(to=AGENT, sender=OURS, body="Bonjour")
    assert (caught.value.why, caught.value.retryable, caught.value.reason) == (why, False, why.words)


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
    texts: TwilioTexts, twilio: TwilioStandIn, refusal: Refusal, retryable: bool
) -> None:
    twilio.refusals.append(refusal)
    with pytest.raises(DeliveryError) as caught:
        texts.send_text(to=AGENT, sender=OURS, body="Bonjour")
    assert caught.value.retryable is retryable
    assert AGENT not in caught.value.reason


def test_an_agent_is_rung_even_if_it_cannot_be_known_whether_they_are_already(
    phone: TwilioPhone, twilio: TwilioStandIn
) -> None:
    twilio.refusals.append(Refusal(403))
    phone.ring(CALL_TO_AGENT)
    assert len(twilio.sent_to("Calls.json")) == 1


def test_a_call_that_is_over_needs_no_hanging_up(phone: TwilioPhone, twilio: TwilioStandIn) -> None:
    twilio.calls[CALL] = {"sid": CALL, "to": OURS, "from": AGENT, "status": "completed"}
    phone.hang_up(CALL)
    phone.move(CALL)
    assert len(twilio.sent_to(f"{CALL}.json")) == 2


def test_a_twilio_that_cannot_be_reached_may_be_later() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        account = TwilioAccount(ACCOUNT, TOKEN, f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(DeliveryError) as caught:
            TwilioPhone(account, URLS).move(CALL)
        account.close()
    assert caught.value.retryable


def test_a_base_url_may_have_a_path_of_its_own(twilio: TwilioStandIn) -> None:
    account = TwilioAccount(ACCOUNT, TOKEN, twilio.base_url + "/region/")
    with pytest.raises(DeliveryError):
        TwilioPhone(account, URLS).hang_up(CALL)
    account.close()
    assert twilio.violations.pop().startswith("POST /region/2010-04-01/Accounts/")
