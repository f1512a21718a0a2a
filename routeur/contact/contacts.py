"""Reading and changing contacts in the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from competences.channels import Channel
from routeur.contact.identifiers import new_id
from routeur.contact.words import ContactState, Direction
from routeur.errors import Conflict, NotFound
from routeur.ports.inbound import InboundAttachment
from routeur.ports.news import ContactFacts
from routeur.record.tables import Attachment, Contact, JournalEntry, Message, Usager

ContactRow = Any
"""A contact as the record has it: every column of `contact` by name."""

WAITS = (ContactState.WAITING.value, ContactState.OFFERED.value)
HELD = (ContactState.ACTIVE.value, ContactState.WRAP_UP.value)
IN_INDEX = WAITS + HELD

_COLUMNS = Contact.__table__.c


def find(connection: Connection, contact_id: str) -> ContactRow | None:
    return connection.execute(select(*_COLUMNS).where(Contact.id == contact_id)).one_or_none()


def get(connection: Connection, contact_id: str) -> ContactRow:
    """Raises NotFound."""
    row = find(connection, contact_id)
    if row is None:
        raise NotFound(contact_id)
    return row


def by_provider_ref(connection: Connection, channel: Channel, ref: str) -> ContactRow | None:
    return connection.execute(
        select(*_COLUMNS).where(Contact.channel == channel.value, Contact.provider_ref == ref)
    ).one_or_none()


def linked(connection: Connection, contact_id: str) -> Sequence[ContactRow]:
    """The open contacts that wait, or are served, together with this one."""
    return connection.execute(
        select(*_COLUMNS).where(Contact.linked_to == contact_id, Contact.state.in_(IN_INDEX))
    ).all()


def change(connection: Connection, row: ContactRow, now: datetime, **values: Any) -> int:
    """Change a contact that is still as `row` says; returns its new revision. Raises Conflict when it moved on."""
    done = connection.execute(
        update(Contact)
        .where(Contact.id == row.id, Contact.revision == row.revision)
        .values(revision=row.revision + 1, changed_at=now, **values)
    )
    if done.rowcount != 1:
        raise Conflict(row.id)
    return int(row.revision) + 1


def add_message(
    connection: Connection,
    contact_id: str,
    channel: Channel,
    direction: Direction,
    text: str,
    now: datetime,
    *,
    author: str | None = None,
    provider_id: str | None = None,
    attachments: Sequence[InboundAttachment] = (),
) -> tuple[str, int]:
    """Append a message; returns its id and its position. The contact's row is locked until the commit."""
    position = connection.execute(
        update(Contact)
        .where(Contact.id == contact_id)
        .values(message_count=Contact.message_count + 1)
        .returning(Contact.message_count)
    ).scalar_one()
    message_id = new_id()
    connection.execute(
        insert(Message).values(
            id=message_id,
            contact_id=contact_id,
            position=position,
            channel=channel.value,
            direction=direction.value,
            author=author,
            text=text,
            at=now,
            provider_id=provider_id,
        )
    )
    for one in attachments:
        connection.execute(
            insert(Attachment).values(
                id=new_id(),
                message_id=message_id,
                name=one.name,
                content_type=one.content_type,
                size=one.size,
                content=one.content,
                url=one.url,
            )
        )
    return message_id, position


def facts(connection: Connection, row: ContactRow) -> ContactFacts:
    """The contact as its channel needs it to reach the usager."""
    thread = connection.scalars(
        select(Message.provider_id)
        .where(Message.contact_id == row.id, Message.provider_id.is_not(None))
        .order_by(Message.position)
    ).all()
    name = connection.scalar(select(Usager.name).where(Usager.id == row.usager_id))
    return facts_of(row, name, tuple(one for one in thread if one is not None))


def facts_of(row: ContactRow, name: str | None, thread: Sequence[str]) -> ContactFacts:
    return ContactFacts(
        id=row.id,
        reference=row.reference,
        channel=Channel(row.channel),
        topic=row.topic,
        language=row.language,
        subject=row.subject,
        usager_name=name,
        address=row.address,
        service_address=row.service_address,
        provider_ref=row.provider_ref,
        agent=row.agent,
        thread=thread,
    )


def attempts(connection: Connection, contact_id: str) -> int:
    """How often this contact has been accepted."""
    counted = connection.scalar(
        select(func.count())
        .select_from(JournalEntry)
        .where(JournalEntry.contact_id == contact_id, JournalEntry.kind == "accepted")
    )
    return int(counted or 0)
