"""When the town hall is open, and which days count as worked. Instants come in and go out in UTC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from competences.plan.hours import Closure, Hours

ONE_DAY = timedelta(days=1)
HORIZON = timedelta(days=5 * 366)
"""How far an opening is looked for, ahead or back; a plan without any within it counts as one that is never open."""

RESOLUTION = timedelta(microseconds=1)

Interval = tuple[datetime, datetime]
"""From the first instant until the second, which no longer belongs to it."""


class NeverOpen(Exception):
    """The plan's hours hold no opening within the horizon."""


class Calendar:
    """The hours of one plan, in its time zone: of the whole town hall, or of a part of it (see `Calendars`)."""

    def __init__(
        self, hours: Hours, timezone: str, closures: Sequence[Closure] | None = None, closed: Sequence[Interval] = ()
    ) -> None:
        """`closures`: those of the plan that count here, by default those of the whole town hall.

        `closed`: intervals in which it is closed besides. The days that they touch go on counting as worked.
        """
        self.zone = ZoneInfo(timezone)
        self._hours = hours
        planned = closures if closures is not None else [one for one in hours.closures if one.of_everything]
        self._days_off = [one for one in planned if one.hours is None]
        self._parts_of_days = [one for one in planned if one.hours is not None]
        self._closed: dict[date, list[Interval]] = defaultdict(list)
        for start, end in closed:
            self._close((_utc(start), _utc(end)))
        self._holidays: dict[int, frozenset[date]] = {}

    def _close(self, interval: Interval) -> None:
        day, last = (self.local_date(edge) for edge in interval)
        while day <= last:
            self._closed[day].append(interval)
            day += ONE_DAY

    def local_date(self, at: datetime) -> date:
        """The date at the town hall at this instant."""
        return _utc(at).astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether the town hall is open; at the very end of a slot it no longer is."""
        return self.opening_at(at) is not None

    def opening_at(self, at: datetime) -> Interval | None:
        """The opening that goes on at this instant; None while the town hall is closed."""
        openings = self.openings(self.local_date(at))
        return next(((start, end) for start, end in openings if start <= at < end), None)

    def latest_closing(self, at: datetime) -> datetime:
        """When the town hall closed last; while it is open, when it will. Raises NeverOpen."""
        return next(self._openings_before(_utc(at) + RESOLUTION))[1]

    def next_opening(self, at: datetime) -> datetime:
        """This instant if the town hall is open, else the one at which it opens next; this one if it never does."""
        try:
            return max(_utc(at), next(start for start, _ in self._openings_from(at)))
        except NeverOpen:
            return _utc(at)

    def add_opening_time(self, at: datetime, duration: timedelta) -> datetime:
        """The first instant at which the town hall has been open for `duration` since `at`."""
        at = _utc(at)
        if duration <= timedelta(0):
            return at
        for start, end in self._openings_from(at):
            begin = max(start, at)
            if duration <= end - begin:
                return begin + duration
            duration -= end - begin
        raise NeverOpen

    def subtract_opening_time(self, at: datetime, duration: timedelta) -> datetime:
        """The last instant since which the town hall has been open for `duration` until `at`."""
        at = _utc(at)
        if duration <= timedelta(0):
            return at
        for start, end in self._openings_before(at):
            end = min(end, at)
            if duration <= end - start:
                return end - duration
            duration -= end - start
        raise NeverOpen

    def opening_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the town hall is open between two instants."""
        return sum((closes - opens for opens, closes in self._openings_between(start, end)), timedelta(0))

    def closures_between(self, start: datetime, end: datetime) -> list[Interval]:
        """When the town hall is closed between two instants, in order of time."""
        closures: list[Interval] = []
        closed_since = _utc(start)
        for opens, closes in self._openings_between(start, end):
            if closed_since < opens:
                closures.append((closed_since, opens))
            closed_since = closes
        if closed_since < end:
            closures.append((closed_since, _utc(end)))
        return closures

    def is_working_day(self, day: date) -> bool:
        """Whether the day is a *jour ouvré*: from Monday to Friday, no public holiday, the town hall not closed.

        The administration counts as *jours ouvrés* the days that are actually worked, five a week, without public
        holidays (service-public.fr, F35697). The Saturday permanence is open to the public and is not one of them.
        """
        return day.weekday() < 5 and not self._is_off(day)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after this one; with 0, this day or the first working day after it."""
        if count == 0:
            return day if self.is_working_day(day) else self.add_working_days(day, 1)
        last = day + HORIZON + timedelta(days=2 * count)
        while day < last:
            day += ONE_DAY
            if self.is_working_day(day):
                count -= 1
                if count == 0:
                    return day
        raise NeverOpen

    def last_closing(self, day: date) -> datetime | None:
        """When the town hall closes for the last time on this day; None if it does not open on it."""
        openings = self.openings(day)
        return openings[-1][1] if openings else None

    def openings(self, day: date) -> list[Interval]:
        """The openings of one local day, in order of time; they do not overlap.

        The clocks change at night. A slot during which they do is an hour shorter or longer than it reads; a slot
        inside the hour that is skipped is no opening.
        """
        if self._is_off(day):
            return []
        openings: list[Interval] = []
        for slot in sorted(self._hours.slots(day)):
            start = datetime.combine(day, slot.start, self.zone).astimezone(UTC)
            end = datetime.combine(day, slot.end, self.zone).astimezone(UTC)
            if openings and start <= openings[-1][1] < end:
                openings[-1] = (openings[-1][0], end)
            elif start < end and (not openings or openings[-1][1] < start):
                openings.append((start, end))
        for closure in self._parts_of_days:
            if day in closure and closure.hours is not None:
                edges = (datetime.combine(day, edge, self.zone).astimezone(UTC) for edge in closure.hours)
                openings = _without(openings, (next(edges), next(edges)))
        for closed in self._closed.get(day, ()):
            openings = _without(openings, closed)
        return openings

    def _openings_from(self, at: datetime) -> Iterator[Interval]:
        """The openings that are not over at this instant, the next one first."""
        first = self.local_date(at)
        day = first
        while day - first < HORIZON:
            yield from (opening for opening in self.openings(day) if opening[1] > at)
            day += ONE_DAY
        raise NeverOpen

    def _openings_before(self, at: datetime) -> Iterator[Interval]:
        """The openings that have begun at this instant, the latest one first."""
        last = self.local_date(at)
        day = last
        while last - day < HORIZON:
            yield from (opening for opening in reversed(self.openings(day)) if opening[0] < at)
            day -= ONE_DAY
        raise NeverOpen

    def _openings_between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The parts of the openings that lie between two instants, in order of time."""
        day, last = self.local_date(start), self.local_date(end)
        while day <= last:
            for opens, closes in self.openings(day):
                if opens < end and closes > start:
                    yield max(opens, _utc(start)), min(closes, _utc(end))
            day += ONE_DAY

    def _is_off(self, day: date) -> bool:
        if day.year not in self._holidays:
            self._holidays[day.year] = self._hours.holidays.days(day.year)
        return day in self._holidays[day.year] or any(day in closure for closure in self._days_off)


def _without(openings: list[Interval], closed: Interval) -> list[Interval]:
    """What is left of the openings outside the closed interval."""
    start, end = closed
    parts = [part for opens, closes in openings for part in ((opens, min(closes, start)), (max(opens, end), closes))]
    return [(opens, closes) for opens, closes in parts if opens < closes]


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(UTC)
