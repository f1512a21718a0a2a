"""The migrations make exactly the tables that the code uses, on each database, also if many run them at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select

from routeur.record.engine import Record, open_record
from routeur.record.migrate import differences, is_current, upgrade
from routeur.record.tables import Address, Usager
from tests.clock import MONDAY_MORNING


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    record = open_record(record_url)
    yield record
    record.close()


def test_the_migrations_and_the_tables_agree(record: Record) -> None:
    upgrade(record)
    assert differences(record) == []


def test_a_record_is_current_once_upgraded(record: Record) -> None:
    assert not is_current(record)
    upgrade(record)
    assert is_current(record)


def test_upgrading_again_changes_nothing(record: Record) -> None:
    upgrade(record)
    upgrade(record)
    assert is_current(record)


def test_several_processes_may_upgrade_at_once(record_url: str, record: Record) -> None:
    code = (
        "import sys; from routeur.record.engine import open_record; from routeur.record.migrate import upgrade;"
        "record = open_record(sys.argv[1]); upgrade(record); record.close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, record_url]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert is_current(record)


def test_a_channel_to_come_may_name_its_kind_of_address_in_sixteen_letters(record: Record) -> None:
    upgrade(record)
    with record.write() as connection:
        connection.execute(insert(Usager).values(id="u1", created_at=MONDAY_MORNING))
        connection.execute(insert(Address).values(kind="a-kind-of-16-let", value="x", usager_id="u1"))
        assert connection.scalars(select(Address.kind)).one() == "a-kind-of-16-let"
