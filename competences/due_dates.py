"""The town hall's commitment to a person who asked: who answers, and by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from competences.calendar import ONE_DAY, Calendar
from competences.plan.plan import Plan

LONGEST_PAUSE_DAYS = 100
"""More days than a town hall is ever closed in one go; only a plan without a working day has none within them."""


@dataclass(frozen=True)
class Commitment:
    """Who answers by when; what the law adds for a request is `legal_clock`'s."""

    service: str
    due_at: datetime


@dataclass(frozen=True)
class Unkeepable:
    """What comes in after the last closing of a day, and could not be answered in time: nobody works until `again`."""

    topic: str
    days: int
    after: date
    again: date


def commitment(plan: Plan, calendar: Calendar, topic: str | None, now: datetime, received_at: datetime) -> Commitment:
    """The commitment made now for what was received then. A topic that is not in the plan is a general question.

    The due date is counted in the plan's working days from now; where the topic promises a number of calendar days
    (`commitment_before_days`), in those, from reception.
    """
    rules = plan.topics.get(topic) if topic is not None else None
    service = plan.service_of(topic)
    if rules is not None and rules.commitment_before_days is not None:
        return Commitment(service, _due_within(calendar, now, received_at, rules.commitment_before_days))
    days = rules.commitment_days if rules is not None else None
    return Commitment(service, _due(calendar, now, plan.general_commitment_days if days is None else days))


def unkeepable(plan: Plan, calendar: Calendar, first: date, last: date) -> Iterator[Unkeepable]:
    """The commitments in calendar days that cannot be kept for what comes in between two days; the first of each topic.

    What comes in right after a closing must be answered by the next one on a working day, before the days are over.
    """
    closings = list(_closings(calendar, first - ONE_DAY * LONGEST_PAUSE_DAYS, last + ONE_DAY * LONGEST_PAUSE_DAYS))
    pauses = [
        (before, after)
        for before, after in zip(closings, closings[1:], strict=False)
        if first <= calendar.local_date(before) <= last
    ]
    for key, rules in plan.topics.items():
        days = rules.commitment_before_days
        if days is None:
            continue
        broken = [pause for pause in pauses if pause[1] >= _days_later(calendar, pause[0], days)]
        for before, after in broken[:1]:
            yield Unkeepable(key, days, calendar.local_date(before), calendar.local_date(after))


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
        day += ONE_DAY
    return end


def _due_within(calendar: Calendar, now: datetime, received_at: datetime, days: int) -> datetime:
    """The last closing on a working day within this number of calendar days after reception.

    The first such closing from now on where that is past already, or nobody works in between.
    """
    limit = _days_later(calendar, received_at, days)
    day = calendar.local_date(limit)
    while day >= calendar.local_date(now):
        closing = calendar.last_closing(day)
        if calendar.is_working_day(day) and closing is not None and now < closing < limit:
            return closing
        day -= ONE_DAY
    return _due(calendar, now, 0)


def _days_later(calendar: Calendar, at: datetime, days: int) -> datetime:
    """The same hour of the town hall's clocks, this number of days later."""
    return at.astimezone(calendar.zone) + timedelta(days=days)


def _closings(calendar: Calendar, first: date, last: date) -> Iterator[datetime]:
    """The last closings of the working days, in order of time."""
    day = first
    while day <= last:
        closing = calendar.last_closing(day)
        if calendar.is_working_day(day) and closing is not None:
            yield closing
        day += ONE_DAY
