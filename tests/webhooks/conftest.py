"""A town hall with its webhooks, on real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.clock import ManualClock
from tests.routeur.hall import Hall
from tests.smtp_server import Mailbox, smtp_server
from tests.twilio_stand_in import TwilioStandIn, twilio_stand_in
from tests.webhooks.mounted_street import Street


@pytest.fixture
def hall(sqlite: str, redis_client: Redis, clock: ManualClock) -> Iterator[Hall]:
    hall = Hall(sqlite, redis_client, clock)
    yield hall
    hall.close()


@pytest.fixture
def twilio() -> Iterator[TwilioStandIn]:
    """Twilio; the test fails if anything it was sent is not as its document says."""
    with twilio_stand_in() as stand_in:
        yield stand_in
    assert stand_in.violations == []


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def street(hall: Hall, twilio: TwilioStandIn, mailbox: Mailbox) -> Iterator[Street]:
    street = Street(hall, twilio, mailbox.url)
    yield street
    street.close()
