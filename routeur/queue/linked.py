"""Linking: a second contact of one usager on one topic waits in one place with the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from competences.channels import PRECEDENCE, Channel
from routeur.contact import contacts, journal
from routeur.contact.row import COLUMNS, WAITS, ContactRow
from routeur.plans import PlanInForce
from routeur.queue.entry import carried_place
from routeur.record.tables import Contact


@dataclass(frozen=True)
class Companion:
    """The contact that already waits. `leads`: the newcomer, not it, stands in the queue, at the place `queued_at`."""

    contact: ContactRow
    leads: bool
    queued_at: datetime


@dataclass(frozen=True)
class Joined:
    """The newcomer as linked; `displaced` is the id of the contact that loses its own place in the queue.

    `lead` is the id of the one that has the place, `followers` are those that were linked to it.
    """

    contact: ContactRow
    displaced: str
    lead: str
    followers: Sequence[ContactRow]


def companion(
    connection: Connection,
    in_force: PlanInForce,
    usager_id: str,
    topic: str | None,
    channel: Channel,
    now: datetime,
    other_than: str | None = None,
) -> Companion | None:
    """The companion of a newcomer: the contact of this usager that waits on this topic, on another channel.

    It is locked until the commit. None without a topic, or when no such contact waits.
    """
    if topic is None:
        return None
    row = contacts.first(
        connection,
        select(*COLUMNS)
        .where(
            Contact.usager_id == usager_id,
            Contact.topic == topic,
            Contact.channel != channel.value,
            Contact.state.in_(WAITS),
            Contact.linked_to.is_(None),
            Contact.id != (other_than or ""),
        )
        .order_by(Contact.queued_at)
        .with_for_update(),
    )
    if row is None:
        return None
    leads = PRECEDENCE[channel] < PRECEDENCE[row.channel]
    return Companion(row, leads, min(now, carried_place(in_force, row, channel, now)))


def join(connection: Connection, newcomer: ContactRow, together: Companion, now: datetime) -> Joined:
    """Link the two, and the contacts linked to either. Raises Conflict when one of them has changed meanwhile."""
    other = together.contact
    if together.leads:
        if newcomer.queued_at != together.queued_at:
            newcomer = contacts.change(connection, newcomer, now, queued_at=together.queued_at)
        return Joined(newcomer, other.id, newcomer.id, _link(connection, other, newcomer.id, now))
    followers = _link(connection, newcomer, other.id, now)
    return Joined(followers[0], newcomer.id, other.id, followers)


def _link(connection: Connection, joining: ContactRow, lead: str, now: datetime) -> list[ContactRow]:
    """Link a contact, and those that are linked to it, to the lead; returns them as linked, the contact first."""
    followers = [
        contacts.change(connection, follower, now, linked_to=lead)
        for follower in contacts.linked(connection, joining.id)
    ]
    if joining.linked_to != lead:
        joining = contacts.change(connection, joining, now, linked_to=lead)
    journal.write(connection, now, "linked", joining.id, to=lead)
    return [joining, *followers]


def leave_companions(connection: Connection, lead: ContactRow, now: datetime) -> list[ContactRow]:
    """Unlink the lead from its companions, which go on together; returns them, their new lead first."""
    return go_on_together(connection, contacts.linked(connection, lead.id), now)


def go_on_together(connection: Connection, rows: Iterable[ContactRow], now: datetime) -> list[ContactRow]:
    """Unlink contacts from their lead and link them to one of their own; returns them, that one first."""
    group: list[ContactRow] = []
    for row in sorted(rows, key=lambda one: PRECEDENCE[one.channel]):
        group.append(contacts.change(connection, row, now, linked_to=group[0].id if group else None))
    return group
