"""Finding the contact to which an inbound belongs, and the agent who knows its usager."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import contacts
from routeur.contact.correspondents import correspondents
from routeur.contact.digests import agree, apart_names
from routeur.contact.identity import owner_of
from routeur.contact.messages import said_after
from routeur.contact.row import COLUMNS, IN_INDEX, ContactRow
from routeur.contact.words import ContactState, Outcome
from routeur.plans import Plans
from routeur.ports.inbound import Inbound
from routeur.ports.news import EarlierToday
from routeur.record.tables import Contact, Message

A_DAY = timedelta(days=1)

SAME_MATTER_FOR = timedelta(days=1)
"""How long after its last change a follow-up, or what was merged into one, takes up a text from its usager; a later
text is a new demand."""


@dataclass(frozen=True)
class AlreadyReceived:
    """The record of an inbound that the provider sent before; without message for a call announced twice."""

    row: ContactRow
    message_id: str | None = None
    position: int | None = None


def already_received(connection: Connection, inbound: Inbound) -> AlreadyReceived | Inbound:
    """The record of this inbound, if the provider sent it before; else the inbound, under an id that is free.

    From here to the end of the transaction nobody else looks for the conversation of the same address.
    """
    if inbound.provider_id is not None:
        apart = apart_names(inbound.digest) if inbound.digest is not None else []
        names = [inbound.provider_id, *apart]
        rows = connection.execute(_named(names, inbound, serial=connection.dialect.name == "sqlite"))
        known = [message for message in rows if message.id is not None]
        for message in known:
            if inbound.digest is None or message.digest is None or agree(message.digest, inbound.digest):
                return AlreadyReceived(contacts.get(connection, message.contact_id), message.id, message.position)
        return replace(inbound, provider_id=apart[0]) if known else inbound
    if inbound.provider_ref is not None:
        row = contacts.by_provider_ref(connection, inbound.channel, inbound.provider_ref)
        return AlreadyReceived(row) if row is not None else inbound
    return inbound


def _named(names: Collection[str], inbound: Inbound, *, serial: bool) -> Select[str, str, int, str | None]:
    """The query for the messages of these names; a row of nulls stands for none.

    Where an address leads to the conversation, two of its messages at once would each find none and begin one; and two
    letters at once would each count the acknowledgements of the day without the other's. So the query takes a turn for
    the address; `serial`: the database has one writer, whose turn it is already.
    """
    columns = (Message.contact_id, Message.id, Message.position, Message.digest)
    named = and_(Message.channel == inbound.channel.value, Message.provider_id.in_(names))
    turns = [] if serial else turns_of(inbound)
    if not turns:
        return select(*columns).where(named)
    taken = select(*(func.pg_advisory_xact_lock(turn).label(f"taken_{n}") for n, turn in enumerate(turns)))
    return select(*columns).select_from(taken.subquery("turn").outerjoin(Message, named))


def turns_of(inbound: Inbound) -> Sequence[int]:
    """The numbers, in 64 bits, of the locks that an inbound takes one after the other; who shares one waits.

    One is its address's, to which it is answered. What is answered where nothing is proved is counted together, whoever
    wrote it: so it takes the one turn of these before.
    """
    conversation = CHANNELS[inbound.channel].conversation
    names = []
    if conversation is ConversationKey.ADDRESS:
        names = [inbound.address]
    elif conversation is ConversationKey.THREAD:
        answered = inbound.reply_to or inbound.address
        names = [answered] if answered == inbound.address else ["unproved", answered]
    digests = [sha256(f"{inbound.channel.value}:{name}".encode()).digest() for name in names]
    return [int.from_bytes(digest[:8], signed=True) for digest in digests]


def conversation_of(connection: Connection, inbound: Inbound, now: datetime) -> ContactRow | None:
    """The contact that this message names or goes on with, or None for a new demand.

    A letter may name another channel's: it answers one that we sent to the address that was given there.
    """
    if inbound.provider_ref is not None:
        return contacts.by_provider_ref(connection, inbound.channel, inbound.provider_ref)
    if inbound.contact_hint is not None:
        row = contacts.find(connection, inbound.contact_hint)
        if row is not None and row.address:  # anonymised contacts have no address
            return row
    if inbound.in_reply_to:
        answered = connection.execute(
            select(Message.contact_id, Message.provider_id).where(
                Message.channel == inbound.channel.value, Message.provider_id.in_(inbound.in_reply_to)
            )
        ).all()
        by_id = {message.provider_id: message.contact_id for message in answered}
        nearest = next((by_id[name] for name in inbound.in_reply_to if name in by_id), None)
        if nearest is not None:
            return contacts.get(connection, nearest)
    if inbound.reference is not None:
        return contacts.first(
            connection,
            select(*COLUMNS).where(
                Contact.reference == inbound.reference,
                or_(
                    and_(
                        Contact.channel == inbound.channel.value,
                        or_(Contact.address == inbound.address, Contact.reply_to == inbound.address),
                    ),
                    Contact.given_email == inbound.address,
                ),
            ),
        )
    if CHANNELS[inbound.channel].conversation is ConversationKey.ADDRESS:
        return _with_address(connection, inbound, now)
    return None


def takes_part(connection: Connection, contact: ContactRow, inbound: Inbound, plans: Plans) -> bool:
    """Whether the writer of this may speak in the contact: its usager, an address that was named in it or in the plan.

    What a thread is found by, anybody can know or make up; and what the sender's domain disowns, anybody wrote. Another
    channel's contact takes letters only from an address that its usager has proved: one that was only given may be
    somebody else's, and whoever gave it would read them there.
    """
    if CHANNELS[inbound.channel].conversation is not ConversationKey.THREAD:
        return contact.channel is inbound.channel
    if inbound.envelope is not None and inbound.envelope.disowned:
        return False
    if contact.channel is not inbound.channel:
        return owner_of(connection, inbound.address_kind, inbound.writer) == contact.usager_id
    if inbound.automatic and inbound.contact_hint == contact.id:  # a notice about a letter that we sent: only kept
        return True
    if inbound.writer in (contact.address, contact.reply_to) or plans.plan().lets_in(inbound.writer):
        return True
    return inbound.writer in correspondents(contact, said_after(connection, contact.id, 0), plans.own_addresses())


def _with_address(connection: Connection, inbound: Inbound, now: datetime) -> ContactRow | None:
    same_matter = Contact.changed_at > now - SAME_MATTER_FOR
    followed_up = Contact.state == ContactState.FOLLOW_UP.value
    going_on = [Contact.state.in_(IN_INDEX), followed_up if inbound.settles else and_(followed_up, same_matter)]
    if not inbound.settles:
        into = aliased(Contact)
        open_still = exists().where(into.id == Contact.linked_to, into.state != ContactState.CLOSED.value)
        going_on.append(and_(Contact.outcome == Outcome.MERGED.value, same_matter, open_still))
    return contacts.first(
        connection,
        select(*COLUMNS)
        .where(
            Contact.channel == inbound.channel.value,
            Contact.address == inbound.address,
            or_(*going_on),
        )
        .order_by(Contact.arrived_at.desc()),
    )


def earlier_today(connection: Connection, row: ContactRow) -> EarlierToday:
    """How many other contacts began within a day, as far as that matters to this one; those set aside do not count.

    Nor do those that nobody acknowledged.
    """
    if CHANNELS[row.channel].conversation is not ConversationKey.THREAD:
        return EarlierToday()
    others = (
        Contact.channel == row.channel.value,
        Contact.arrived_at > row.arrived_at - A_DAY,
        Contact.id != row.id,
        func.coalesce(Contact.outcome, "") != Outcome.SPAM.value,
        Contact.acknowledge,
    )
    same_address = func.count().filter(func.coalesce(Contact.reply_to, Contact.address) == row.answer_address)
    if row.answered_where_proved:
        return EarlierToday(connection.scalar(select(same_address).where(*others)) or 0)
    first, own = aliased(Message), aliased(Message)
    writer = select(own.from_address).where(own.contact_id == row.id, own.position == 1).scalar_subquery()
    unproved = and_(Contact.reply_to.is_not(None), Contact.reply_to != Contact.address)
    counted = connection.execute(
        select(
            same_address,
            func.count().filter(unproved, first.from_address == writer),
            func.count().filter(unproved),
        )
        .select_from(Contact)
        .outerjoin(first, and_(first.contact_id == Contact.id, first.position == 1))
        .where(*others)
    ).one()
    return EarlierToday(*counted)


def preferred_agent(connection: Connection, usager_id: str, topic: str | None) -> str | None:
    """The agent who serves, or last served, this usager on this topic."""
    if topic is None:
        return None
    return connection.scalar(
        select(Contact.agent)
        .where(Contact.usager_id == usager_id, Contact.topic == topic, Contact.agent.is_not(None))
        .order_by(Contact.accepted_at.desc())
        .limit(1)
    )
