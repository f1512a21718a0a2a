"""Who has asked that a number of ours write to them no more; per number of theirs and of ours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select
from sqlalchemy.orm import aliased

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


def is_opted_out(connection: Connection, address: str, service_address: str) -> bool:
    """Whether our `service_address` must not write to this address."""
    last = _last_word(connection, address, service_address)
    return last is not None and bool(last.out)


def opted_out_numbers(connection: Connection, address: str) -> frozenset[str]:
    """The numbers of ours that must not write to this address."""
    said = select(OptOut.service_address, OptOut.out).where(OptOut.address == address).order_by(OptOut.id)
    last = {one.service_address: one.out for one in connection.execute(said)}
    return frozenset(ours for ours, out in last.items() if out)


def forget(connection: Connection, before: datetime) -> None:
    """Delete the words said before this instant that count no longer: those taken back or repeated since, and START.

    The last STOP stays: what was asked is honoured until START.
    """
    later = aliased(OptOut)
    superseded = exists().where(
        later.address == OptOut.address, later.service_address == OptOut.service_address, later.id > OptOut.id
    )
    connection.execute(delete(OptOut).where(OptOut.at < before, or_(superseded, ~OptOut.out)))


def opted_out_contacts(connection: Connection, rows: Collection[ContactRow]) -> frozenset[str]:
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


def _last_word(connection: Connection, address: str, service_address: str) -> Any:
    """The row (`out`, `at`) of what the person said last about this number of ours; None if they said nothing."""
    said = select(OptOut.out, OptOut.at).where(OptOut.address == address, OptOut.service_address == service_address)
    return connection.execute(said.order_by(OptOut.id.desc()).limit(1)).one_or_none()


def _is_written_to_by_number(row: ContactRow) -> bool:
    numbers = row.address_kind is AddressKind.PHONE and bool(row.address) and row.service_address is not None
    return numbers and CHANNELS[row.channel].written


class OptOuts:
    """The same for what leaves later: asked again just before, and told when the network knows better."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def is_opted_out(self, address: str, service_address: str) -> bool:
        """Whether our `service_address` must not write to this address."""
        with self._record.read() as connection:
            return is_opted_out(connection, address, service_address)

    def note_refusal(self, address: str, service_address: str, event_id: str, left_at: datetime | None) -> None:
        """Write down that the network refuses what we write, because the person has told it so.

        `left_at` is when the refused text left, None where nobody knows. A START said since then is newer than the
        refusal, and counts: if the network refuses all the same, it will refuse the next text at once.
        """
        with self._record.write() as connection:
            if is_noted(connection, event_id):
                return
            last = _last_word(connection, address, service_address)
            if last is not None and not last.out and (left_at is None or left_at < last.at):
                return
            note(connection, address, service_address, out=True, event_id=event_id, now=self._clock())
