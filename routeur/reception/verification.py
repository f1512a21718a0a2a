"""A code sent to a given address: a person who says it again has shown that the address is theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from competences.channels import Channel
from routeur.contact import contacts, journal, proof_codes
from routeur.contact.identifiers import clean_reference, new_id
from routeur.contact.identity import normal_address, prove
from routeur.contact.row import COLUMNS, ContactRow
from routeur.contact.words import AddressKind, ContactState
from routeur.followups import telling
from routeur.followups.making import standing_of
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports import outbox
from routeur.ports.news import CodeAsked
from routeur.queue.linked import Joined, companion, join
from routeur.queue.queue import Queue
from routeur.reception.attempts import look_again
from routeur.record.tables import Address, Contact, StatusProof, Verification

_NOWHERE = "\0"
"""The address compared where a reference is unknown, to do the same work; nobody's address equals it."""


class Verifications:
    """Sends codes, and takes them back.

    `ask` and `confirm` are for the visitor of a contact; `ask` raises NotFound where it is unknown. The others are for
    a stranger who names a contact by its reference: they say the same, in nearly the same time, where there is no such
    contact or where that address was not left with it; where it was, the code is written to the outbox besides.
    """

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def ask(self, contact_id: str, channel: Channel, kind: AddressKind, address: str) -> None:
        """Send a new code to the address by this channel; it takes the place of the contact's earlier one."""
        now, address = self._foundation.clock(), normal_address(kind, address)
        code = proof_codes.draw()
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            connection.execute(delete(Verification).where(Verification.contact_id == contact_id))
            connection.execute(
                insert(Verification).values(
                    contact_id=contact_id, kind=kind.value, address=address, code=code, asked_at=now, tries=0
                )
            )
            self._send(connection, row, channel, address, code, now)

    def confirm(self, contact_id: str, code: str) -> bool:
        """Take the address as proved if this is its code; the contact is then linked as its usager's others are.

        False for a wrong code, one that is too old, and after too many tries.
        """
        return look_again(lambda _: self._confirm(contact_id, code))

    def proved(self, contact_id: str) -> Sequence[str]:
        """Those of the addresses left with a contact that its usager has proved."""
        theirs = and_(
            Address.usager_id == Contact.usager_id,
            or_(
                and_(Address.kind == AddressKind.EMAIL.value, Address.value == Contact.given_email),
                and_(Address.kind == AddressKind.PHONE.value, Address.value == Contact.given_phone),
            ),
        )
        with self._foundation.record.read() as connection:
            return connection.scalars(select(Address.value).join(Contact, theirs).where(Contact.id == contact_id)).all()

    def ask_for_reference(self, reference: str, channel: Channel, kind: AddressKind, address: str) -> None:
        """Send a new code to the address by this channel, if the contact of this reference has it."""
        look_again(lambda _: self._ask_for_reference(reference, channel, kind, normal_address(kind, address)))

    def confirm_for_reference(self, reference: str, kind: AddressKind, address: str, code: str) -> bool:
        """Take the address as proved for that contact, as `confirm` does, if this is the code that was sent there."""
        address = normal_address(kind, address)
        return look_again(lambda _: self._confirm_for_reference(reference, kind, address, code))

    def _ask_for_reference(self, reference: str, channel: Channel, kind: AddressKind, address: str) -> None:
        now, code, name = self._foundation.clock(), proof_codes.draw(), _name(reference, address)
        with self._foundation.record.write() as connection:
            row = _with_address(connection, reference, address)
            stale = or_(StatusProof.name == name, StatusProof.asked_at < now - proof_codes.GOOD_FOR)
            connection.execute(delete(StatusProof).where(stale))
            connection.execute(insert(StatusProof).values(name=name, code=code, asked_at=now, tries=0))
            if row is not None:
                self._send(connection, row, channel, address, code, now)

    def _send(
        self, connection: Connection, row: ContactRow, channel: Channel, address: str, code: str, now: datetime
    ) -> None:
        adapter = self._foundation.publisher.adapters[channel]
        outbox.add(connection, adapter.effects(CodeAsked(row, new_id(), address, code), ()), now)

    def _confirm(self, contact_id: str, code: str) -> bool:
        now, mine = self._foundation.clock(), Verification.contact_id == contact_id
        if not self._is_open(Verification, mine, now):
            return False
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            asked = proof_codes.answered(connection, Verification, mine, code, now)
            if asked is None:
                return False
            kind = AddressKind(asked.kind)
            given = {AddressKind.EMAIL: "given_email", AddressKind.PHONE: "given_phone"}[kind]
            connection.execute(update(Contact).where(Contact.id == contact_id).values({given: asked.address}))
            row, joined = self._prove(connection, row, kind, asked.address, now)
            follow_up = standing_of(connection, row).follow_up if row.state is ContactState.FOLLOW_UP else None
            if follow_up is not None:
                telling.tell(self._foundation, connection, row, follow_up, now, in_channel=False)
        self._follow(row, joined, now)
        return True

    def _confirm_for_reference(self, reference: str, kind: AddressKind, address: str, code: str) -> bool:
        now, named = self._foundation.clock(), StatusProof.name == _name(reference, address)
        if not self._is_open(StatusProof, named, now):
            return False
        with self._foundation.record.write() as connection:
            row = _with_address(connection, reference, address)
            asked = proof_codes.answered(connection, StatusProof, named, code, now)
            if asked is None or row is None:
                return False
            row, joined = self._prove(connection, row, kind, address, now)
        self._follow(row, joined, now)
        return True

    def _is_open(
        self, table: type[Verification] | type[StatusProof], which: ColumnElement[bool], now: datetime
    ) -> bool:
        with self._foundation.record.read() as connection:
            return proof_codes.is_open(connection, table, which, now)

    def _prove(
        self, connection: Connection, row: ContactRow, kind: AddressKind, address: str, now: datetime
    ) -> tuple[ContactRow, Joined | None]:
        """Make the address its usager's; returns the contact, and with whom it waits from now on, if with anybody."""
        usager_id = prove(connection, row.usager_id, kind, address)
        journal.write(connection, now, "address_proved", row.id, address_kind=kind.value)
        row = contacts.get(connection, row.id)
        if not row.waits or row.linked_to is not None:
            return row, None
        in_force = self._foundation.in_force
        together = companion(connection, in_force, usager_id, row.topic, row.channel, now, other_than=row.id)
        if together is None:
            return row, None
        joined = join(connection, row, together, now)
        return joined.contact, joined

    def _follow(self, row: ContactRow, joined: Joined | None, now: datetime) -> None:
        """Bring the index in line, and tell the desk."""
        if joined is not None:
            sync.remove(self._foundation.index, joined.displaced, self._foundation.clock)
            if row.linked_to is None:
                self._queue.enter(row)
            self._queue.link(joined.lead, joined.followers)
        self._foundation.announcer.tell("address_proved", now, row.id, row.agent)


def _name(reference: str, address: str) -> str:
    return sha256(f"{clean_reference(reference)}\n{address}".encode()).hexdigest()


def _with_address(connection: Connection, reference: str, address: str) -> ContactRow | None:
    """The contact of this reference, if it was made with this address or this one was left with it."""
    row = contacts.first(connection, select(*COLUMNS).where(Contact.reference == clean_reference(reference)))
    known = _addresses(row) if row is not None else (_NOWHERE,) * 3
    same = [compare_digest(one.encode(), address.encode()) for one in known]
    return row if any(same) else None


def _addresses(row: ContactRow) -> Collection[str]:
    return [one or _NOWHERE for one in (row.address, row.given_email, row.given_phone)]
