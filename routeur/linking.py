"""One person, one place: a second contact on the same topic waits together with the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from competences.channels import Channel
from routeur import contacts, journal
from routeur.contacts import ContactRow
from routeur.placement import carried_place
from routeur.plans import PlanInForce
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
    ).one_or_none()
    if row is None:
        return None
    leads = _MOST_PRESENT_FIRST.index(channel) < _MOST_PRESENT_FIRST.index(Channel(row.channel))
    return Companion(row.id, leads, min(now, carried_place(in_force, row, channel, now)))


def join_queue(connection: Connection, row: ContactRow, together: Companion, now: datetime) -> str | None:
    """Link the two. Returns the contact that gave up its place in the index, if one did."""
    if not together.leads:
        if row.linked_to is None:
            contacts.change(connection, row, now, linked_to=together.lead)
        journal.write(connection, now, "linked", row.id, to=together.lead)
        return str(row.id)
    for other in (contacts.get(connection, together.lead), *contacts.linked(connection, together.lead)):
        if other.id != row.id:
            contacts.change(connection, other, now, linked_to=row.id)
    if row.queued_at != together.queued_at:
        contacts.change(connection, contacts.get(connection, row.id), now, queued_at=together.queued_at)
    journal.write(connection, now, "linked", together.lead, to=row.id)
    return together.lead
