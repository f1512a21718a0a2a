"""Writing to a usager: an agent's reply, and what is said by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import contacts, journal, messages, opt_outs
from routeur.contact.messages import Envelope, InboundAttachment, OutgoingFile
from routeur.contact.row import ContactRow
from routeur.contact.words import Direction
from routeur.errors import CarriesNoFiles, OptedOut, ReplyTooLate, Unreachable
from routeur.ports.announcer import Announcer
from routeur.ports.news import ReplyWritten
from routeur.ports.publisher import Publisher
from routeur.record.engine import Record


def write_reply(
    publisher: Publisher,
    connection: Connection,
    contact: ContactRow,
    login: str,
    text: str,
    now: datetime,
    provider_id: str | None = None,
    cc: Sequence[str] = (),
    files: Sequence[OutgoingFile] = (),
) -> str:
    """Record the reply and its effects, within the caller's transaction; returns the message's id.

    Raises Unreachable, OptedOut and ReplyTooLate, before anything is recorded, where it could not be delivered;
    CarriesNoFiles where files are given and the contact's channel carries none.
    """
    if files and not CHANNELS[contact.channel].carries_files:
        raise CarriesNoFiles(contact.id)
    if CHANNELS[contact.channel].conversation is ConversationKey.THREAD and not contact.reachable:
        raise Unreachable(contact.id)
    if opt_outs.opted_out_contacts(connection, [contact]):
        raise OptedOut(contact.id)
    if contact.reply_until is not None and now > contact.reply_until:
        raise ReplyTooLate(contact.id)
    message_id, _ = messages.add(
        connection,
        contact,
        Direction.OUTBOUND,
        text,
        now,
        author=login,
        provider_id=provider_id,
        envelope=Envelope(sent_to=(contact.answer_address,) if contact.reachable else (), copied_to=cc),
        attachments=[InboundAttachment(one.name, one.content_type, len(one.content), one.content) for one in files],
    )
    journal.write(connection, now, "replied", contact.id, login, message=message_id)
    publisher.publish(connection, ReplyWritten(contact, message_id, text, cc), now)
    return message_id


def say_automatically(
    record: Record, announcer: Announcer, contact_id: str, text: str, key: str, now: datetime
) -> None:
    """Record a message that nobody on the staff wrote, and tell it; the same `key` twice is one. Raises NotFound.

    For channels whose usager finds it in the record: nothing is sent.
    """
    with record.write() as connection:
        contact = contacts.get(connection, contact_id)
        if messages.with_provider_id(connection, contact, key) is not None:
            return
        messages.add(connection, contact, Direction.OUTBOUND, text, now, provider_id=key)
    announcer.tell("message", now, contact.id, contact.agent)
