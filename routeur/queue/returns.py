"""The way back to the queue for a contact that an agent had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.words import ContactState
from routeur.ports.news import Returned
from routeur.queue.linked import companion, join_queue
from routeur.queue.place import Routing


def send_back(
    routing: Routing,
    row: ContactRow,
    kind: str,
    by: str,
    *,
    waiting_since: datetime | None = None,
    detail: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Put an active contact back in the queue, at its place by arrival; its agent is passed over for a while.

    A new wait begins now, unless `waiting_since` says that the old one goes on. `values` are columns to change
    (topic, ladder); `detail` goes in the journal. Raises Conflict when the contact is no longer as `row` says.
    """
    now = routing.clock()
    with routing.record.write() as connection:
        for other in contacts.linked(connection, row.id):
            accepted_at = values.get("accepted_at", other.accepted_at)
            contacts.change(
                connection, other, now, state=ContactState.WAITING.value, agent=None, accepted_at=accepted_at
            )
        values |= {"state": ContactState.WAITING.value, "agent": None, "linked_to": None}
        values["waiting_since"] = waiting_since or now
        contacts.change(connection, row, now, **values)
        journal.write(connection, now, kind, row.id, by, **(detail or {}))
        returned = contacts.get(connection, row.id)
        if returned.topic != row.topic:
            in_force = routing.plans.current()
            channel = Channel(row.channel)
            together = companion(connection, in_force, row.usager_id, returned.topic, channel, now, other_than=row.id)
            displaced = join_queue(connection, returned, together, now) if together is not None else None
            returned = contacts.get(connection, row.id)
        else:
            displaced = None
        attempt = contacts.attempts(connection, row.id)
        routing.publish(connection, Returned(contacts.facts(connection, row), kind, attempt), now)
    routing.announcer.tell("returned", now, row.id, row.agent)
    if displaced is not None:
        routing.leave_index(displaced)
    if returned.linked_to is None:
        routing.queue(returned, move=True, avoid=row.agent)
