"""A contact in a list: its row, its usager, and where the index has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from routeur.contact.row import ContactRow
from routeur.contact.words import ContactState
from routeur.index import ContactSnapshot
from routeur.record.tables import Address, Usager


@dataclass(frozen=True)
class UsagerView:
    """The usager, and how to reach them."""

    id: str
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class ContactView:
    """A contact in a list; `state` is `offered` while the index proposes it to `agent`."""

    id: str
    reference: str
    channel: str
    state: str
    outcome: str | None
    topic: str | None
    language: str
    subject: str | None
    usager: UsagerView
    arrived_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    agent: str | None
    linked_to: str | None
    revision: int


def contact_view(row: ContactRow, usager: UsagerView, snapshot: ContactSnapshot | None) -> ContactView:
    """The contact as it is shown; `snapshot` is where the index has it, if it waits there."""
    state, agent = row.state, row.agent
    if row.waits and snapshot is not None and snapshot.state == ContactState.OFFERED:
        state, agent = ContactState.OFFERED, snapshot.agent
    return ContactView(
        id=row.id,
        reference=row.reference,
        channel=row.channel.value,
        state=state.value,
        outcome=row.outcome.value if row.outcome is not None else None,
        topic=row.topic,
        language=row.language,
        subject=row.subject,
        usager=usager,
        arrived_at=row.arrived_at,
        accepted_at=row.accepted_at,
        closed_at=row.closed_at,
        agent=agent,
        linked_to=row.linked_to,
        revision=row.revision,
    )


def usagers_of(connection: Connection, rows: Collection[ContactRow]) -> Mapping[str, UsagerView]:
    """The usagers of these contacts by id, each with the phone number and the e-mail address that come first."""
    ids = {row.usager_id for row in rows}
    if not ids:
        return {}
    named: dict[str, str | None] = {}
    reach: dict[tuple[str, str], str] = {}
    query = (
        select(Usager.id, Usager.name, Address.kind, Address.value)
        .outerjoin(Address, Address.usager_id == Usager.id)
        .where(Usager.id.in_(ids))
    )
    for row in connection.execute(query):
        named[row.id] = row.name
        reach.setdefault((row.id, row.kind), row.value)
    return {
        usager_id: UsagerView(usager_id, name, reach.get((usager_id, "phone")), reach.get((usager_id, "email")))
        for usager_id, name in named.items()
    }
