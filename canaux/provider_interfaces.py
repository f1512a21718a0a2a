"""What the channels ask of a provider. Each has a twin for development, in `canaux.development`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol


@dataclass(frozen=True)
class AgentCall:
    """The call that brings an agent to a caller: acceptance number `attempt` of the contact, by the agent of `leg`."""

    to: str
    caller_id: str
    contact_id: str
    attempt: int
    leg: str
    ring_seconds: int


@dataclass(frozen=True)
class Recording:
    """A recording that the provider keeps."""

    id: str
    call_id: str
    seconds: int
    url: str


@dataclass(frozen=True)
class CallEnds:
    """The number that called (None where it is hidden), and the number of ours, in E.164 form."""

    caller: str | None
    called: str | None


class PhoneNetwork(Protocol):
    """Calls. Every method raises DeliveryError."""

    def ring(self, call: AgentCall) -> None:
        """Call an agent, and ask us what to say when somebody answers. No second call while one is under way."""

    def move(self, call_id: str) -> None:
        """Let a live call ask us at once what comes now. Nothing happens to a call that is over."""

    def hang_up(self, call_id: str) -> None:
        """End a call. Nothing happens to a call that is over."""

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        """The recordings made since then."""

    def call_ends(self, call_id: str) -> CallEnds:
        """Between which numbers a call was."""


@dataclass(frozen=True)
class About:
    """What a text is about: a contact, and the message of it that the text carries, or a part of."""

    contact_id: str
    message_id: str | None = None


class TextNetwork(Protocol):
    """Text messages."""

    def send_text(self, *, to: str, sender: str, body: str, about: About | None = None) -> str:
        """Write to a phone number, by the medium (SMS, WhatsApp) of `sender`, which is ours; returns the text's id.

        `about`: what the network shall say again when it tells how far the text has come; None to be told nothing.
        Raises DeliveryError.
        """


class Media(Protocol):
    """Files that the provider keeps for us: recordings, pictures."""

    def fetch(self, url: str) -> bytes:
        """The whole file. Raises DeliveryError, whose words name no address."""


class MailTransport(Protocol):
    """E-mail on its way out."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over. Raises DeliveryError."""
