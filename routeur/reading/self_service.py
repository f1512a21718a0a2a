"""Counting the people who found their answer online, by topic and month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, or_, select

from competences.channels import channels_where
from routeur.contact.words import Outcome
from routeur.record.engine import Record
from routeur.record.tables import Contact

WRITTEN_CHANNELS: Final = channels_where(lambda traits: traits.written)
"""The channels on which a link can be given."""


@dataclass(frozen=True)
class SelfServed:
    """The contacts about one topic that arrived in one month (`2026-11`), and how many of them were self-served."""

    month: str
    topic: str
    self_served: int
    contacts: int

    @property
    def share(self) -> float:
        """The self-served part of the contacts, from 0 to 1."""
        return self.self_served / self.contacts


def self_served(record: Record, start: datetime, end: datetime, zone: ZoneInfo) -> Sequence[SelfServed]:
    """Count, by month in `zone` and topic, the contacts in writing that arrived from `start` on and before `end`.

    Open contacts count too; spam, merged contacts and contacts without a topic do not.
    """
    months = list(_months(start, end, zone))
    if not months:
        return []
    month = case(*((Contact.arrived_at < after, name) for name, after in months), else_="").label("month")
    arrived = (
        select(month, Contact.topic, case((Contact.outcome == Outcome.SELF_SERVED.value, 1), else_=0).label("settled"))
        .where(
            Contact.arrived_at >= start,
            Contact.arrived_at < end,
            Contact.channel.in_([channel.value for channel in WRITTEN_CHANNELS]),
            Contact.topic.is_not(None),
            or_(Contact.outcome.is_(None), Contact.outcome.not_in([Outcome.MERGED.value, Outcome.SPAM.value])),
        )
        .subquery()
    )
    query = (
        select(arrived.c.month, arrived.c.topic, func.sum(arrived.c.settled).label("settled"), func.count().label("n"))
        .group_by(arrived.c.month, arrived.c.topic)
        .order_by(arrived.c.month, arrived.c.topic)
    )
    with record.read() as connection:
        return [SelfServed(row.month, row.topic, int(row.settled), row.n) for row in connection.execute(query)]


def _months(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[str, datetime]]:
    """The months of the period, as `2026-11`, each with the instant at which it ends."""
    first, last = start.astimezone(zone).date().replace(day=1), end.astimezone(zone).date()
    while start < end and first <= last:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        yield f"{first:%Y-%m}", datetime.combine(following, time.min, zone)
        first = following
