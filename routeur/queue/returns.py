"""The return of a contact that an agent had to its place in the queue."""

from __future__ import annotations

from typing import Any, Unpack

from routeur.contact import contacts, journal
from routeur.contact.row import Changes, ContactRow
from routeur.contact.words import ContactState
from routeur.followups.legal_requests import follow_topic
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.news import Returned
from routeur.queue.linked import companion, join
from routeur.queue.queue import Queue


class Returns:
    """Returns contacts to their place by arrival; the agent who had one is passed over for a while."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def put_back(
        self,
        row: ContactRow,
        reason: str,
        by: str | None,
        *,
        detail: dict[str, Any] | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        """Return an active contact, with its companions, to the queue.

        `changes` apply to the contact too (topic, ladder); a new wait begins now unless they set `waiting_since`.
        `reason`, `by` (a login) and `detail` go in the journal. Raises Conflict when the contact has changed since
        `row` was read.
        """
        now = self._foundation.clock()
        displaced = None
        with self._foundation.record.write() as connection:
            for other in contacts.linked(connection, row.id):
                accepted_at = changes.get("accepted_at", other.accepted_at)
                contacts.change(connection, other, now, state=ContactState.WAITING, agent=None, accepted_at=accepted_at)
            changes["state"], changes["agent"], changes["linked_to"] = ContactState.WAITING, None, None
            changes.setdefault("waiting_since", now)
            returned = contacts.change(connection, row, now, **changes)
            journal.write(connection, now, reason, row.id, by, **(detail or {}))
            if returned.topic != row.topic:
                follow_topic(self._foundation, connection, returned, by, now)
                together = companion(
                    connection,
                    self._foundation.in_force,
                    row.usager_id,
                    returned.topic,
                    row.channel,
                    now,
                    other_than=row.id,
                )
                if together is not None:
                    joined = join(connection, returned, together, now)
                    returned, displaced = joined.contact, joined.displaced
            attempt = contacts.times_accepted(connection, row.id)
            self._foundation.publisher.publish(connection, Returned(row, reason, attempt), now)
        self._foundation.announcer.tell("returned", now, row.id, row.agent)
        if displaced is not None:
            sync.remove(self._foundation.index, displaced, self._foundation.clock)
        if returned.linked_to is None:
            self._queue.move(returned, avoid=row.agent)
