"""What e-mail's webhooks share: any form of it is made into the raw message, then read and received."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

import structlog
from flask import Response, abort

from canaux.email.automatic import Writer
from canaux.email.reading import ReceivedEmail, read_email
from routeur.reception.reception import Reception
from webhooks.skeleton import Arriving, Incoming, Webhook, in_words

log = structlog.get_logger(__name__)

EMAIL_BYTES = 30 * 1024 * 1024


class EmailAuth(Protocol):
    """One way to recognise a provider that hands in e-mail."""

    def admits(self, arriving: Arriving) -> bool:
        """Whether the headers are such as this provider sends."""

    def accepts(self, incoming: Incoming) -> bool:
        """Whether the whole request is this provider's."""


class EmailWebhook(Webhook[ReceivedEmail]):
    """E-mail in the form of one provider, made into the raw message that it was. Any one of `auth` suffices."""

    largest_body_bytes = EMAIL_BYTES

    def __init__(self, auth: Sequence[EmailAuth], our_host: str, reception: Reception) -> None:
        self._auth = auth
        self._our_host = our_host
        self._reception = reception

    def admit(self, arriving: Arriving) -> None:
        if not any(way.admits(arriving) for way in self._auth):
            abort(403)

    def authenticate(self, incoming: Incoming) -> None:
        if not any(way.accepts(incoming) for way in self._auth):
            abort(403)

    @abstractmethod
    def raw_message(self, incoming: Incoming) -> bytes:
        """The message as it came over the wire. Raises MalformedMessage."""

    def read(self, incoming: Incoming) -> ReceivedEmail:
        return read_email(self.raw_message(incoming), self._our_host)

    def receive(self, facts: ReceivedEmail) -> Response:
        if facts.writer is Writer.BOUNCE:
            if facts.contact is not None:
                self._reception.delivery_failed(facts.contact, facts.bounce_reason)
            log.info("bounce", contact=facts.contact)
            return in_words("bounce noted", 200)
        receipt = self._reception.receive(facts.inbound)
        kept = "not a demand, kept as" if facts.inbound.automatic else "received"
        return in_words(f"{kept} {receipt.standing.contact.reference}", 200)
