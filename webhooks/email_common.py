"""What e-mail's webhooks share: any form of it is made into the raw message, then read and received."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from flask import Response, abort

from canaux.email.incoming.forms import answered_where_asked, requested_by_form
from canaux.email.incoming.own_words import own_words
from canaux.email.incoming.reading import ReceivedEmail
from canaux.email.limits import LARGEST_LETTER_BYTES
from canaux.email.threads import OurMessageIds, SentLetter
from canaux.malformed import MalformedMessage
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.recognition.language import recognised_language
from routeur.contact.messages import Envelope, OriginalMessage
from routeur.errors import NotFound
from routeur.reception.reception import Reception
from webhooks.skeleton import Arriving, Incoming, Webhook, in_words

log = structlog.get_logger(__name__)


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
    """What reading a letter takes: our own address and Message-IDs, a reader, and the plan."""

    our_address: str
    message_ids: OurMessageIds
    read_email: Callable[[bytes], ReceivedEmail]
    plan: Callable[[], Plan]


@dataclass(frozen=True)
class ReadLetter:
    """A letter as it was read, and the letter of ours that it names."""

    received: ReceivedEmail
    sent: SentLetter | None


def is_no_demand(received: ReceivedEmail, answers_ours: bool, names_ours: bool) -> bool:
    """Whether it is a report about delivery or an automatic reply.

    `answers_ours`: it names a letter that we sent; `names_ours`: that, or a reference. What only its words say is a
    report or a reply is one where it names ours.
    """
    if answers_ours and received.machine:
        return True
    return received.inbound.automatic and (names_ours or not received.doubtful)


class EmailWebhook(Webhook[ReadLetter]):
    """E-mail in the form of one provider, made into the raw message that it was. Any one of `auth` suffices."""

    largest_body_bytes = LARGEST_LETTER_BYTES

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

    def read(self, incoming: Incoming) -> ReadLetter:
        posted = self.letter(incoming)
        if not posted.raw.strip():
            raise MalformedMessage("nothing came")
        room = self._mail_room
        received = room.read_email(posted.raw)
        sent = room.message_ids.first_of(received.named)
        inbound = replace(
            received.inbound,
            contact_hint=sent.contact if sent is not None else None,
            original=posted.original or OriginalMessage("message/rfc822", posted.raw),
        )
        if posted.authentication is not None:
            known = replace(inbound.envelope or Envelope(), authentication=posted.authentication)
            inbound = replace(inbound, envelope=known)
        plan = room.plan()
        words = own_words(inbound.subject or "", inbound.text)
        inbound = replace(inbound, language=recognised_language(plan, words, inbound.language))
        ours = sent is not None or inbound.reference is not None
        from_form = inbound.writer in plan.forms
        inbound = replace(inbound, automatic=not from_form and is_no_demand(received, sent is not None, ours))
        inbound = answered_where_asked(inbound, received.reply_to, plan.forms, {room.our_address, *plan.own_addresses})
        inbound = requested_by_form(inbound, plan.requested_topics)
        return ReadLetter(replace(received, inbound=inbound), sent)

    def receive(self, facts: ReadLetter) -> Response:
        received, sent = facts.received, facts.sent
        failed = (sent or self._named_by_its_reference(received)) if received.failed else None
        if failed is not None:
            self._reception.delivery_failed(
                failed.contact,
                received.bounce_reason,
                letter=failed.message_id,
                recipients=received.undelivered_to,
                report=received.inbound.original,
            )
            log.info("bounce", contact=failed.contact)
            return in_words("bounce noted", 200)
        if sent is not None and received.delivery is not None:
            self._reception.delivery_reported(sent.contact, sent.message_id, received.delivery, received.bounce_reason)
        receipt = self._reception.receive(received.inbound)
        log.info("email", writer=received.writer, contact=receipt.standing.contact.id)
        kept = "not a demand, kept as" if received.inbound.automatic else "received"
        return in_words(f"{kept} {receipt.standing.contact.reference}", 200)

    def _named_by_its_reference(self, report: ReceivedEmail) -> SentLetter | None:
        """The letter of ours of which a report names no Message-ID, but our reference and its usager's address.

        Anybody can write a reference: without the address it says nothing.
        """
        reference = report.inbound.reference
        if reference is None:
            return None
        try:
            standing = self._reception.by_reference(Channel.EMAIL, reference, report.undelivered_to)
        except NotFound:
            return None
        return SentLetter(message_id=report.inbound.provider_id or reference, contact=standing.contact.id)
