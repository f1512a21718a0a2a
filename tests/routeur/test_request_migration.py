"""What usagers were promised before a request had to be said to be one still holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import Date, String, column, insert, select, table

from competences.legal_clock import Regime
from routeur.contact.legal_requests import read_request
from routeur.record.engine import Record, open_record
from routeur.record.migrate import alembic_config, upgrade
from routeur.record.tables import Contact, Usager, UtcDateTime
from tests.clock import MONDAY_MORNING
from tests.routeur.test_given_migration import add_contact

LATE = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
"""It is the 31st in Paris, and the 30th in Martinique."""

TYPES = {"created_at": UtcDateTime, "due_at": UtcDateTime, "acknowledge_by": Date, "silence_on": Date}

PROMISED = [
    (MONDAY_MORNING, date(2026, 5, 2), date(2026, 3, 2), 2),
    (MONDAY_MORNING, date(2026, 4, 2), date(2026, 3, 2), 1),
    (LATE, date(2026, 2, 28), date(2026, 1, 31), 1),
    (LATE, date(2026, 3, 30), date(2026, 1, 30), 2),
]


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    yield record
    record.close()


@pytest.mark.parametrize(("received", "silence_on", "received_on", "months"), PROMISED)
def test_a_follow_up_with_a_date_of_silence_is_a_request(
    record: Record, received: datetime, silence_on: date, received_on: date, months: int
) -> None:
    with record.write() as connection:
        command.upgrade(alembic_config(connection), "0006")
        connection.execute(insert(Usager).values(id="lea", created_at=received))
        for name in ("promised", "asked"):
            add_contact(
                connection,
                name,
                channel="email",
                usager_id="lea",
                address_kind="email",
                address="lea@example.org",
                arrived_at=received,
                queued_at=received,
            )
        values = {
            "id": "f1", "contact_id": "promised", "reason": "closed", "service": "urbanisme", "state": "open",
            "created_at": received, "due_at": received, "acknowledge_by": date(2026, 3, 16),
            "silence_means": "acceptance", "silence_on": silence_on,
        }  # fmt: skip
        follow_up = table("follow_up", *(column(name, TYPES.get(name, String)) for name in values))
        connection.execute(insert(follow_up).values(values))
    upgrade(record)
    with record.read() as connection:
        kept = {row.id: row.request for row in connection.execute(select(Contact.id, Contact.request))}
    assert kept["asked"] is None
    request = read_request(kept["promised"])
    assert request is not None
    assert (request.received_on, request.regime) == (received_on, Regime("acceptance", months))
    assert (request.silence_on, request.acknowledge_by) == (silence_on, date(2026, 3, 16))
