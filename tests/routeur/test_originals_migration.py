"""Originals move into their messages' rows and back, and what a channel has set aside waits to be reviewed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Table, insert, select, text

from routeur.contact.messages import original_of
from routeur.record.engine import Record, open_record
from routeur.record.migrate import alembic_config, upgrade
from routeur.record.tables import Message, Usager
from tests.clock import MONDAY_MORNING
from tests.routeur.test_given_migration import LEA, add_contact

BEFORE = "0011"
MESSAGE: Table = Message.__table__  # type: ignore[assignment]
LETTER = b"From: lea@example.org\r\n\r\n\x00\xff"


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    yield record
    record.close()


def test_originals_move_and_notices_are_to_be_reviewed(record: Record) -> None:
    with record.write() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        connection.execute(insert(Usager).values(id="lea", name="Léa", created_at=MONDAY_MORNING))
        lea = {"channel": "email", "usager_id": "lea", "address_kind": "email", "address": LEA}
        add_contact(connection, "demand", **lea)
        add_contact(connection, "notice", **lea, outcome="spam")
        add_contact(connection, "advert", **lea, outcome="spam", accepted_at=MONDAY_MORNING)
        for name in ("demand", "notice", "advert"):
            said = {"channel": "email", "direction": "in", "text": name, "at": MONDAY_MORNING, "position": 1}
            connection.execute(insert(MESSAGE).values(id=f"m-{name}", contact_id=name, **said))
        connection.execute(
            text("INSERT INTO original (message_id, media_type, content) VALUES ('m-demand', 'message/rfc822', :raw)"),
            {"raw": zlib.compress(LETTER)},
        )
    upgrade(record)
    assert original_of(record, "demand", "m-demand").content == LETTER
    with record.write() as connection:
        marked = connection.execute(select(MESSAGE.c.id, MESSAGE.c.set_aside, MESSAGE.c.original_type)).all()
        command.downgrade(alembic_config(connection), BEFORE)
        (kept,) = connection.execute(text("SELECT message_id, media_type, content FROM original")).all()
    assert {tuple(row) for row in marked} == {
        ("m-demand", None, "message/rfc822"),
        ("m-notice", "open", None),
        ("m-advert", None, None),
    }
    assert (kept[0], kept[1], zlib.decompress(kept[2])) == ("m-demand", "message/rfc822", LETTER)
