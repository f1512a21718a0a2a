"""The providers' twins for development: nothing leaves, and the log says what would have, without whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from uuid import uuid4

import structlog

from canaux.provider_interfaces import About, AgentCall, CallEnds, Recording
from routeur.ports.news import DeliveryError

log = structlog.get_logger(__name__)


class ConsolePhone:
    """Calls that nobody makes."""

    def ring(self, call: AgentCall) -> None:
        log.info("would ring an agent's phone", seconds=call.ring_seconds)

    def move(self, call_id: str) -> None:
        log.info("would move a call", call=call_id)

    def hang_up(self, call_id: str) -> None:
        log.info("would hang up a call", call=call_id)

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        return ()

    def call_ends(self, call_id: str) -> CallEnds:
        raise DeliveryError("there is no telephone network here", retryable=False)


class ConsoleTexts:
    """Texts that nobody sends."""

    def send_text(self, *, to: str, sender: str, body: str, about: About | None = None) -> str:
        log.info("would send a text", characters=len(body))
        return uuid4().hex


class ConsoleMedia:
    """Files that nobody keeps."""

    def fetch(self, url: str) -> bytes:
        raise DeliveryError("nobody keeps files for us here", retryable=False)


class ConsoleMail:
    """E-mail that nobody sends."""

    def send(self, message: EmailMessage) -> None:
        log.info("would send an e-mail", message_id=message["Message-ID"])
