"""What goes with an answer of ours besides its words: its files, and the question that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, or_, select
from sqlalchemy.orm import aliased

from routeur.contact.messages import StoredFile
from routeur.contact.words import Direction
from routeur.record.engine import Record
from routeur.record.tables import Attachment, Contact, Message


@dataclass(frozen=True)
class Question:
    """A message that is answered: who wrote it (a name, else an address; empty where neither is known), when, what."""

    writer: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Answer:
    """The files of an answer, and the question that it answers; None where nobody had written before it."""

    files: Sequence[StoredFile]
    question: Question | None


def answer(record: Record, message_id: str) -> Answer:
    """What goes with this message of ours: always the same, however often it is asked."""
    with record.read() as connection:
        return Answer(_files(connection, message_id), _question(connection, message_id))


def _files(connection: Connection, message_id: str) -> list[StoredFile]:
    rows = connection.execute(
        select(Attachment.name, Attachment.content_type, Attachment.content, Attachment.url)
        .where(Attachment.message_id == message_id)
        .order_by(Attachment.id)
    )
    return [StoredFile(row.name, row.content_type, row.content, row.url) for row in rows]


def _question(connection: Connection, message_id: str) -> Question | None:
    """The newest message of the usager before this one; of somebody else who wrote in the contact, if there is none."""
    ours = aliased(Message)
    usager = or_(Message.from_address == Contact.address, Message.from_address == Contact.reply_to)
    row = connection.execute(
        select(Message.from_name, Message.from_address, Message.at, Message.text)
        .join(ours, ours.contact_id == Message.contact_id)
        .join(Contact, Contact.id == Message.contact_id)
        .where(ours.id == message_id, Message.direction == Direction.INBOUND.value, Message.position < ours.position)
        .order_by(case((usager, 0), else_=1), Message.position.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not row.text:
        return None
    return Question(row.from_name or row.from_address or "", row.at, row.text)
