"""A real SMTP server that keeps the messages it is given."""

from __future__ import annotations

import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class Mailbox:
    """The messages that arrived; `answer`, if set, is given to all recipients, or `only` to one, as a refusal.

    `sender_answer` refuses every sender."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    as_they_came: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    answer: str | None = None
    only: str | None = None
    sender_answer: str | None = None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.sender_answer is not None:
            return self.sender_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answer is not None and self.only in (None, address):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        parser = BytesParser(EmailMessage, policy=email.policy.default)
        self.as_they_came.append(bytes(envelope.content))
        self.messages.append(parser.parsebytes(envelope.content))
        self.senders.append(envelope.mail_from)
        return "250 OK"


@contextmanager
def smtp_server(*, international: bool = True) -> Iterator[Mailbox]:
    """Serve it on a free loopback port until the end of the block; `international` ones take `é@example.org`."""
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=international)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()
