"""Writing to a usager: an agent's reply, and what is said by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import contacts, identity, journal, messages, opt_outs
from routeur.contact.messages import Envelope, InboundAttachment, OutgoingFile
from routeur.contact.row import ContactRow
from routeur.contact.ways_out import ByHand, Way, WayOut, carries_by_itself, choose, kind_of, ways_out
from routeur.contact.words import Direction
from routeur.errors import CarriesNoFiles, OptedOut, ReplyTooLate, Unreachable
from routeur.ports.announcer import Announcer
from routeur.ports.news import ReplyWritten
from routeur.ports.publisher import Publisher
from routeur.record.engine import Record


@dataclass(frozen=True)
class Written:
    """An answer that was recorded: its message, and the way that it takes."""

    message_id: str
    by: Way


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
    *,
    by: Way | None = None,
    address: str | None = None,
    present: bool = False,
) -> Written:
    """Record the reply and its effects, within the caller's transaction.

    It takes the contact's own channel where that carries it, unless another way is named: `by`, or an `address`, which
    that confirms. What is told by hand is recorded as a note: nothing leaves. `present`: the visitor of a chat who
    `may_be_gone` sits before it.

    Raises Unreachable, OptedOut, ReplyTooLate, NoWayOut and NotConfirmed, before anything is recorded, where it could
    not be delivered; CarriesNoFiles where files are given and the way carries none.
    """
    way = _way(publisher, connection, contact, now, by, address, present)
    if files and (isinstance(way.by, ByHand) or not CHANNELS[way.by].carries_files):
        raise CarriesNoFiles(contact.id)
    to = way.address
    message_id, _ = messages.add(
        connection,
        contact,
        Direction.NOTE if isinstance(way.by, ByHand) else Direction.OUTBOUND,
        text,
        now,
        author=login,
        provider_id=provider_id,
        envelope=Envelope(sent_to=(to,) if to is not None else (), copied_to=cc),
        attachments=[InboundAttachment(one.name, one.content_type, len(one.content), one.content) for one in files],
    )
    elsewhere = {"by": way.by.value} if way.by is not contact.channel else {}
    journal.write(connection, now, "replied", contact.id, login, message=message_id, **elsewhere)
    if isinstance(way.by, ByHand):
        return Written(message_id, way.by)
    news = ReplyWritten(contact, message_id, text, cc)
    if way.written_from is None or to is None:
        publisher.publish(connection, news, now)
    else:
        if way.confirms:
            kind = kind_of(to)
            identity.confirm(connection, contact.id, kind, to, contact.confirmed or ())
            journal.write(connection, now, "address_confirmed", contact.id, login, address_kind=kind.value)
        publisher.publish_elsewhere(connection, news, way.by, to, way.written_from, now)
    return Written(message_id, way.by)


def _way(
    publisher: Publisher,
    connection: Connection,
    contact: ContactRow,
    now: datetime,
    by: Way | None,
    address: str | None,
    present: bool,
) -> WayOut:
    """The way that an answer takes; the record is asked for other addresses only where one may be needed."""
    if by in (None, contact.channel) and address is None and carries_by_itself(contact, present=present):
        _check_reached(connection, contact, now)
        letters = CHANNELS[contact.channel].conversation is not ConversationKey.PROVIDER_REFERENCE
        return WayOut(contact.channel, contact.answer_address if letters and contact.reachable else None, sure=True)
    proved = identity.proved_addresses(connection, contact.usager_id)
    opted_out = bool(opt_outs.opted_out_contacts(connection, [contact]))
    way = choose(
        ways_out(contact, proved, publisher.first_way, now, opted_out=opted_out, present=present),
        contact,
        publisher.first_way,
        by,
        address,
    )
    to, ours = way.address, way.written_from
    if to is not None and ours is not None and opt_outs.is_opted_out(connection, to, ours):
        raise OptedOut(contact.id)
    return way


def _check_reached(connection: Connection, contact: ContactRow, now: datetime) -> None:
    """Check that the contact's own channel takes an answer. Raises Unreachable, OptedOut and ReplyTooLate."""
    if CHANNELS[contact.channel].conversation is ConversationKey.THREAD and not contact.reachable:
        raise Unreachable(contact.id)
    if opt_outs.opted_out_contacts(connection, [contact]):
        raise OptedOut(contact.id)
    if contact.reply_until is not None and now > contact.reply_until:
        raise ReplyTooLate(contact.id)


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
