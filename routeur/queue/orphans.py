"""P3 and P5 for linked contacts: none is lost with the contact it waits with, none waits beyond its maximum."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import aliased

from routeur.contact import contacts, journal
from routeur.contact.row import COLUMNS, HELD, IN_INDEX, WAITS, ContactRow, read
from routeur.errors import Conflict
from routeur.foundation import Foundation
from routeur.queue.entry import entry
from routeur.queue.queue import Queue
from routeur.record.tables import Contact

log = structlog.get_logger(__name__)


class Orphans:
    """Mends links whose other end has gone on."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def mend_links(self) -> None:
        """Give each contact whose companion has gone on without it a place of its own.

        That happens only when a contact was linked at the very moment at which the other ended or was accepted.
        A linked contact whose own maximum wait has passed becomes a follow-up.
        """
        lead = aliased(Contact)
        in_force, now = self._foundation.in_force, self._foundation.clock()
        with self._foundation.record.read() as connection:
            rows = connection.execute(
                select(*COLUMNS, lead.state.label("lead_state"), lead.linked_to.label("lead_linked_to"))
                .outerjoin(lead, lead.id == Contact.linked_to)
                .where(Contact.state.in_(IN_INDEX), Contact.linked_to.is_not(None))
            ).all()
        for row in rows:
            contact = read(row)
            together = row.lead_state in (WAITS if contact.waits else HELD) and row.lead_linked_to is None
            if not together:
                self._part(contact)
            elif contact.waits and now >= entry(in_force, contact, now).max_wait_at:
                self._queue.give_up(contact.id, lapsed=True)

    def _part(self, row: ContactRow) -> None:
        now = self._foundation.clock()
        try:
            with self._foundation.record.write() as connection:
                contacts.change(connection, row, now, linked_to=None)
                journal.write(connection, now, "parted", row.id, was_with=row.linked_to)
        except Conflict:
            log.info("parting_overtaken", contact=row.id)
            return
        self._queue.restore(row.id)
