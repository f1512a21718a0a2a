"""The waits of contacts that came before waits were written down are told as the figures told them then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import String, column, insert, select, table

from routeur.contact.words import WaitEnd
from routeur.reading.service_level import Tally, service_level
from routeur.record.engine import Record, open_record
from routeur.record.migrate import alembic_config, upgrade
from routeur.record.tables import Contact, Usager, UtcDateTime
from tests.clock import MONDAY_MORNING
from tests.routeur.test_given_migration import add_contact

LATER = MONDAY_MORNING + timedelta(seconds=90)
LATEST = MONDAY_MORNING + timedelta(seconds=4000)

CONTACTS: dict[str, tuple[dict[str, Any], tuple[WaitEnd | None, float | None]]] = {
    "waits": ({}, (None, None)),
    "taken": ({"state": "active", "accepted_at": LATER}, (WaitEnd.ACCEPTED, 90)),
    "spam": ({"state": "closed", "outcome": "spam", "accepted_at": LATER, "closed_at": LATEST}, (WaitEnd.SPAM, 90)),
    "beside": (
        {"state": "closed", "outcome": "merged", "accepted_at": LATER, "closed_at": LATEST},
        (WaitEnd.TOGETHER, 90),
    ),
    "left": ({"state": "closed", "outcome": "abandoned", "closed_at": LATER}, (WaitEnd.ABANDONED, 90)),
    "settled": ({"state": "closed", "outcome": "self_served", "closed_at": LATER}, (WaitEnd.SELF_SERVED, 90)),
    "promised": ({"state": "follow_up"}, (WaitEnd.FOLLOWED_UP, 90)),
    "at-night": ({"state": "closed", "outcome": "followed_up", "closed_at": LATEST}, (WaitEnd.CLOSED, 90)),
    "asked": ({"state": "follow_up"}, (WaitEnd.ASKED, 90)),
}
REASONS = {"promised": "max-wait", "at-night": "closed", "asked": "usager-asked"}


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    yield record
    record.close()


def test_each_wait_has_its_first_outcome(record: Record) -> None:
    with record.write() as connection:
        command.upgrade(alembic_config(connection), "0012")
        connection.execute(insert(Usager).values(id="lea", created_at=MONDAY_MORNING))
        for name, (columns, _) in CONTACTS.items():
            lea = {"channel": "chat", "usager_id": "lea", "address_kind": "chat", "address": "c1"}
            add_contact(connection, name, **lea, **columns)
        for name, reason in REASONS.items():
            values = {
                "id": name, "contact_id": name, "reason": reason, "service": "accueil", "state": "open",
                "created_at": LATER, "due_at": LATEST,
            }  # fmt: skip
            types = {"created_at": UtcDateTime, "due_at": UtcDateTime}
            connection.execute(
                insert(table("follow_up", *(column(key, types.get(key, String)) for key in values))).values(values)
            )
    upgrade(record)
    with record.read() as connection:
        rows = connection.execute(select(*Contact.__table__.c)).all()
    assert {row.id: row.wait_end for row in rows} == {name: end for name, (_, (end, _)) in CONTACTS.items()}
    assert {row.id: row.waited_seconds for row in rows} == {
        name: pytest.approx(seconds, abs=0.001) if seconds else None for name, (_, (_, seconds)) in CONTACTS.items()
    }
    assert {row.wait_began for row in rows} == {MONDAY_MORNING}
    level = service_level(record, MONDAY_MORNING, LATER)
    assert level.total == Tally(within=2, counted=4, left_out=3, while_closed=1)
