"""The clock that the law sets for a request: from which day on the administration's silence is a decision.

A question has none. The dates are days of the town hall's own calendar, in its time zone.
CRPA stands for the *code des relations entre le public et l'administration*; docs/legal-clock.md explains it all.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Literal

from competences.calendar import Calendar
from competences.plan.plan import Plan

ACKNOWLEDGE_WITHIN_WORKING_DAYS = 10

SilenceMeans = Literal["acceptance", "rejection"]


@dataclass(frozen=True)
class Regime:
    """What silence means once it was kept for this number of months.

    Acceptance is the rule (CRPA L231-1), rejection where a text says so (L231-4).
    """

    silence_means: SilenceMeans
    months: int


@dataclass(frozen=True)
class MissingPieces:
    """What a request lacks, asked for on a day, to be given by the end of another.

    `received_on`: the day on which the last of it came; None while anything is awaited.
    """

    pieces: tuple[str, ...]
    asked_on: date
    until: date
    received_on: date | None = None


@dataclass(frozen=True)
class LegalRequest:
    """A request, and what its clock counts from.

    `regime` is None where silence has no effect in law, or the topic is not known yet. `missing` holds everything that
    was asked for, first asked first. `declared_on`: the day on which somebody said that it is one; None where a form
    did, or nobody wrote it down. `answered_on`: the first day on which it was closed as answered, where it was opened
    again since.
    """

    received_on: date
    acknowledge_by: date
    regime: Regime | None
    missing: tuple[MissingPieces, ...] = ()
    declared_on: date | None = None
    answered_on: date | None = None

    @property
    def silence_means(self) -> SilenceMeans | None:
        """What silence means; None where it means nothing."""
        return self.regime.silence_means if self.regime is not None else None

    @property
    def silence_on(self) -> date | None:
        """The day on whose end silence is the decision; None where it is none, or its period does not run.

        While pieces are missing (CRPA L114-5) the period of acceptance does not run: it begins when all have come. That
        of rejection is suspended, at most for the time given to produce them: the day is the one that holds if they
        do not come.
        """
        if self.regime is None:
            return None
        if self.regime.silence_means == "rejection":
            return months_after(self.received_on, self.regime.months) + _suspended(self.missing)
        came = [asked.received_on for asked in self.missing]
        complete = max((day for day in came if day is not None), default=self.received_on)
        return months_after(complete, self.regime.months) if None not in came else None

    @property
    def awaited(self) -> MissingPieces | None:
        """What was last asked for, if it has not come."""
        last = self.missing[-1] if self.missing else None
        return last if last is not None and last.received_on is None else None

    @property
    def complete(self) -> bool:
        """Whether everything that was once missing has come."""
        return bool(self.missing) and self.awaited is None

    def decided_before(self, day: date) -> bool:
        """Whether silence has been the decision since a day before this one."""
        return self.silence_on is not None and self.silence_on < day

    def in_doubt(self, day: date) -> bool:
        """Whether its period ended before this day, answered by then: whether that was the decision, a person knows."""
        on = self.silence_on
        return on is not None and self.answered_on is not None and self.answered_on <= on < day

    def cannot_be_unsaid(self, day: date) -> bool:
        """Whether silence has decided before this day, of what had been called a request while its period ran."""
        on = self.silence_on
        declared_late = on is not None and self.declared_on is not None and on < self.declared_on
        return self.decided_before(day) and not declared_late and not self.in_doubt(day)

    def lacking(self, pieces: Sequence[str], asked_on: date, until: date) -> LegalRequest:
        """The request of which these pieces are missing; they take the place of those that are awaited already."""
        return replace(self, missing=(*self.missing, MissingPieces(tuple(pieces), asked_on, until)))

    def completed(self, received_on: date) -> LegalRequest:
        """The request once everything awaited has come, on this day."""
        come = (asked if asked.received_on else replace(asked, received_on=received_on) for asked in self.missing)
        return replace(self, missing=tuple(come))


def proposed_regime(plan: Plan, topic: str | None) -> Regime | None:
    """The regime that the plan gives this topic; None where silence has no effect, and for a general question."""
    rules = plan.topics.get(topic) if topic is not None else None
    if rules is None or rules.silence == "none":
        return None
    return Regime(rules.silence, rules.silence_months)


def legal_request(plan: Plan, calendar: Calendar, topic: str | None, received: datetime) -> LegalRequest:
    """A request on this topic that was received at this instant, the town hall open or not.

    The acknowledgement is due within ten working days (CRPA L112-11; what it says: R112-11-1).
    """
    day = calendar.local_date(received)
    return LegalRequest(
        received_on=day,
        acknowledge_by=calendar.add_working_days(day, ACKNOWLEDGE_WITHIN_WORKING_DAYS),
        regime=proposed_regime(plan, topic),
    )


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last day of that month if it is shorter.

    Periods in months run from date to date, as the code of civil procedure puts it for all (article 641): what is
    received on 31 December is decided by silence on 28 February. They are not prolonged by a weekend.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _suspended(missing: Sequence[MissingPieces]) -> timedelta:
    """How long pieces were awaited within the time given for them, which a later asking ends and gives anew.

    Days that two askings share count once.
    """
    days, counted_until = timedelta(0), date.min
    for asked, later in zip_longest(missing, missing[1:]):
        end = min(asked.until, asked.received_on or asked.until, later.asked_on if later is not None else date.max)
        begin = max(asked.asked_on, counted_until)
        days += max(end - begin, timedelta(0))
        counted_until = max(counted_until, end)
    return days
