"""The start of a demonstration's clock: CLOCK_START, or the same hour of a later day if the record is past it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from application.wiring.core import Core
from competences.calendar import Calendar
from routeur.record.tables import AgentPresence, JournalEntry


def first_instant(core: Core, start: datetime) -> datetime:
    """The instant at which the clock of this run begins."""
    with core.record.read() as connection:
        newest = select(func.max(JournalEntry.id)).scalar_subquery()
        facts = (
            connection.scalar(select(JournalEntry.at).where(JournalEntry.id == newest)),
            connection.scalar(select(func.max(AgentPresence.since))),
        )
    last = max((fact for fact in facts if fact is not None), default=start)
    return same_hour_from(start, last, core.plans.current().calendar)


def same_hour_from(start: datetime, last: datetime, calendar: Calendar) -> datetime:
    """`start`, or the same hour of the first later day that is not before `last` and as open, or closed, as `start`."""
    open_then = calendar.is_open(start)
    instant = start
    while instant < last or calendar.is_open(instant) != open_then:
        instant += timedelta(days=1)
    return instant
