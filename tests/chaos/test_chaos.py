"""kill -9 of anything, under traffic: nothing acknowledged is lost, nothing is held twice, everything ends.

`CHAOS_SECONDS` (30) is how long the storm lasts, `CHAOS_SEED` which one it is, `CHAOS_PACE` (0.35) how many seconds
pass between two people on one channel, `CHAOS_DATABASE` (postgres) may be sqlite.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from application.processes.embedded_redis import socket_path
from routeur.record.engine import Record, open_record
from tests.chaos.audit import Audit
from tests.chaos.ledger import Ledger
from tests.chaos.monkey import Monkey
from tests.chaos.staff import Staff
from tests.chaos.traffic import Street
from tests.e2e.town_hall import open_town_hall
from tests.e2e.waiting import eventually
from tests.smtp_server import smtp_server
from tests.twilio_stand_in import twilio_stand_in

STORM_SECONDS = float(os.environ.get("CHAOS_SECONDS", "30"))
DATABASE = os.environ.get("CHAOS_DATABASE", "postgres")
PACE = float(os.environ.get("CHAOS_PACE", "0.35"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
TWO_DAYS_LATER = "2026-03-04T11:00:00+01:00"
CALM_SECONDS = 40.0


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty record."""
    return str(request.getfixturevalue(DATABASE))


@pytest.fixture
def record(url: str) -> Iterator[Record]:
    opened = open_record(url)
    yield opened
    opened.close()


@pytest.mark.xdist_group("chaos")
def test_nothing_is_lost_when_anything_dies(
    url: str, record: Record, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ledger = Ledger()
    audit = Audit(record, ledger)
    with twilio_stand_in() as phones, smtp_server() as mailbox:
        town = open_town_hall(tmp_path, url, phones, mailbox)
        try:
            staff, street, monkey = Staff(town, ledger, SEED), Street(town, ledger, SEED, PACE), Monkey(town, SEED)
            staff.come_in()
            street.open()
            monkey.start()
            threading.Event().wait(STORM_SECONDS)
            monkey.stop()
            street.close()

            eventually(town.is_ready, "everything works again", CALM_SECONDS)
            with Redis.from_url(f"unix://{socket_path(tmp_path / 'var')}", decode_responses=True) as redis:
                after_storm = audit.differences(redis)
                staff.be_diligent()
                eventually(lambda: not audit.differences(redis), "index and record agree", CALM_SECONDS)
            staff.go_home()
            in_the_evening = audit.states()
        finally:
            town.stop()
        # What waits still has its deadlines: two days later they have passed.
        town = open_town_hall(tmp_path, url, phones, mailbox, clock_start=TWO_DAYS_LATER)
        try:
            eventually(lambda: not audit.not_ended(), f"everything has ended: {audit.not_ended()}", CALM_SECONDS)
            eventually(lambda: not audit.unsent(), f"everything has left: {audit.unsent()[:5]}", CALM_SECONDS)
        finally:
            town.stop()

    found = audit.findings()
    letters = Counter(str(letter["In-Reply-To"]) for letter in mailbox.messages if "Auto-Submitted" in letter)
    unanswered = sorted(ledger.emails - set(letters))
    figures = [
        f"killed -9 in {STORM_SECONDS:.0f} s (seed {SEED}): {dict(monkey.killed)}, stalled {dict(monkey.stalled)}",
        f"met: {dict(sorted(ledger.counts.items()))}",
        f"in no place when the storm ended: {len(after_storm)}, after the repair: 0",
        f"in the evening: {dict(in_the_evening)}",
        f"e-mails {len(ledger.emails)}, without an acknowledgement {len(unanswered)} {unanswered[:5]}",
        f"hostile letters {len(ledger.poison)}",
        *found.lines(),
    ]
    record_property("figures", "\n".join(figures))
    assert phones.violations == []
    assert found.acknowledged > STORM_SECONDS
    assert ledger.poison
    assert found.lost == []
    assert unanswered == []
    assert found.not_ended == []
    assert found.held_twice == []
    assert found.over_capacity == []
    assert found.twice == []
