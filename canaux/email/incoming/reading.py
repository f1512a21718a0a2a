"""An e-mail as it came over the wire (RFC 5322, MIME), read into what the router needs of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from canaux.addresses import ADDRESS
from canaux.clean_text import one_line
from canaux.email.incoming.automatic import (
    LONGEST_REPORT_BYTES,
    Writer,
    is_automatic_in_a_thread,
    is_doubtful,
    outcome,
    writer,
)
from canaux.email.incoming.digest import digest, name_without_id, unread_digest
from canaux.email.incoming.envelope import envelope, reply_to
from canaux.email.incoming.headers import addresses, header, header_values, message_ids
from canaux.email.incoming.history import is_answer, newest_words
from canaux.email.incoming.language import letter_language
from canaux.email.incoming.mime import Part, parse, parse_head
from canaux.email.incoming.own_words import own_words
from canaux.email.incoming.parts import content, payload
from canaux.email.references import reference_in
from canaux.email.threads import nearest_first
from competences.channels import Channel
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.messages import InboundAttachment, NamedAddress
from routeur.contact.words import AddressKind, Delivery
from routeur.ports.inbound import Inbound

LONGEST_TEXT_CHARACTERS = 100_000  # shown as the message; the whole goes with it as a file
WHOLE_MESSAGE_NAME = "message-complet.eml"
_MOST_ANSWERED = 100  # letters, the nearest: each is looked up
_MOST_REPORTED_PARTS = 50
_MOST_RECIPIENTS = 20  # of a report: we write to one person and who is in copy
_EMPTY_LINES = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")
_RETURNED_ID = re.compile(rb"^[> \t]*(?:x-)?(?:original-)?message-id[ \t]*:\s*(<[^<>\s]{1,250}>)", re.I | re.M)
_MOST_RETURNED_IDS = 20
_LONGEST_HEAD_BYTES = 50_000  # of a message of which no more is read, and that while others wait
_NOBODY = "inconnu.invalid"  # a host that cannot be (RFC 2606): what has no address is nobody's


@dataclass(frozen=True)
class ReceivedEmail:
    """An e-mail, its kind of writer, and the inbound it makes.

    `named` are the Message-IDs that it answers or brings back, nearest first. `delivery` is how far a letter has come,
    where it is a report on that; `bounce_reason` says why, `undelivered_to` are the addresses that it did not reach.
    `reply_to` is where its sender asks that answers go, if elsewhere. `doubtful`: it is a report or an automatic reply
    by its words alone. `machine`: if it answers a letter of ours, it is an automatic reply.
    """

    writer: Writer
    inbound: Inbound
    named: tuple[str, ...]
    delivery: Delivery | None
    bounce_reason: str
    undelivered_to: tuple[str, ...]
    reply_to: NamedAddress | None
    doubtful: bool
    machine: bool

    @property
    def failed(self) -> bool:
        """Whether it reports that a letter was not delivered and will not be."""
        return self.delivery is Delivery.FAILED


def read_email(raw: bytes, trusted_host: str = "") -> ReceivedEmail:
    """Read a raw message, as far as it can be read.

    `trusted_host` is the mail server whose word on senders (`Authentication-Results`) is believed.
    """
    message = parse(raw)
    found = content(message)
    subject = one_line(header(message, "Subject"))
    shown = newest_words(found.text) if is_answer(subject, _answered(message)) else found.text
    shown = shown[:LONGEST_TEXT_CHARACTERS]
    files = found.attachments
    if not found.complete or shown != found.text or not (shown or files):
        files += (_whole(raw),)
    if not found.complete and not shown:
        shown = _unread_note()
    notes = [*map(_unopened_note, found.unopened), *([_sealed_note()] if found.sealed else [])]
    shown = "\n\n".join([*filter(None, [shown]), *notes])
    return _received(message, raw, trusted_host, shown, files, was_read=True)


def unread_email(raw: bytes, trusted_host: str = "") -> ReceivedEmail:
    """A message whose headers alone are read; its text is a note to the agent, and the message is attached whole."""
    head = Part(parse_head(raw[:_LONGEST_HEAD_BYTES]).headers, b"")
    return _received(head, raw, trusted_host, _unread_note(), (_whole(raw),), was_read=False)


def _received(
    message: Part,
    raw: bytes,
    trusted_host: str,
    text: str,
    attachments: tuple[InboundAttachment, ...],
    *,
    was_read: bool,
) -> ReceivedEmail:
    who = writer(message)
    asked = reply_to(message)
    own_name = name_without_id(message, raw)
    name, address = _sender(message, f"{own_name[:24]}@{_NOBODY}")
    told_by = asked.address if asked is not None and address.endswith(f"@{_NOBODY}") else address
    recipients = addresses(message, "Delivered-To") + addresses(message, "To")
    answered = _answered(message)
    bounced = who is Writer.BOUNCE
    returned = tuple(_returned_ids(message)) if bounced else ()
    subject = one_line(header(message, "Subject"))
    own_ids = message_ids(message, "Message-ID")
    inbound = Inbound(
        channel=Channel.EMAIL,
        address_kind=AddressKind.TICKET if address.endswith(f"@{_NOBODY}") else AddressKind.EMAIL,
        address=address,
        text=text,
        provider_id=own_ids[0] if own_ids else f"sha256:{own_name}",
        service_address=recipients[0][1] if recipients else None,
        subject=subject or None,
        name=one_line(name) or None,
        language=letter_language(own_words(subject, text), header(message, "Content-Language")),
        attachments=attachments,
        in_reply_to=answered,
        reference=reference_in(subject),
        digest=digest(raw, told_by, subject, text, attachments) if was_read else unread_digest(raw, told_by, subject),
        automatic=who in (Writer.AUTO_REPLY, Writer.BOUNCE),
        acknowledge=who is Writer.PERSON,
        envelope=envelope(message, trusted_host),
    )
    return ReceivedEmail(
        writer=who,
        inbound=inbound,
        named=answered + returned,
        delivery=outcome(message) if bounced else None,
        bounce_reason=_bounce_reason(message) if bounced else "",
        undelivered_to=tuple(_undelivered_to(message)) if bounced else (),
        reply_to=asked,
        doubtful=who in (Writer.AUTO_REPLY, Writer.BOUNCE) and is_doubtful(message),
        machine=is_automatic_in_a_thread(message),
    )


def _answered(message: Part) -> tuple[str, ...]:
    return nearest_first(message_ids(message, "In-Reply-To"), message_ids(message, "References"))[:_MOST_ANSWERED]


def _sender(message: Part, nobody: str) -> tuple[str, str]:
    """The sender's name and address: those in From, which alone is theirs; without it the address `nobody`."""
    for name, address in addresses(message, "From"):
        return name, address
    return header(message, "From").replace("<>", "").strip(' "'), nobody


def _whole(raw: bytes) -> InboundAttachment:
    return InboundAttachment(WHOLE_MESSAGE_NAME, "message/rfc822", len(raw), raw)


def _unread_note() -> str:
    """The note that an agent reads in place of a text."""
    _ = translator("canaux", DEFAULT_LANGUAGE).gettext
    return _("This letter could not be read. It is attached as it came: {name}").format(name=WHOLE_MESSAGE_NAME)


def _unopened_note(name: str) -> str:
    """The note that an agent reads below the text where a file of Outlook's stays closed."""
    _ = translator("canaux", DEFAULT_LANGUAGE).gettext
    words = _("The file {name} could not be opened. It was made by Outlook and may hold other files: ask for them.")
    return words.format(name=name)


def _sealed_note() -> str:
    """The note that an agent reads where the text of a letter is signed as a whole (S/MIME), or encrypted."""
    _ = translator("canaux", DEFAULT_LANGUAGE).gettext
    return _(
        "The text of this letter is enclosed in a signed or encrypted file (S/MIME, PGP): open the letter in a mail "
        "program, or ask for it without signature and encryption."
    )


def _returned_ids(message: Part) -> Iterator[str]:
    """The Message-IDs of the messages that a bounce brings back: whole, as headers alone, or within its own text."""
    for part in islice(message.walk(), _MOST_REPORTED_PARTS):
        raw = payload(part)[:LONGEST_REPORT_BYTES]
        if part.kind in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            yield from message_ids(parse_head(raw), "Message-ID")
        elif part.kind in ("text/plain", "message/delivery-status", "message/global-delivery-status"):
            for found in islice(_RETURNED_ID.finditer(raw), _MOST_RETURNED_IDS):
                yield found[1].decode("ascii", "replace")


def _bounce_reason(message: Part) -> str:
    for recipient in sorted(_recipients(message), key=_was_reached):
        for name in ("Diagnostic-Code", "Status"):
            if found := header(recipient, name):
                return one_line(found)
    return one_line(header(message, "Subject"))


def _undelivered_to(message: Part) -> Iterator[str]:
    """The addresses, in lower case, of which a report says that nothing reached them (RFC 3464, section 2.3)."""
    for recipient in _recipients(message):
        if not _was_reached(recipient):
            for name in ("Final-Recipient", "Original-Recipient"):
                for value in header_values(recipient, name):
                    yield from (address.lower() for address in ADDRESS.findall(value))
    yield from (address for _, address in addresses(message, "X-Failed-Recipients"))


def _recipients(message: Part) -> Iterator[Part]:
    """The blocks of headers of a report about delivery: one for the report, then one for each recipient."""
    for part in islice(message.walk(), _MOST_REPORTED_PARTS):
        if part.kind.startswith("message/") and part.kind.endswith("delivery-status"):
            yield from map(
                parse_head, _EMPTY_LINES.split(payload(part)[:LONGEST_REPORT_BYTES].strip(), _MOST_RECIPIENTS)
            )


def _was_reached(recipient: Part) -> bool:
    """Whether the message reached this recipient, or still may."""
    return header(recipient, "Action").lower() not in ("", "failed")
