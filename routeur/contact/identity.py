"""Who is asking: one usager behind the addresses that they have proved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from competences.phone_numbers import e164
from routeur.contact.identifiers import new_id
from routeur.contact.words import REACHED, AddressKind
from routeur.record.tables import Address, Contact, Usager

_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
"""A phone number in normal form; parsing it once more would cost more than recording it."""


def normal_address(kind: AddressKind, value: str) -> str:
    """The normal form of an address: E.164 for phone numbers, lower case for e-mail.

    What is no phone number (a withheld caller's, a short code) is kept as it came.
    """
    value = value.strip()
    if kind is AddressKind.EMAIL:
        return value.lower()
    if kind is AddressKind.PHONE and not _E164.fullmatch(value):
        return e164(value) or value
    return value


@dataclass(frozen=True)
class Given:
    """What somebody typed of themselves, or had typed: it reaches them, and proves nothing.

    `confirmed`: somebody on the staff has had them read it.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    confirmed: bool = False

    @property
    def confirmed_kinds(self) -> list[str] | None:
        """Which of its addresses are confirmed; None for none."""
        known = {AddressKind.EMAIL.value: self.email, AddressKind.PHONE.value: self.phone}
        return [kind for kind, address in known.items() if address] or None if self.confirmed else None

    @property
    def normal(self) -> Given:
        """The same, with its addresses in their normal form."""
        return Given(
            self.name,
            normal_address(AddressKind.EMAIL, self.email) if self.email else None,
            normal_address(AddressKind.PHONE, self.phone) if self.phone else None,
            self.confirmed,
        )


@dataclass(frozen=True)
class ReachedAddress:
    """An address at which a person can be reached."""

    kind: AddressKind
    address: str


def identify(connection: Connection, kind: AddressKind, address: str, name: str | None, now: datetime) -> str:
    """Return the id of the usager who has this (normal, proved) address; make a new usager where there is none."""
    owner = owner_of(connection, kind, address)
    if owner is not None:
        if name:
            connection.execute(update(Usager).where(Usager.id == owner, Usager.name.is_(None)).values(name=name))
        return owner
    usager_id = new_id()
    connection.execute(insert(Usager).values(id=usager_id, name=name, created_at=now))
    connection.execute(insert(Address).values(kind=kind.value, value=address, usager_id=usager_id))
    return usager_id


def owner_of(connection: Connection, kind: AddressKind, address: str) -> str | None:
    """The id of the usager who has proved this address, or None."""
    return connection.scalar(select(Address.usager_id).where(Address.kind == kind.value, Address.value == address))


def proved_addresses(connection: Connection, usager_id: str) -> list[ReachedAddress]:
    """The addresses at which an usager can be reached, and which they have proved to be theirs."""
    theirs = Address.usager_id == usager_id, Address.kind.in_([kind.value for kind in REACHED])
    rows = connection.execute(select(Address.kind, Address.value).where(*theirs).order_by(Address.value))
    return [ReachedAddress(AddressKind(row.kind), row.value) for row in rows]


def confirm(connection: Connection, contact_id: str, kind: AddressKind, address: str, before: Sequence[str]) -> None:
    """Note that somebody on the staff has confirmed a (normal) address with the person; it takes the place of another.

    `before`: the kinds that were confirmed with this contact already. That proves nothing: it may be written to.
    """
    column = {AddressKind.EMAIL: "given_email", AddressKind.PHONE: "given_phone"}[kind]
    values = {column: address, "confirmed": sorted({*before, kind.value})}
    connection.execute(update(Contact).where(Contact.id == contact_id).values(values))


def prove(connection: Connection, usager_id: str, kind: AddressKind, address: str) -> str:
    """Make a (normal) address proved for this usager, and return whose it now is.

    Where somebody has proved it before, the two are one person: the earlier one takes over the contacts and addresses.
    """
    owner = owner_of(connection, kind, address)
    if owner is None:
        connection.execute(insert(Address).values(kind=kind.value, value=address, usager_id=usager_id))
        return usager_id
    if owner != usager_id:
        for table in (Address, Contact):
            connection.execute(update(table).where(table.usager_id == usager_id).values(usager_id=owner))
    return owner
