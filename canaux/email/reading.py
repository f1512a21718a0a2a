"""An e-mail as it came over the wire (RFC 5322, MIME), read into what the router needs of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from itertools import islice

from canaux.clean_text import one_line
from canaux.email.automatic import Writer, writer
from canaux.email.body_text import is_answer, newest_words
from canaux.email.digest import digest
from canaux.email.envelope import envelope, reply_to
from canaux.email.headers import addresses, header, message_ids
from canaux.email.parts import MOST_PARTS, content, payload
from canaux.email.policy import parse
from canaux.email.references import reference_in
from canaux.email.threads import OurMessageIds, SentLetter, nearest_first
from canaux.malformed import MalformedMessage
from competences.channels import Channel
from routeur.contact.messages import InboundAttachment, Mailbox, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound

LONGEST_TEXT_CHARACTERS = 100_000  # shown as the message; the whole goes with it as a file
WHOLE_TEXT_NAME = "message-complet.txt"
WHOLE_MESSAGE_NAME = "message-complet.eml"


@dataclass(frozen=True)
class ReceivedEmail:
    """An e-mail, its kind of writer, and the inbound it makes. `answered` is the letter of ours that it names.

    `reply_to` is where its sender asks that answers go, if elsewhere.
    """

    writer: Writer
    inbound: Inbound
    answered: SentLetter | None
    bounce_reason: str
    reply_to: Mailbox | None


def read_email(raw: bytes, ours: OurMessageIds, trusted_host: str = "") -> ReceivedEmail:
    """Read a raw message. Raises MalformedMessage, and nothing else, on what is not a message.

    `trusted_host` is the mail server whose word on senders (`Authentication-Results`) is believed.
    """
    try:
        return _read(parse(raw), raw, ours, trusted_host)
    except (RecursionError, MemoryError, ValueError, LookupError) as error:
        raise MalformedMessage(f"not a readable e-mail ({type(error).__name__})") from error


def _read(message: EmailMessage, raw: bytes, ours: OurMessageIds, trusted_host: str) -> ReceivedEmail:
    senders = addresses(message, "From") or addresses(message, "Sender")
    if not senders:
        raise MalformedMessage("no sender")
    who = writer(message)
    name, address = senders[0]
    recipients = addresses(message, "Delivered-To") + addresses(message, "To")
    answered = nearest_first(message_ids(message, "In-Reply-To"), message_ids(message, "References"))
    returned = tuple(_returned_ids(message)) if who is Writer.BOUNCE else ()
    sent = ours.first_of(answered + returned)
    own_ids = message_ids(message, "Message-ID")
    subject = one_line(header(message, "Subject"))
    text, attachments = _shown(message, raw, has_history=is_answer(subject, answered))
    inbound = Inbound(
        channel=Channel.EMAIL,
        address_kind=AddressKind.EMAIL,
        address=address,
        text=text,
        provider_id=own_ids[0] if own_ids else f"sha256:{sha256(raw).hexdigest()}",
        service_address=recipients[0][1] if recipients else None,
        subject=subject or None,
        name=one_line(name) or None,
        attachments=attachments,
        in_reply_to=answered,
        contact_hint=sent.contact if sent is not None else None,
        reference=reference_in(subject),
        digest=digest(address, subject, text, attachments),
        automatic=who is not Writer.PERSON,
        envelope=envelope(message, trusted_host),
        original=OriginalMessage("message/rfc822", raw),
    )
    reason = _bounce_reason(message) if who is Writer.BOUNCE else ""
    return ReceivedEmail(writer=who, inbound=inbound, answered=sent, bounce_reason=reason, reply_to=reply_to(message))


def _shown(message: EmailMessage, raw: bytes, *, has_history: bool) -> tuple[str, tuple[InboundAttachment, ...]]:
    """The text to be read, and the files; what the text leaves out is among them."""
    found = content(message)
    shown = (newest_words(found.text) if has_history else found.text)[:LONGEST_TEXT_CHARACTERS]
    files = found.attachments
    if not found.complete:
        files += (InboundAttachment(WHOLE_MESSAGE_NAME, "message/rfc822", len(raw), raw),)
    elif shown != found.text:
        whole = found.text.encode()
        files += (InboundAttachment(WHOLE_TEXT_NAME, "text/plain", len(whole), whole),)
    return shown, files


def _returned_ids(message: EmailMessage) -> Iterator[str]:
    """The Message-IDs of the messages that a bounce brings back, as a whole or as headers alone."""
    for part in islice(message.walk(), MOST_PARTS):
        if part is not message and isinstance(part, EmailMessage):
            yield from message_ids(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            yield from message_ids(parse(payload(part), headers_only=True), "Message-ID")


def _bounce_reason(message: EmailMessage) -> str:
    for part in islice(message.walk(), MOST_PARTS):
        for name in ("Diagnostic-Code", "Status"):
            found = header(part, name) if isinstance(part, EmailMessage) else ""
            if found:
                return one_line(found)
    return one_line(header(message, "Subject"))
