"""Where the clock of a demonstration starts: at CLOCK_START, unless that would turn back the time of the record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from application.wiring.core import Core
from competences.calendar import Calendar
from routeur.record.tables import AgentPresence, JournalEntry


def first_instant(core: Core, start: datetime) -> datetime:
    """When the clock of this run begins."""
    with core.record.read() as connection:
        newest = select(func.max(JournalEntry.id)).scalar_subquery()
        facts = (
            connection.scalar(select(JournalEntry.at).where(JournalEntry.id == newest)),
            connection.scalar(select(func.max(AgentPresence.since))),
        )
    last = max((fact for fact in facts if fact is not None), default=start)
    return same_hour_from(start, last, core.plans.current().calendar)


def same_hour_from(start: datetime, last: datetime, calendar: Calendar) -> datetime:
    """`start`, or its hour on the first day that is not before `last` and finds the town hall as open."""
    open_then = calendar.is_open(start)
    instant = start
    while instant < last or calendar.is_open(instant) != open_then:
        instant += timedelta(days=1)
    return instant
