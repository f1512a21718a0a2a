"""P3 and P5 for who waits together with another contact: neither lost with it, nor waiting longer than by itself."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import aliased

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.words import FollowUpReason
from routeur.errors import Conflict
from routeur.queue.entry import max_wait_at
from routeur.queue.place import Routing
from routeur.record.tables import Contact

log = structlog.get_logger(__name__)


def mend_links(routing: Routing) -> None:
    """Give a place of its own to whoever is linked to a contact that has gone on without it.

    That happens only to who was linked in the very moment when the other ended or was accepted.
    """
    lead = aliased(Contact)
    in_force, now = routing.plans.current(), routing.clock()
    with routing.record.read() as connection:
        rows = connection.execute(
            select(*Contact.__table__.c, lead.state.label("lead_state"), lead.linked_to.label("lead_linked_to"))
            .outerjoin(lead, lead.id == Contact.linked_to)
            .where(Contact.state.in_(contacts.IN_INDEX), Contact.linked_to.is_not(None))
        ).all()
    for row in rows:
        waits = row.state in contacts.WAITS
        together = row.lead_state in (contacts.WAITS if waits else contacts.HELD) and row.lead_linked_to is None
        if not together:
            _part(routing, row)
        elif waits and now >= max_wait_at(in_force, Channel(row.channel), row.waiting_since):
            routing.give_up_waiting(row.id, FollowUpReason.MAX_WAIT)


def _part(routing: Routing, row: ContactRow) -> None:
    now = routing.clock()
    try:
        with routing.record.write() as connection:
            contacts.change(connection, row, now, linked_to=None)
            journal.write(connection, now, "parted", row.id, was_with=row.linked_to)
    except Conflict:
        log.info("parting_overtaken", contact=row.id)
        return
    routing.put_back(row.id)
