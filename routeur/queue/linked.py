"""One person, one place: a second contact on the same topic waits together with the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.plans import PlanInForce
from routeur.queue.entry import carried_place
from routeur.record.tables import Contact

_MOST_PRESENT_FIRST = (Channel.VOICE, Channel.WALKIN, Channel.CHAT, Channel.MESSAGING, Channel.EMAIL)
"""Of two linked contacts, the one on the channel that cannot be put aside holds the place."""


@dataclass(frozen=True)
class Companion:
    """The contact already waiting. `leads`: whether the newcomer takes over the place, which is then `queued_at`."""

    lead: str
    leads: bool
    queued_at: datetime

    @property
    def displaced(self) -> str | None:
        return self.lead if self.leads else None


def companion(
    connection: Connection,
    in_force: PlanInForce,
    usager_id: str,
    topic: str | None,
    channel: Channel,
    now: datetime,
    other_than: str | None = None,
) -> Companion | None:
    """Whom a contact of this usager on this topic joins: one that waits, by another channel."""
    if topic is None:
        return None
    row = connection.execute(
        select(*Contact.__table__.c)
        .where(
            Contact.usager_id == usager_id,
            Contact.topic == topic,
            Contact.channel != channel.value,
            Contact.state.in_(contacts.WAITS),
            Contact.linked_to.is_(None),
            Contact.id != (other_than or ""),
        )
        .order_by(Contact.queued_at)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    leads = _MOST_PRESENT_FIRST.index(channel) < _MOST_PRESENT_FIRST.index(Channel(row.channel))
    return Companion(row.id, leads, min(now, carried_place(in_force, row, channel, now)))


def join_queue(connection: Connection, row: ContactRow, together: Companion, now: datetime) -> str:
    """Link the two, with whoever is linked to either. Returns the contact that has no place of its own any more."""
    lead, joining = together.lead, str(row.id)
    if together.leads:
        lead, joining = joining, lead
        if row.queued_at != together.queued_at:
            contacts.change(connection, row, now, queued_at=together.queued_at)
    for one in (contacts.get(connection, joining), *contacts.linked(connection, joining)):
        if one.linked_to != lead:
            contacts.change(connection, one, now, linked_to=lead)
    journal.write(connection, now, "linked", joining, to=lead)
    return joining


def let_go(connection: Connection, lead: ContactRow, now: datetime) -> str | None:
    """The lead leaves its companions, who go on waiting together; returns the one of them that leads now."""
    linked = contacts.linked(connection, lead.id)
    others = sorted(linked, key=lambda one: _MOST_PRESENT_FIRST.index(Channel(one.channel)))
    first = others[0].id if others else None
    for one in others:
        contacts.change(connection, one, now, linked_to=first if one.id != first else None)
    return first
