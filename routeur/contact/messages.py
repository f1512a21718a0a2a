"""What was said inside a contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from routeur.errors import NotFound
from routeur.record.engine import Record
from routeur.record.tables import Attachment, Message


@dataclass(frozen=True)
class AttachmentView:
    id: str
    contact_id: str
    name: str
    content_type: str
    size: int
    url: str | None


@dataclass(frozen=True)
class StoredFile:
    """A file that came with a message: its `content` where we keep it, its `url` where the provider does."""

    name: str
    content_type: str
    content: bytes | None
    url: str | None


@dataclass(frozen=True)
class MessageView:
    """`position` counts from 1 within the contact, without gaps."""

    id: str
    position: int
    direction: str
    author: str | None
    text: str
    at: datetime
    attachments: Sequence[AttachmentView]


def messages_after(record: Record, contact_id: str, position: int) -> list[MessageView]:
    """The contact's messages from that position on (not included), in order."""
    with record.read() as connection:
        rows = connection.execute(
            select(*Message.__table__.c)
            .where(Message.contact_id == contact_id, Message.position > position)
            .order_by(Message.position)
        ).all()
        files = connection.execute(
            select(
                Attachment.message_id,
                Attachment.id,
                Attachment.name,
                Attachment.content_type,
                Attachment.size,
                Attachment.url,
            ).where(Attachment.message_id.in_([row.id for row in rows]))
        ).all()
    return [
        MessageView(
            id=row.id,
            position=row.position,
            direction=row.direction,
            author=row.author,
            text=row.text,
            at=row.at,
            attachments=[
                AttachmentView(one.id, contact_id, one.name, one.content_type, one.size, one.url)
                for one in files
                if one.message_id == row.id
            ],
        )
        for row in rows
    ]


def stored_file(record: Record, contact_id: str, attachment_id: str) -> StoredFile:
    """The file of that attachment. Raises NotFound where no message of this contact has it."""
    with record.read() as connection:
        row = connection.execute(
            select(Attachment.name, Attachment.content_type, Attachment.content, Attachment.url)
            .join(Message, Message.id == Attachment.message_id)
            .where(Attachment.id == attachment_id, Message.contact_id == contact_id)
        ).one_or_none()
    if row is None:
        raise NotFound(attachment_id)
    return StoredFile(row.name, row.content_type, row.content, row.url)
