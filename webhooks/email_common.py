"""What e-mail's webhooks share: any form of it is made into the raw message, then read and received."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from flask import Response, abort

from canaux.email.automatic import Writer
from canaux.email.forms import answered_where_asked
from canaux.email.reading import ReceivedEmail, read_email
from canaux.email.threads import OurMessageIds
from competences.plan.plan import Plan
from routeur.contact.messages import Envelope, OriginalMessage
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


@dataclass(frozen=True)
class PostedLetter:
    """A letter as a provider handed it in: the raw message, and what goes with it.

    `original`: what the provider posted, where that is not the raw message. `authentication`: what it found of the
    sender's address, where it says so beside the message.
    """

    raw: bytes
    original: OriginalMessage | None = None
    authentication: str | None = None


@dataclass(frozen=True)
class MailRoom:
    """What reading a letter takes: our own address and Message-IDs, whose word on senders is believed, and the plan."""

    our_address: str
    message_ids: OurMessageIds
    trusted_host: str
    plan: Callable[[], Plan]


class EmailWebhook(Webhook[ReceivedEmail]):
    """E-mail in the form of one provider, made into the raw message that it was. Any one of `auth` suffices."""

    largest_body_bytes = EMAIL_BYTES

    def __init__(self, auth: Sequence[EmailAuth], mail_room: MailRoom, reception: Reception) -> None:
        self._auth = auth
        self._mail_room = mail_room
        self._reception = reception

    def admit(self, arriving: Arriving) -> None:
        if not any(way.admits(arriving) for way in self._auth):
            abort(403)

    def authenticate(self, incoming: Incoming) -> None:
        if not any(way.accepts(incoming) for way in self._auth):
            abort(403)

    @abstractmethod
    def letter(self, incoming: Incoming) -> PostedLetter:
        """The letter that was posted. Raises MalformedMessage."""

    def read(self, incoming: Incoming) -> ReceivedEmail:
        posted = self.letter(incoming)
        room = self._mail_room
        received = read_email(posted.raw, room.message_ids, room.trusted_host)
        inbound = received.inbound
        if posted.original is not None:
            inbound = replace(inbound, original=posted.original)
        if posted.authentication is not None:
            known = replace(inbound.envelope or Envelope(), authentication=posted.authentication)
            inbound = replace(inbound, envelope=known)
        inbound = answered_where_asked(inbound, received.reply_to, room.plan().web_forms, room.our_address)
        return replace(received, inbound=inbound)

    def receive(self, facts: ReceivedEmail) -> Response:
        if facts.writer is Writer.BOUNCE:
            failed = facts.answered
            if failed is not None:
                self._reception.delivery_failed(failed.contact, facts.bounce_reason, letter=failed.message_id)
            log.info("bounce", contact=failed.contact if failed is not None else None)
            return in_words("bounce noted", 200)
        receipt = self._reception.receive(facts.inbound)
        kept = "not a demand, kept as" if facts.inbound.automatic else "received"
        return in_words(f"{kept} {receipt.standing.contact.reference}", 200)
