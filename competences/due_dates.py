"""The town hall's commitment to a person who asked: who answers, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from competences.calendar import Calendar
from competences.plan.plan import Plan


@dataclass(frozen=True)
class Commitment:
    """Who answers by when; what the law adds for a request is `legal_clock`'s."""

    service: str
    due_at: datetime


def commitment(plan: Plan, calendar: Calendar, topic: str | None, at: datetime) -> Commitment:
    """The commitment made at this instant. A topic that is not in the plan is a general question.

    The due date is counted in the plan's working days from now.
    """
    rules = plan.topics.get(topic) if topic is not None else None
    days = rules.commitment_days if rules else plan.general_commitment_days
    return Commitment(plan.service_of(topic), _due(calendar, at, days))


def _due(calendar: Calendar, at: datetime, days: int) -> datetime:
    """The last closing on the working day that comes `days` working days after reception.

    What arrives on a working day before the last closing counts as received that day; what arrives later, or on any
    other day (Saturday mornings too), counts as received on the next working day.
    """
    received = calendar.local_date(at)
    closing = calendar.last_closing(received)
    if not calendar.is_working_day(received) or closing is None or at >= closing:
        received = calendar.add_working_days(received, 1)
    day = calendar.add_working_days(received, days)
    while (end := calendar.last_closing(day)) is None:
        day += timedelta(days=1)
    return end
