"""E-mail leaves through a real mail server, or is kept for later."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from canaux.smtp import SmtpTransport
from routeur.ports.news import DeliveryError
from tests.smtp_server import Mailbox, smtp_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "mairie@petit-bourg.example"
    message["To"] = "lea@example.org"
    message["Subject"] = "Réponse"
    message["Message-ID"] = "<1@petit-bourg.example>"
    message.set_content("Bonjour Léa")
    return message


def test_the_server_gets_it_whole(mailbox: Mailbox, message: EmailMessage) -> None:
    SmtpTransport(mailbox.url).send(message)
    (arrived,) = mailbox.messages
    assert arrived["Subject"] == "Réponse"
    assert arrived.get_content().strip() == "Bonjour Léa"


@pytest.mark.parametrize(("answer", "retryable"), [("550 no such user", False), ("451 later", True)])
def test_a_refused_recipient(mailbox: Mailbox, message: EmailMessage, answer: str, retryable: bool) -> None:
    mailbox.answer = answer
    with pytest.raises(DeliveryError) as caught:
        SmtpTransport(mailbox.url).send(message)
    assert caught.value.retryable is retryable
    assert "lea@example.org" not in caught.value.reason


@pytest.mark.parametrize("answer", ["550 no such user", "451 later"])
def test_what_some_recipients_have_is_not_sent_again_to_those_who_have_it(
    mailbox: Mailbox, message: EmailMessage, answer: str
) -> None:
    message["Cc"] = "etude@notaires.example"
    mailbox.answer, mailbox.only = answer, "etude@notaires.example"
    with pytest.raises(DeliveryError) as caught:
        SmtpTransport(mailbox.url).send(message)
    assert not caught.value.retryable
    assert answer[:3] in caught.value.reason
    assert len(mailbox.messages) == 1


def test_a_server_that_cannot_be_reached_may_be_later(message: EmailMessage) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryError) as caught:
            SmtpTransport(f"smtp://127.0.0.1:{closed.getsockname()[1]}").send(message)
    assert caught.value.retryable


def test_an_address_that_the_server_does_not_take(message: EmailMessage) -> None:
    del message["To"]
    message["To"] = "léa@example.org"
    with smtp_server(international=False) as mailbox, pytest.raises(DeliveryError) as caught:
        SmtpTransport(mailbox.url).send(message)
    assert not caught.value.retryable


def test_a_server_that_wants_a_log_in_we_do_not_have_is_our_fault(mailbox: Mailbox, message: EmailMessage) -> None:
    with pytest.raises(DeliveryError) as caught:
        SmtpTransport(mailbox.url.replace("smtp://", "smtp://user:secret@")).send(message)
    assert caught.value.retryable
    assert mailbox.messages == []


@pytest.mark.parametrize(
    ("answer", "retryable"), [("550 5.7.1 our address is on a list", True), ("552 5.3.4 too large", False)]
)
def test_a_server_that_refuses_us_is_tried_again_but_not_with_what_is_too_large(
    mailbox: Mailbox, message: EmailMessage, answer: str, retryable: bool
) -> None:
    mailbox.sender_answer = answer
    with pytest.raises(DeliveryError) as caught:
        SmtpTransport(mailbox.url).send(message)
    assert caught.value.retryable is retryable


@pytest.mark.parametrize("url", ["", "localhost:25", "http://localhost", "smtp://"])
def test_an_address_of_no_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpTransport(url)
