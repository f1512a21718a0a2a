"""Who is asking: one usager behind several addresses."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from competences.phone_numbers import e164
from routeur.contact.identifiers import new_id
from routeur.contact.words import AddressKind
from routeur.record.tables import Address, Usager

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


def identify(connection: Connection, addresses: list[tuple[AddressKind, str]], name: str | None, now: datetime) -> str:
    """Return the id of the usager who has these (normal) addresses; make a new usager where there is none.

    Unknown addresses become that usager's. Where the addresses belong to different usagers, the first one decides and
    the others keep their owners.
    """
    rows = connection.execute(
        select(Address.kind, Address.value, Address.usager_id).where(
            Address.value.in_([value for _, value in addresses])
        )
    ).all()
    known = {(row.kind, row.value): row.usager_id for row in rows}
    owners = [known[key] for key in ((kind.value, value) for kind, value in addresses) if key in known]
    if owners:
        usager_id: str = owners[0]
        if name:
            connection.execute(update(Usager).where(Usager.id == usager_id, Usager.name.is_(None)).values(name=name))
    else:
        usager_id = new_id()
        connection.execute(insert(Usager).values(id=usager_id, name=name, created_at=now))
    missing = [(kind, value) for kind, value in addresses if (kind.value, value) not in known]
    if missing:
        connection.execute(
            insert(Address), [{"kind": kind.value, "value": value, "usager_id": usager_id} for kind, value in missing]
        )
    return usager_id
