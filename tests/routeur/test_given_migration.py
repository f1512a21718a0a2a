"""What was typed before the difference was kept is moved to its contact, and proves nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Table, insert, select

from routeur.record.engine import Record, open_record
from routeur.record.migrate import alembic_config, upgrade
from routeur.record.tables import Address, Contact, Usager
from tests.clock import MONDAY_MORNING

LEA = "lea@example.org"
PHONE = "+33639980011"
GIVEN = ("given_name", "given_email", "given_phone")
CONTACT: Table = Contact.__table__  # type: ignore[assignment]


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    yield record
    record.close()


def add_contact(connection: Connection, name: str, **columns: Any) -> None:
    values = {
        "id": name, "reference": name, "provider_ref": f"ref-{name}", "state": "waiting", "language": "fr",
        "arrived_at": MONDAY_MORNING, "queued_at": MONDAY_MORNING, "waiting_since": MONDAY_MORNING, "revision": 1,
        "changed_at": MONDAY_MORNING, "message_count": 0, **columns,
    }  # fmt: skip
    connection.execute(insert(CONTACT).values(values))


def test_what_was_typed_is_given_and_what_a_channel_proved_stays(record: Record) -> None:
    with record.write() as connection:
        command.upgrade(alembic_config(connection), "0003")
        for usager in ("lea", "visitor"):
            connection.execute(insert(Usager).values(id=usager, name=usager, created_at=MONDAY_MORNING))
        for kind, value, usager in [("email", LEA, "lea"), ("phone", PHONE, "visitor"), ("chat", "c1", "visitor")]:
            connection.execute(insert(Address).values(kind=kind, value=value, usager_id=usager))
        add_contact(connection, "letter", channel="email", usager_id="lea", address_kind="email", address=LEA)
        add_contact(connection, "visit", channel="walkin", usager_id="visitor", address_kind="phone", address=PHONE)
        add_contact(connection, "chat", channel="chat", usager_id="visitor", address_kind="chat", address="c1")
    upgrade(record)
    with record.read() as connection:
        proved = {tuple(row) for row in connection.execute(select(Address.value, Address.usager_id))}
        columns = ("address_kind", "address", *GIVEN)
        rows = connection.execute(select(CONTACT.c.id, *(CONTACT.c[name] for name in columns))).all()
    assert proved == {(LEA, "lea"), ("c1", "visitor")}
    assert {row[0]: tuple(row[1:]) for row in rows} == {
        "letter": ("email", LEA, None, None, None),
        "visit": ("ticket", "ref-visit", "visitor", None, PHONE),
        "chat": ("chat", "c1", "visitor", None, PHONE),
    }
