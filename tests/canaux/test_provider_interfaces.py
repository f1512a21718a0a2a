"""Every implementation of an interface keeps the same promises: the real one, and its twin for development."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from structlog.testing import capture_logs

from canaux.development import ConsoleMail, ConsoleMedia, ConsolePhone, ConsoleTexts
from canaux.provider_interfaces import About, AgentCall, MailTransport, Media, PhoneNetwork, TextNetwork
from canaux.smtp import SmtpTransport
from canaux.twilio.media import TwilioMedia
from canaux.twilio.phone import TwilioPhone
from canaux.twilio.rest import TwilioAccount
from canaux.twilio.texts import TwilioTexts
from canaux.twilio.urls import TextUrls, VoiceUrls
from routeur.ports.news import DeliveryError
from tests.smtp_server import smtp_server
from tests.twilio_stand_in import ACCOUNT, TOKEN, TwilioStandIn, twilio_stand_in

AGENT = "+33639980002"
OURS = "+33199003500"
CALL = "CA" + "0" * 32
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
def twilio_phone(account: TwilioAccount) -> PhoneNetwork:
    return TwilioPhone(account, VoiceUrls("https://guichet.example.fr"))


@pytest.fixture
def twilio_texts(account: TwilioAccount) -> TextNetwork:
    return TwilioTexts(account, TextUrls("https://guichet.example.fr"))


@pytest.fixture
def twilio_media(twilio: TwilioStandIn) -> Media:
    return TwilioMedia(ACCOUNT, TOKEN, twilio.base_url)


@pytest.fixture
def smtp() -> Iterator[MailTransport]:
    with smtp_server() as mailbox:
        yield SmtpTransport(mailbox.url)


@pytest.fixture
def console_phone() -> PhoneNetwork:
    return ConsolePhone()


@pytest.fixture
def console_texts() -> TextNetwork:
    return ConsoleTexts()


@pytest.fixture
def console_media() -> Media:
    return ConsoleMedia()


@pytest.fixture
def console_mail() -> MailTransport:
    return ConsoleMail()


@pytest.fixture(params=["console_phone", "twilio_phone"])
def phone(request: pytest.FixtureRequest) -> PhoneNetwork:
    found: PhoneNetwork = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["console_texts", "twilio_texts"])
def texts(request: pytest.FixtureRequest) -> TextNetwork:
    found: TextNetwork = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["console_media", "twilio_media"])
def media(request: pytest.FixtureRequest) -> Media:
    found: Media = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["console_mail", "smtp"])
def mail(request: pytest.FixtureRequest) -> MailTransport:
    found: MailTransport = request.getfixturevalue(request.param)
    return found


def message() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "mairie@petit-bourg.example"
    message["To"] = "lea@example.org"
    message["Message-ID"] = "<1@petit-bourg.example>"
    message.set_content("Bonjour Léa")
    return message


def test_a_phone_network_rings_moves_and_hangs_up(phone: PhoneNetwork) -> None:
    phone.ring(CALL_TO_AGENT)
    phone.move(CALL)
    phone.hang_up(CALL)


def test_a_phone_network_lists_its_recordings(phone: PhoneNetwork) -> None:
    assert list(phone.recordings_since(datetime(2026, 3, 2, tzinfo=UTC))) == []


def test_a_phone_network_does_not_know_the_ends_of_an_unknown_call(phone: PhoneNetwork) -> None:
    with pytest.raises(DeliveryError) as caught:
        phone.call_ends(CALL)
    assert not caught.value.retryable


def test_a_text_network_takes_a_text(texts: TextNetwork) -> None:
    first, second = (texts.send_text(to=AGENT, sender=OURS, body="Bonjour", about=About("1", "2")) for _ in range(2))
    assert first
    assert first != second


def test_media_that_are_not_the_provider_s_are_not_fetched(media: Media) -> None:
    with pytest.raises(DeliveryError) as caught:
        media.fetch("https://elsewhere.example/file")
    assert not caught.value.retryable
    assert "elsewhere" not in caught.value.reason


def test_a_mail_transport_takes_a_message(mail: MailTransport) -> None:
    mail.send(message())


def test_the_console_tells_what_and_never_whom() -> None:
    with capture_logs() as logs:
        ConsolePhone().ring(CALL_TO_AGENT)
        ConsolePhone().move(CALL)
        ConsolePhone().hang_up(CALL)
        ConsoleTexts().send_text(to=AGENT, sender=OURS, body="Bonjour Léa")
        ConsoleMail().send(message())
    assert len(logs) == 5
    for personal in (AGENT, "Léa", "lea@example.org"):
        assert personal not in str(logs)
