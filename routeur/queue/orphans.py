"""P3 and P5 for contacts that wait with another: not lost with it, and not waiting longer than by themselves."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import aliased

from routeur.contact import contacts, journal
from routeur.contact.row import COLUMNS, HELD, IN_INDEX, WAITS, ContactRow, read
from routeur.contact.words import FollowUpReason
from routeur.errors import Conflict
from routeur.followups.making import FollowUpMaker
from routeur.foundation import Foundation
from routeur.queue.entry import max_wait_at
from routeur.queue.place import Queue
from routeur.record.tables import Contact

log = structlog.get_logger(__name__)


class Orphans:
    """Looks after linked contacts."""

    def __init__(self, foundation: Foundation, queue: Queue, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._queue = queue
        self._follow_ups = follow_ups

    def mend_links(self) -> None:
        """Give a place of its own to each contact that is linked to one that has gone on without it.

        That happens only to a contact that was linked in the very moment when the other ended or was accepted.
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
            elif contact.waits and now >= max_wait_at(in_force, contact.channel, contact.waiting_since):
                self._follow_ups.give_up_waiting(contact.id, FollowUpReason.MAX_WAIT)

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
