"""Who has asked that a number of ours write to them no more; per number of theirs and of ours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from competences.channels import CHANNELS
from routeur.clock import Clock
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind
from routeur.record.engine import Record
from routeur.record.tables import OptOut


def note(
    connection: Connection, address: str, service_address: str, *, out: bool, event_id: str, now: datetime
) -> None:
    """Write down what the person at this (normal) address wants of our `service_address`."""
    connection.execute(
        insert(OptOut).values(event_id=event_id, address=address, service_address=service_address, out=out, at=now)
    )


def is_noted(connection: Connection, event_id: str) -> bool:
    """Whether what this event said is written down."""
    return connection.scalar(select(OptOut.id).where(OptOut.event_id == event_id)) is not None


def holds(connection: Connection, address: str, service_address: str) -> bool:
    """Whether our `service_address` must not write to this address."""
    last = select(OptOut.out).where(OptOut.address == address, OptOut.service_address == service_address)
    return bool(connection.scalar(last.order_by(OptOut.id.desc()).limit(1)))


def among(connection: Connection, rows: Collection[ContactRow]) -> frozenset[str]:
    """The ids of those contacts whose usager wants no answer from the number that they wrote to."""
    asked = {row.id: (row.address, row.service_address) for row in rows if _is_written_to_by_number(row)}
    if not asked:
        return frozenset()
    said = connection.execute(
        select(OptOut.address, OptOut.service_address, OptOut.out)
        .where(OptOut.address.in_({address for address, _ in asked.values()}))
        .order_by(OptOut.id)
    ).all()
    last = {(one.address, one.service_address): one.out for one in said}
    return frozenset(contact_id for contact_id, pair in asked.items() if last.get(pair))


def _is_written_to_by_number(row: ContactRow) -> bool:
    numbers = row.address_kind is AddressKind.PHONE and bool(row.address) and row.service_address is not None
    return numbers and CHANNELS[row.channel].written


class OptOuts:
    """The same for what leaves later: asked again just before, and told when the network knows better."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def hold(self, address: str, service_address: str) -> bool:
        """Whether our `service_address` must not write to this address."""
        with self._record.read() as connection:
            return holds(connection, address, service_address)

    def learn(self, address: str, service_address: str, event_id: str) -> None:
        """Write down that the network refuses what we write, because the person has told it so."""
        with self._record.write() as connection:
            if not is_noted(connection, event_id):
                note(connection, address, service_address, out=True, event_id=event_id, now=self._clock())
