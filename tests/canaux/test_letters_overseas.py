"""The letter and the record say the same legal dates: overseas too, and when midnight passes between the two."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from redis import Redis
from sqlalchemy import select

from canaux.development import ConsoleMail
from canaux.email.channel import EmailChannel
from canaux.wording import day_in_words
from competences.channels import Channel
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.record.tables import OutboxEntry
from tests.clock import ManualClock
from tests.contacts import words_alone
from tests.routeur.hall import PLAN, Hall

COMMUNES = [
    # in Paris it is Tuesday 3 March, half past midnight
    ("America/Martinique", datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "lundi 2 mars 2026", date(2026, 5, 2)),
    # in Paris it is Monday 2 March, ten in the evening
    ("Indian/Reunion", datetime(2026, 3, 2, 21, 0, tzinfo=UTC), "mardi 3 mars 2026", date(2026, 5, 3)),
]

SECRET = "secret-key-for-tests"


def asked(hall: Hall) -> tuple[str, date | None]:
    """Ask for a permit by a form, at night; returns the acknowledgement, and when silence accepts by the record."""
    form = Inbound(
        Channel.EMAIL,
        AddressKind.EMAIL,
        "lea@example.org",
        text="Ma demande",
        topic="permis-construire",
        is_request=True,
    )
    contact = hall.reception.receive(form).standing.contact.id
    legal = hall.views.contacts.full(contact).legal
    with hall.record.read() as connection:
        letter = connection.scalars(select(OutboxEntry.payload).where(OutboxEntry.contact_id == contact)).one()["body"]
    return letter, legal.silence_on if legal is not None else None


@pytest.mark.parametrize(("timezone", "arrival", "received", "silence_on"), COMMUNES)
def test_the_letter_and_the_record_say_the_same_legal_dates(
    sqlite: str, redis_client: Redis, timezone: str, arrival: datetime, received: str, silence_on: date
) -> None:
    hall = Hall(sqlite, redis_client, ManualClock(arrival), PLAN.read_text("utf-8").replace("Europe/Paris", timezone))
    hall.adapt(
        EmailChannel(
            sender="mairie@petit-bourg.example",
            secret=SECRET,
            plans=hall.plans.current,
            answers=words_alone,
            transport=ConsoleMail(),
            clock=hall.clock,
        )
    )
    letter, recorded = asked(hall)
    hall.close()
    assert recorded == silence_on
    assert f"Votre demande a été reçue le {received}." in letter
    assert f"le {day_in_words(silence_on, 'fr', year=True)}, votre demande est acceptée" in letter


class SlowClock(ManualClock):
    """A clock by which each look takes seconds."""

    def __call__(self) -> datetime:
        self.advance(3)
        return super().__call__()


def test_the_letter_and_the_record_agree_when_midnight_passes_between_them(sqlite: str, redis_client: Redis) -> None:
    clock = SlowClock(datetime(2026, 3, 2, 22, 50, tzinfo=UTC))
    hall = Hall(sqlite, redis_client, clock)
    hall.adapt(
        EmailChannel(
            sender="mairie@petit-bourg.example",
            secret=SECRET,
            plans=hall.plans.current,
            answers=words_alone,
            transport=ConsoleMail(),
            clock=clock,
        )
    )
    clock.set(datetime(2026, 3, 2, 22, 59, 50, tzinfo=UTC))  # ten seconds to midnight in Paris
    letter, recorded = asked(hall)
    hall.close()
    assert recorded is not None
    assert f"le {day_in_words(recorded, 'fr', year=True)}, votre demande est acceptée" in letter
