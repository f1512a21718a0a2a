"""An e-mail as it came over the wire (RFC 5322, MIME), read into what the router needs of it."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from hashlib import sha256
from itertools import islice

from canaux.email_automatic import Writer, writer
from canaux.email_headers import addresses, header, message_ids
from canaux.email_text import html_to_text, is_answer, newest_words
from canaux.email_threads import contact_in, nearest_first
from canaux.errors import MalformedMessage
from canaux.text import clean, one_line
from competences.channels import Channel
from routeur.contact import AddressKind
from routeur.inbound import Inbound, InboundAttachment

MAX_PARTS = 200
MAX_TEXT = 100_000  # characters shown as the message; the whole goes with it as a file
WHOLE_TEXT_NAME = "message-complet.txt"

_PARSER = BytesParser(EmailMessage, policy=email.policy.default)


@dataclass(frozen=True)
class ReceivedEmail:
    """An e-mail, who wrote it, and the inbound it makes. `contact` is the one of ours that it answers or returns."""

    writer: Writer
    inbound: Inbound
    contact: str | None
    bounce_reason: str


def read_email(raw: bytes, our_host: str) -> ReceivedEmail:
    """Read a raw message. Raises MalformedMessage, and nothing else, on what is none."""
    try:
        return _read(_PARSER.parsebytes(raw), raw, our_host)
    except (RecursionError, MemoryError, ValueError, LookupError) as error:
        raise MalformedMessage(f"not a readable e-mail ({type(error).__name__})") from error


def _read(message: EmailMessage, raw: bytes, our_host: str) -> ReceivedEmail:
    senders = addresses(message, "From") or addresses(message, "Sender")
    if not senders:
        raise MalformedMessage("no sender")
    who = writer(message)
    name, address = senders[0]
    recipients = addresses(message, "Delivered-To") + addresses(message, "To")
    answered = nearest_first(message_ids(message, "In-Reply-To"), message_ids(message, "References"))
    returned = tuple(_returned_ids(message)) if who is Writer.BOUNCE else ()
    contact = contact_in(answered + returned, our_host)
    own_ids = message_ids(message, "Message-ID")
    subject = one_line(header(message, "Subject"))
    text, attachments = _content(message, has_history=is_answer(subject, answered))
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
        contact_hint=contact,
    )
    reason = _bounce_reason(message) if who is Writer.BOUNCE else ""
    return ReceivedEmail(writer=who, inbound=inbound, contact=contact, bounce_reason=reason)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold something, in order; a message within the message is one of them, whole."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting.extend(reversed([sub for sub in part.get_payload() if isinstance(sub, EmailMessage)]))
        else:
            yield part


def _content(message: EmailMessage, *, has_history: bool) -> tuple[str, Sequence[InboundAttachment]]:
    plain: list[str] = []
    html: list[str] = []
    attachments: list[InboundAttachment] = []
    for part in islice(_leaves(message), MAX_PARTS):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(part):
            (plain if kind == "text/plain" else html).append(_text(part))
        else:
            attachments.append(_attachment(part, len(attachments) + 1))
    whole = clean("\n\n".join(plain))
    if not whole:
        whole = html_to_text("\n".join(html))
    shown = (newest_words(whole) if has_history else whole)[:MAX_TEXT]
    if shown != whole:
        content = whole.encode()
        attachments.append(InboundAttachment(WHOLE_TEXT_NAME, "text/plain", len(content), content))
    return shown, tuple(attachments)


def _is_file(part: EmailMessage) -> bool:
    disposition = header(part, "Content-Disposition").lower()
    return disposition.startswith("attachment") or _file_name(part) is not None


def _file_name(part: EmailMessage) -> str | None:
    try:
        name = part.get_filename()
    except Exception:  # the library's parsers raise many kinds of errors on broken parameters
        return None
    return one_line(name.replace("/", "_").replace("\\", "_")) or None if name else None


def _payload(part: EmailMessage) -> bytes:
    if part.is_multipart():  # message/rfc822, message/delivery-status
        return b"\n\n".join(sub.as_bytes() for sub in part.get_payload() if isinstance(sub, EmailMessage))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _text(part: EmailMessage) -> str:
    payload = _payload(part)
    declared = part.get_param("charset")
    named = declared[2] if isinstance(declared, tuple) else declared
    for charset in (str(named or "utf-8"), "utf-8"):
        try:
            return payload.decode(charset)
        except (LookupError, ValueError):
            continue
    return payload.decode("cp1252", "replace")


def _attachment(part: EmailMessage, number: int) -> InboundAttachment:
    try:
        content = _payload(part)
    except Exception:  # a message within the message that cannot be written out again
        content = b""
    kind = part.get_content_type()
    suffix = ".eml" if kind == "message/rfc822" else ""
    name = _file_name(part) or f"piece-jointe-{number}{suffix}"
    return InboundAttachment(name=name, content_type=one_line(kind, 127), size=len(content), content=content)


def _returned_ids(message: EmailMessage) -> Iterator[str]:
    """The Message-IDs of what a bounce brings back, whole or its headers alone."""
    for part in islice(message.walk(), MAX_PARTS):
        if part is not message and isinstance(part, EmailMessage):
            yield from message_ids(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            yield from message_ids(_PARSER.parsebytes(_payload(part), headersonly=True), "Message-ID")


def _bounce_reason(message: EmailMessage) -> str:
    for part in islice(message.walk(), MAX_PARTS):
        for name in ("Diagnostic-Code", "Status"):
            found = header(part, name) if isinstance(part, EmailMessage) else ""
            if found:
                return one_line(found)
    return one_line(header(message, "Subject"))
