"""Writing an agent's reply to a usager."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from routeur.contact import journal, messages
from routeur.contact.messages import Envelope
from routeur.contact.row import ContactRow
from routeur.contact.words import Direction
from routeur.ports.news import ReplyWritten
from routeur.ports.publisher import Publisher


def write_reply(
    publisher: Publisher,
    connection: Connection,
    contact: ContactRow,
    login: str,
    text: str,
    now: datetime,
    provider_id: str | None = None,
    cc: Sequence[str] = (),
) -> str:
    """Record the reply and its effects, within the caller's transaction; returns the message's id."""
    message_id, _ = messages.add(
        connection,
        contact,
        Direction.OUTBOUND,
        text,
        now,
        author=login,
        provider_id=provider_id,
        envelope=Envelope(sent_to=(contact.answer_address,) if contact.reachable else (), copied_to=cc),
    )
    journal.write(connection, now, "replied", contact.id, login, message=message_id)
    publisher.publish(connection, ReplyWritten(contact, message_id, text, cc), now)
    return message_id
