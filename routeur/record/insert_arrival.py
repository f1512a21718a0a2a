"""Writing down an arrival: usager, address, contact and journal entry, in as few trips to the database as possible.

Every webhook waits for it. PostgreSQL inserts all in one statement; SQLite, which has no INSERT inside WITH but costs
no trip, inserts row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, insert, select, text
from sqlalchemy.dialects import postgresql

from routeur.record.tables import Address, Contact, JournalEntry, Usager

_CONTACT: Table = Contact.__table__  # type: ignore[assignment]
_JOURNAL: Table = JournalEntry.__table__  # type: ignore[assignment]


def insert_arrival(
    connection: Connection,
    contact: Mapping[str, Any],
    *,
    usager_known: bool,
    name: str | None,
    now: datetime,
    detail: Mapping[str, Any],
) -> str:
    """Insert the contact (all columns) and its journal entry; returns its usager's id.

    `usager_known`: the usager of `contact["usager_id"]` is in the record. Otherwise the usager with the contact's
    address is looked up; if there is none, one is made with that id and `name`.
    Raises IntegrityError when the contact is recorded already, or another process has just made the same usager.
    """
    if connection.dialect.name != "postgresql":
        return _row_by_row(connection, contact, usager_known, name, now, detail)
    values = {**contact, "new_name": name, "now": now, "detail": dict(detail)}
    return str(connection.execute(_whole(tuple(contact), usager_known), values).scalar_one())


def _row_by_row(
    connection: Connection,
    contact: Mapping[str, Any],
    usager_known: bool,
    name: str | None,
    now: datetime,
    detail: Mapping[str, Any],
) -> str:
    usager_id = str(contact["usager_id"])
    if not usager_known:
        kind, value = contact["address_kind"], contact["address"]
        owner = connection.scalar(select(Address.usager_id).where(Address.kind == kind, Address.value == value))
        if owner is None:
            connection.execute(insert(Usager).values(id=usager_id, name=name, created_at=now))
            connection.execute(insert(Address).values(kind=kind, value=value, usager_id=usager_id))
        usager_id = owner or usager_id
    connection.execute(insert(_CONTACT).values({**contact, "usager_id": usager_id}))
    connection.execute(insert(_JOURNAL).values(at=now, kind="arrived", contact_id=contact["id"], detail=dict(detail)))
    return usager_id


@lru_cache(maxsize=2)
def _whole(columns: tuple[str, ...], usager_known: bool) -> TextClause:
    """The statement that inserts a contact with these columns whole."""
    usager = ":usager_id" if usager_known else "coalesce((SELECT usager_id FROM known), (SELECT id FROM person))"
    given = [_cast(name) if name != "usager_id" else usager for name in columns]
    people = ""
    if not usager_known:
        people = """
            known AS (SELECT usager_id FROM address WHERE kind = :address_kind AND value = :address),
            person AS (INSERT INTO usager (id, name, created_at)
                SELECT :usager_id, :new_name, :now WHERE NOT EXISTS (SELECT FROM known) RETURNING id),
            reach AS (INSERT INTO address (kind, value, usager_id)
                SELECT :address_kind, :address, id FROM person),"""
    statement = f"""
        WITH {people}
            arrived AS (INSERT INTO contact ({", ".join(columns)})
                SELECT {", ".join(given)} RETURNING id, usager_id),
            story AS (INSERT INTO journal (at, kind, contact_id, detail)
                SELECT :now, 'arrived', id, CAST(:detail AS JSON) FROM arrived)
        SELECT usager_id FROM arrived"""  # noqa: S608 (the names are those of our own columns)
    types = {column.name: column.type for column in _CONTACT.c if column.name in columns}
    return text(statement).bindparams(
        *(bindparam(name, type_=type_) for name, type_ in types.items()),
        bindparam("now", type_=_JOURNAL.c.at.type),
        bindparam("detail", type_=_JOURNAL.c.detail.type),
    )


def _cast(name: str) -> str:
    """The parameter with its type: PostgreSQL does not infer it through a SELECT."""
    type_ = _CONTACT.c[name].type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return f"CAST(:{name} AS {type_})"
