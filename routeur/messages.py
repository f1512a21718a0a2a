"""What was said inside a contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from routeur.record.engine import Record
from routeur.record.tables import Attachment, Message


@dataclass(frozen=True)
class AttachmentView:
    id: str
    name: str
    content_type: str
    size: int
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
                AttachmentView(one.id, one.name, one.content_type, one.size, one.url)
                for one in files
                if one.message_id == row.id
            ],
        )
        for row in rows
    ]
