"""The town hall's commitment to a person who asked: its own due date, and the deadlines of the law."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from competences.calendar import Calendar
from competences.plan.plan import Plan

ACKNOWLEDGE_WITHIN_WORKING_DAYS = 10

SilenceMeans = Literal["acceptance", "rejection"]


@dataclass(frozen=True)
class Commitment:
    """Who answers by when, and what the law makes of silence (nothing if the usager only wants information)."""

    service: str
    due_at: datetime
    acknowledge_by: date | None
    silence_means: SilenceMeans | None
    silence_on: date | None


def commitment(
    plan: Plan, calendar: Calendar, topic: str | None, at: datetime, *, received: datetime | None = None
) -> Commitment:
    """The commitment made at this instant for a demand that was `received` then or before.

    A topic that is not in the plan is a general question. The due date is counted in the plan's working days from now.

    The legal clocks run only where the administration's silence is a decision. They count from the day of reception,
    the town hall open or not. An acknowledgement is due for every demand by electronic means (CRPA L112-11; what it
    says: R112-5, R112-11-1), here within ten working days. Silence kept for two months is acceptance (L231-1) or, in
    the cases listed by law and decree, rejection (L231-4); other texts set other periods, which the topic then states.
    A missing document stops the clock (L114-5): that is for the service to record, not known here.
    """
    rules = plan.topics.get(topic) if topic is not None else None
    days = rules.commitment_days if rules else plan.general_commitment_days
    service = rules.service if rules else plan.default_service
    due_at = _due(calendar, at, days)
    if rules is None or rules.silence == "none":
        return Commitment(service, due_at, None, None, None)
    day = calendar.local_date(received or at)
    return Commitment(
        service,
        due_at,
        acknowledge_by=calendar.add_working_days(day, ACKNOWLEDGE_WITHIN_WORKING_DAYS),
        silence_means=rules.silence,
        silence_on=months_after(day, rules.silence_months),
    )


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last day of that month if it is shorter.

    Periods in months run from date to date, as the code of civil procedure puts it for all (article 641): what is
    received on 31 December is decided by silence on 28 February. They are not prolonged by a weekend.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
