"""The messages of a contact and the files that came with them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, case, func, insert, literal, or_, select, update

from competences.channels import CHANNELS, Channel
from routeur.contact import receipts
from routeur.contact.identifiers import new_id
from routeur.contact.row import ContactRow
from routeur.contact.words import Delivery, Direction, SetAside
from routeur.errors import Conflict, NotFound
from routeur.record.engine import Record
from routeur.record.tables import Attachment, Contact, Message, UtcDateTime

LONGEST_MEDIA_TYPE_CHARACTERS = 255
LONGEST_COMPRESSED_BYTES = 256 * 1024
"""A longer original is stored uncompressed: compressing it would hold everything else up."""

_WRITTEN = tuple(channel.value for channel, traits in CHANNELS.items() if traits.written)

_RESULT = re.compile(r"(dkim|spf|dmarc)=(\w+)(?: \(([^()]*)\))?")
"""A method, its result and, in brackets, the domain that was checked if it is not the sender's."""

SHOWN = tuple(column for column in Message.__table__.c if column.name != "original")
"""The columns of a message that are read to show it."""


@dataclass(frozen=True)
class InboundAttachment:
    """A file to record with a message: its bytes where the channel carries them, a URL where the provider keeps it."""

    name: str
    content_type: str
    size: int
    content: bytes | None = None
    url: str | None = None


@dataclass(frozen=True)
class OutgoingFile:
    """A file that an agent sends with an answer."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class NamedAddress:
    """A person's address, and the name that stands beside it."""

    name: str | None
    address: str


@dataclass(frozen=True)
class Envelope:
    """Who wrote a message and to whom, as far as its channel says.

    `sent_to` and `copied_to` are addresses. `authentication` is what a trusted server found of the sender's, such as
    `dkim=pass spf=pass`; None where nobody looked.
    """

    sender: NamedAddress | None = None
    sent_to: Sequence[str] = field(default=())
    copied_to: Sequence[str] = field(default=())
    authentication: str | None = None

    @property
    def disowned(self) -> bool:
        """Whether a trusted server found that the sender's domain does not stand behind it: DMARC failed (RFC 7489).

        So it did where it was found of another domain than the sender's. Where the server says nothing of DMARC, both
        that it rests on must have failed, every signature and SPF; what passes for another domain proves nothing.
        """
        results = _RESULT.findall(self.authentication or "")
        dmarc = {"fail" if domain else result for method, result, domain in results if method == "dmarc"}
        if dmarc:
            return dmarc == {"fail"}
        told = {result for _, result, domain in results if not (domain and result == "pass")}
        return told == {"fail"} and {method for method, _, _ in results} == {"dkim", "spf"}


@dataclass(frozen=True)
class OriginalMessage:
    """A message as it came, byte for byte."""

    media_type: str
    content: bytes


@dataclass(frozen=True)
class AttachmentView:
    """A file that goes with a message, without its bytes; `size` in bytes."""

    id: str
    contact_id: str
    name: str
    content_type: str
    size: int
    url: str | None


@dataclass(frozen=True)
class StoredFile:
    """A file that goes with a message: its `content` where we keep it, its `url` where the provider does."""

    name: str
    content_type: str
    content: bytes | None
    url: str | None


@dataclass(frozen=True)
class MessageView:
    """A message as people may read it; `position` counts from 1 within the contact, without gaps.

    `has_original`: it is kept as it came. `delivery`: how far the last of its parts has come, since `delivery_at`;
    FAILED if any of them did not arrive, None where no network says so. `set_aside`: nobody was asked to read it, and
    how far its review is.
    """

    id: str
    contact_id: str
    position: int
    direction: str
    author: str | None
    envelope: Envelope
    text: str
    at: datetime
    attachments: Sequence[AttachmentView]
    has_original: bool
    delivery: Delivery | None
    delivery_at: datetime | None
    set_aside: SetAside | None


def has_note(connection: Connection, contact_id: str, digest: str) -> bool:
    """Whether a note of this digest is in the contact."""
    noted = (Message.contact_id == contact_id, Message.direction == Direction.NOTE.value, Message.digest == digest)
    return connection.scalar(select(Message.id).where(*noted).limit(1)) is not None


def usager_spoke_last(connection: Connection, contact_id: str) -> bool:
    """Whether the last written words of a person in the contact are its usager's: nobody has answered them yet.

    What we sent without an agent, and what was set aside, are no person's words.
    """
    said = select(Message.direction).where(
        Message.contact_id == contact_id,
        Message.channel.in_(_WRITTEN),
        Message.set_aside.is_(None),
        or_(
            Message.direction == Direction.INBOUND.value,
            and_(Message.direction == Direction.OUTBOUND.value, Message.author.is_not(None)),
        ),
    )
    last = connection.scalar(said.order_by(Message.position.desc()).limit(1))
    return last == Direction.INBOUND.value


def add(
    connection: Connection,
    contact: ContactRow,
    direction: Direction,
    text: str,
    now: datetime,
    *,
    author: str | None = None,
    provider_id: str | None = None,
    digest: str | None = None,
    envelope: Envelope | None = None,
    attachments: Sequence[InboundAttachment] = (),
    original: OriginalMessage | None = None,
    reply_until: datetime | None = None,
    set_aside: SetAside | None = None,
    channel: Channel | None = None,
) -> tuple[str, int]:
    """Append a message to the contact; returns its id and its position. The contact is locked until the commit.

    It was said at `now`, but not before the message that it follows: who waited for the lock read the clock too early.
    `reply_until`, where given, is until when the contact may now be answered. `channel` is the message's, where it came
    another way than the contact. Raises Conflict when the contact has changed since `contact` was read: what its state
    then says may not be where the message must go.
    """
    answerable = {"reply_until": reply_until} if reply_until is not None else {}
    position, revision = connection.execute(
        update(Contact)
        .where(Contact.id == contact.id)
        .values(message_count=Contact.message_count + 1, **answerable)
        .returning(Contact.message_count, Contact.revision)
    ).one()
    if revision != contact.revision:
        raise Conflict(contact.id)
    message_id = new_id()
    known = envelope or Envelope()
    connection.execute(
        insert(Message).values(
            id=message_id,
            contact_id=contact.id,
            position=position,
            channel=(channel or contact.channel).value,
            direction=direction.value,
            author=author,
            text=text,
            at=_not_before(contact.id, position - 1, now) if position > 1 else now,
            provider_id=provider_id,
            from_name=known.sender.name if known.sender is not None else None,
            from_address=known.sender.address if known.sender is not None else None,
            sent_to=list(known.sent_to),
            copied_to=list(known.copied_to),
            authentication=known.authentication,
            digest=digest,
            set_aside=set_aside.value if set_aside is not None else None,
            original_type=original.media_type[:LONGEST_MEDIA_TYPE_CHARACTERS] if original is not None else None,
            original=_packed(original.content) if original is not None else None,
        )
    )
    if attachments:
        connection.execute(
            insert(Attachment),
            [
                {
                    "id": new_id(),
                    "message_id": message_id,
                    "name": file.name,
                    "content_type": file.content_type,
                    "size": file.size,
                    "content": file.content,
                    "url": file.url,
                }
                for file in attachments
            ],
        )
    return message_id, position


def _not_before(contact_id: str, position: int, now: datetime) -> ColumnElement[datetime]:
    """This instant, or that of the message at this position if it is later."""
    said_before = select(Message.at).where(Message.contact_id == contact_id, Message.position == position)
    before = said_before.scalar_subquery()
    instant = literal(now, UtcDateTime)
    return case((before > instant, before), else_=instant)


def with_provider_id(connection: Connection, contact: ContactRow, provider_id: str) -> str | None:
    """The id of the recorded message that the provider calls `provider_id`, or None."""
    return connection.scalar(
        select(Message.id).where(Message.channel == contact.channel.value, Message.provider_id == provider_id)
    )


def noted(connection: Connection, contact_id: str, author: str, text: str) -> bool:
    """Whether this agent has left this very note with the contact."""
    note = select(Message.id).where(
        Message.contact_id == contact_id,
        Message.direction == Direction.NOTE.value,
        Message.author == author,
        Message.text == text,
    )
    return connection.scalar(note.limit(1)) is not None


def text_of(connection: Connection, message_id: str) -> str | None:
    """What a recorded message says; None where there is none."""
    return connection.scalar(select(Message.text).where(Message.id == message_id))


def thread(connection: Connection, contact_id: str) -> list[str]:
    """The provider's ids of the contact's messages, oldest first; notes have left for nobody."""
    return [
        provider_id
        for provider_id in connection.scalars(
            select(Message.provider_id)
            .where(Message.contact_id == contact_id, Message.direction != Direction.NOTE.value)
            .order_by(Message.position)
        )
        if provider_id is not None
    ]


def messages_after(record: Record, contact_id: str, position: int) -> list[MessageView]:
    """The contact's messages after that position, in order."""
    with record.read() as connection:
        return said_after(connection, contact_id, position)


def newest_messages(connection: Connection, contact_id: str, most: int) -> list[MessageView]:
    """The contact's newest messages, in order, at most `limit`, read over an open connection."""
    before = select(func.max(Message.position) - most).where(Message.contact_id == contact_id).scalar_subquery()
    return said_after(connection, contact_id, before)


def newest_of_each(connection: Connection, contact_ids: Collection[str]) -> dict[str, MessageView]:
    """The newest message of each of these contacts that has one; how far it has come is not told."""
    rows = connection.execute(
        select(*SHOWN)
        .join(Contact, (Contact.id == Message.contact_id) & (Contact.message_count == Message.position))
        .where(Contact.id.in_(contact_ids))
    ).all()
    return {message.contact_id: message for message in shown(connection, rows, {})}


def said_after(
    connection: Connection, contact_id: str, position: int | ScalarSelect[int], most: int | None = None
) -> list[MessageView]:
    """The contact's messages after that position, in order, at most `limit`, read over an open connection."""
    come, leaving = receipts.received(contact_id), receipts.leaving(contact_id)
    rows = connection.execute(
        select(*SHOWN, come.c.least, come.c.most, come.c.since, leaving.c.leaving_id)
        .outerjoin(come, come.c.message_id == Message.id)
        .outerjoin(leaving, leaving.c.leaving_id == Message.id)
        .where(Message.contact_id == contact_id, Message.position > position)
        .order_by(Message.position)
        .limit(most)
    ).all()
    deliveries = {
        row.id: (receipts.delivery(row.least, row.most, leaves=row.leaving_id is not None), row.since) for row in rows
    }
    return shown(connection, rows, deliveries)


def shown(
    connection: Connection, rows: Sequence[Any], deliveries: Mapping[str, tuple[Delivery | None, datetime | None]]
) -> list[MessageView]:
    """The messages of these rows, which begin with `SHOWN`; `deliveries`: how far each has come, and since when."""
    nobody_tells = (None, None)
    files = (
        connection.execute(
            select(
                Attachment.message_id,
                Attachment.id,
                Attachment.name,
                Attachment.content_type,
                Attachment.size,
                Attachment.url,
            ).where(Attachment.message_id.in_([row.id for row in rows]))
        ).all()
        if rows
        else ()
    )
    return [
        MessageView(
            id=row.id,
            contact_id=row.contact_id,
            position=row.position,
            direction=row.direction,
            author=row.author,
            envelope=Envelope(
                NamedAddress(row.from_name, row.from_address) if row.from_address is not None else None,
                row.sent_to or (),
                row.copied_to or (),
                row.authentication,
            ),
            text=row.text,
            at=row.at,
            attachments=[
                AttachmentView(file.id, row.contact_id, file.name, file.content_type, file.size, file.url)
                for file in files
                if file.message_id == row.id
            ],
            has_original=row.original_type is not None,
            delivery=deliveries.get(row.id, nobody_tells)[0],
            delivery_at=deliveries.get(row.id, nobody_tells)[1],
            set_aside=SetAside(row.set_aside) if row.set_aside is not None else None,
        )
        for row in rows
    ]


def stored_file(record: Record, contact_id: str, attachment_id: str) -> StoredFile:
    """The file of an attachment. Raises NotFound when no message of this contact has it."""
    with record.read() as connection:
        row = connection.execute(
            select(Attachment.name, Attachment.content_type, Attachment.content, Attachment.url)
            .join(Message, Message.id == Attachment.message_id)
            .where(Attachment.id == attachment_id, Message.contact_id == contact_id)
        ).one_or_none()
    if row is None:
        raise NotFound(attachment_id)
    return StoredFile(row.name, row.content_type, row.content, row.url)


def original_of(record: Record, contact_id: str, message_id: str) -> OriginalMessage:
    """A message of this contact as it came. Raises NotFound when there is none, or it was not kept."""
    with record.read() as connection:
        row = connection.execute(
            select(Message.original_type, Message.original).where(
                Message.id == message_id, Message.contact_id == contact_id
            )
        ).one_or_none()
    if row is None or row.original is None:
        raise NotFound(message_id)
    return OriginalMessage(row.original_type, zlib.decompress(row.original))


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, zlib.Z_DEFAULT_COMPRESSION if len(content) <= LONGEST_COMPRESSED_BYTES else 0)
