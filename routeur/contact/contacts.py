"""Reading and changing contacts in the record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Any, Unpack

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from competences.channels import Channel
from routeur.contact import waits
from routeur.contact.row import COLUMNS, IN_INDEX, Changes, ContactRow, read
from routeur.contact.words import ContactState, Outcome, WaitEnd
from routeur.errors import Conflict, NotFound
from routeur.record.tables import Contact, EarlierWait, JournalEntry


def matching(connection: Connection, query: Select[Any]) -> list[ContactRow]:
    """The contacts that a query over `COLUMNS` finds, in its order."""
    return [read(row) for row in connection.execute(query)]


def first(connection: Connection, query: Select[Any]) -> ContactRow | None:
    """The first contact that a query over `COLUMNS` finds, or None."""
    row = connection.execute(query.limit(1)).one_or_none()
    return read(row) if row is not None else None


def find(connection: Connection, contact_id: str) -> ContactRow | None:
    """The contact with this id, or None."""
    return first(connection, select(*COLUMNS).where(Contact.id == contact_id))


def get(connection: Connection, contact_id: str) -> ContactRow:
    """The contact with this id. Raises NotFound."""
    row = find(connection, contact_id)
    if row is None:
        raise NotFound(contact_id)
    return row


def lock(connection: Connection, contact_id: str) -> ContactRow:
    """The contact with this id, which nobody else changes until the commit. Raises NotFound."""
    row = first(connection, select(*COLUMNS).where(Contact.id == contact_id).with_for_update())
    if row is None:
        raise NotFound(contact_id)
    return row


def by_provider_ref(connection: Connection, channel: Channel, ref: str) -> ContactRow | None:
    """The contact of this conversation, which the channel's provider calls `ref`, or None."""
    return first(connection, select(*COLUMNS).where(Contact.channel == channel.value, Contact.provider_ref == ref))


def by_reference(
    connection: Connection, channel: Channel, reference: str, addresses: Collection[str]
) -> ContactRow | None:
    """The contact of this reference if its usager writes from, or is answered at, one of these addresses."""
    answered_at = or_(Contact.address.in_(addresses), Contact.reply_to.in_(addresses))
    named = select(*COLUMNS).where(Contact.channel == channel.value, Contact.reference == reference, answered_at)
    return first(connection, named)


def linked(connection: Connection, contact_id: str) -> list[ContactRow]:
    """The open contacts that wait, or are served, together with this one."""
    return matching(connection, select(*COLUMNS).where(Contact.linked_to == contact_id, Contact.state.in_(IN_INDEX)))


def get_with_linked(connection: Connection, contact_id: str) -> tuple[ContactRow, list[ContactRow]]:
    """The contact with this id, and the open ones that wait, or are served, together with it. Raises NotFound."""
    together = (Contact.linked_to == contact_id) & Contact.state.in_(IN_INDEX)
    rows = matching(connection, select(*COLUMNS).where((Contact.id == contact_id) | together))
    lead = next((row for row in rows if row.id == contact_id), None)
    if lead is None:
        raise NotFound(contact_id)
    return lead, [row for row in rows if row is not lead]


def linked_to_any(connection: Connection, lead_ids: Collection[str]) -> list[ContactRow]:
    """The open contacts that wait, or are served, together with one of these."""
    if not lead_ids:
        return []
    return matching(connection, select(*COLUMNS).where(Contact.linked_to.in_(lead_ids), Contact.state.in_(IN_INDEX)))


def merged_into(connection: Connection, contact_id: str, since: datetime) -> list[ContactRow]:
    """The contacts that were merged into this one at that instant or later, first arrived first."""
    return matching(
        connection,
        select(*COLUMNS)
        .where(
            Contact.linked_to == contact_id,
            Contact.state == ContactState.CLOSED.value,
            Contact.outcome == Outcome.MERGED.value,
            Contact.closed_at >= since,
        )
        .order_by(Contact.arrived_at, Contact.id),
    )


def absorbed_by(connection: Connection, row: ContactRow) -> ContactRow | None:
    """The open contact that this one was merged into, directly or through others; None where there is none.

    What was merged is looked after there for as long as that one is open; after that it stands for itself again.
    Nobody else changes the one that is returned until the commit.
    """
    seen = {row.id}
    while row.outcome is Outcome.MERGED and row.linked_to is not None and row.linked_to not in seen:
        into = lock(connection, row.linked_to)
        if into.state is not ContactState.CLOSED:
            return into
        seen.add(into.id)
        row = into
    return None


def change(
    connection: Connection,
    row: ContactRow,
    now: datetime,
    *,
    end: WaitEnd | None = None,
    counted_from: datetime | None = None,
    **changes: Unpack[Changes],
) -> ContactRow:
    """Change the contact and return it as changed. Raises Conflict when it has changed since `row` was read.

    What it means for the contact's wait is written with it; `end` says how it ends where the new state does not. With
    `counted_from` its usager has asked again: a new wait begins, and the one before is kept (see `waits.following`).
    """
    if counted_from is not None and row.wait_began is not None:
        _keep_wait(connection, row)
    changes |= waits.following(row, changes, now, end, counted_from)
    values = {name: value.value if isinstance(value, Enum) else value for name, value in changes.items()}
    changed = connection.execute(
        update(Contact)
        .where(Contact.id == row.id, Contact.revision == row.revision)
        .values(revision=row.revision + 1, changed_at=now, **values)
        .returning(*COLUMNS)
    ).one_or_none()
    if changed is None:
        raise Conflict(row.id)
    return read(changed)


def leave_ladder(connection: Connection, row: ContactRow) -> None:
    """Put the contact on its topic's ladder, as the index has done; nothing if it has changed since `row` was read."""
    unchanged = (Contact.id == row.id, Contact.revision == row.revision)
    connection.execute(update(Contact).where(*unchanged).values(ladder=None))


def close(
    connection: Connection, row: ContactRow, outcome: Outcome, now: datetime, *, without_agent: bool = False
) -> ContactRow:
    """Close the contact and return it as closed. Raises Conflict when it has changed since `row` was read.

    `without_agent`: the closed contact names no agent.
    """
    changes = Changes(state=ContactState.CLOSED, outcome=outcome, closed_at=now)
    if without_agent:
        changes["agent"] = None
    return change(connection, row, now, **changes)


def tell_wait_end(connection: Connection, contact_id: str, end: WaitEnd) -> None:
    """Say better how the contact's wait ended: what an agent took was spam, who was promised an answer has it.

    For a wait that ended today alone (`waits.ended_today`).
    """
    connection.execute(update(Contact).where(Contact.id == contact_id).values(wait_end=end.value))


def count_as_spam(connection: Connection, row: ContactRow) -> None:
    """Let a wait that ended today count nothing, since what an agent took turned out to be spam.

    Where it counted for what was taken together with it, the first of these counts now.
    """
    tell_wait_end(connection, row.id, WaitEnd.SPAM)
    if row.wait_end is WaitEnd.ACCEPTED:
        beside = (Contact.usager_id == row.usager_id, Contact.wait_ended == row.wait_ended)
        together = select(*COLUMNS).where(*beside, Contact.wait_end == WaitEnd.TOGETHER.value)
        heir = waits.first_asked(matching(connection, together))
        if heir is not None:
            tell_wait_end(connection, heir.id, WaitEnd.ACCEPTED)


def _keep_wait(connection: Connection, row: ContactRow) -> None:
    """Keep the wait of a contact that waits anew."""
    present = Contact.__table__.c
    names = [column.name for column in EarlierWait.__table__.c if column.name not in ("id", "contact_id")]
    wait = select(present.id, *(present[name] for name in names)).where(present.id == row.id)
    connection.execute(insert(EarlierWait).from_select(["contact_id", *names], wait))


def times_accepted(connection: Connection, contact_id: str) -> int:
    """How often agents have accepted this contact."""
    counted = connection.scalar(
        select(func.count())
        .select_from(JournalEntry)
        .where(JournalEntry.contact_id == contact_id, JournalEntry.kind == "accepted")
    )
    return int(counted or 0)
