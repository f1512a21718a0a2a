"""Opening hours across weekends, holidays, closures and the two nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.calendar import Calendar, NeverOpen
from competences.plan.hours import DAYS, Closure, Hours, PublicHolidays
from tests.competences.documents import mairie_calendar

PARIS = ZoneInfo("Europe/Paris")
MOMENT, MINUTE, HOUR = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1)


def at(text: str) -> datetime:
    """An instant given by the clock on the town hall's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def hours(*slots: str, holidays: bool = True, **others: list[str]) -> Hours:
    """The same slots every day, but for the days that are named."""
    week = {day: others.get(day, list(slots)) for day in DAYS}
    return Hours.model_validate({"week": week, "holidays": {"country": "FR" if holidays else "AF"}})


OPEN = [
    ("2026-11-23T08:29:59", False),  # a Monday
    ("2026-11-23T08:30", True),
    ("2026-11-23T11:59:59", True),
    ("2026-11-23T12:00", False),
    ("2026-11-23T13:30", True),
    ("2026-11-23T17:30", False),
    ("2026-11-25T09:00", False),  # on Wednesdays from half past ten to seven
    ("2026-11-25T12:30", True),
    ("2026-11-25T18:59", True),
    ("2026-11-28T11:59", True),  # a Saturday morning
    ("2026-11-28T14:00", False),
    ("2026-11-29T10:00", False),  # a Sunday
    ("2026-11-11T10:00", False),  # Armistice day
    ("2026-05-15T10:00", False),  # the day after Ascension, closed by the town
    ("2026-12-24T10:00", False),
    ("2026-12-26T10:00", False),
    ("2026-12-28T10:00", True),
]


@pytest.mark.parametrize(("when", "is_open"), OPEN)
def test_the_town_hall_is_open_when_it_says(when: str, is_open: bool) -> None:
    assert mairie_calendar().is_open(at(when)) is is_open


NEXT = [
    ("2026-11-23T10:00", "2026-11-23T10:00"),
    ("2026-11-23T12:00", "2026-11-23T13:30"),
    ("2026-11-24T17:30", "2026-11-25T10:30"),
    ("2026-11-28T12:00", "2026-11-30T08:30"),
    ("2026-12-23T19:00", "2026-12-28T08:30"),
    ("2026-03-28T12:00", "2026-03-30T08:30"),  # over the night when clocks go forward
    ("2026-10-24T12:00", "2026-10-26T08:30"),  # and back
]


def next_opening(calendar: Calendar, when: datetime) -> datetime:
    """The first instant from this one on at which the town hall is open."""
    return calendar.add_opening_time(when, MOMENT) - MOMENT


@pytest.mark.parametrize(("when", "opening"), NEXT)
def test_the_next_opening_is_said_in_utc(when: str, opening: str) -> None:
    found = next_opening(mairie_calendar(), at(when))
    assert found == at(opening)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(("when", "opening"), NEXT)
def test_a_closure_lasts_until_the_next_opening(when: str, opening: str) -> None:
    closures = mairie_calendar().closures_between(at(when), at(opening) + MINUTE)
    assert closures == ([(at(when), at(opening))] if when != opening else [])
    assert all(instant.tzinfo is UTC for closure in closures for instant in closure)


ADDED = [
    ("2026-11-23T09:00", 4 * HOUR, "2026-11-23T14:30"),  # over lunch
    ("2026-11-23T08:30", 3.5 * HOUR, "2026-11-23T12:00"),  # to the very end of a slot
    ("2026-11-23T16:00", 4 * HOUR, "2026-11-24T11:00"),
    ("2026-11-27T17:00", 4 * HOUR, "2026-11-30T09:00"),  # Saturday morning counts: the town hall is open
    ("2026-12-23T18:00", 2 * HOUR, "2026-12-28T09:30"),  # over Christmas
    ("2026-03-28T11:30", HOUR, "2026-03-30T09:00"),
    ("2026-11-22T03:00", timedelta(0), "2026-11-22T03:00"),
]


@pytest.mark.parametrize(("when", "duration", "expected"), ADDED)
def test_opening_time_runs_only_while_open(when: str, duration: timedelta, expected: str) -> None:
    found = mairie_calendar().add_opening_time(at(when), duration)
    assert found == at(expected)
    assert found.tzinfo is UTC


def test_a_slot_over_the_night_when_clocks_change_lasts_what_it_lasts() -> None:
    night = Calendar(hours("1:00-5:00", holidays=False), PARIS.key)
    spring, autumn = at("2026-03-29T00:00"), at("2026-10-25T00:00")
    assert night.opening_time_between(spring, spring + 12 * HOUR) == 3 * HOUR
    assert night.opening_time_between(autumn, autumn + 12 * HOUR) == 5 * HOUR
    assert night.add_opening_time(spring, 2 * HOUR) == at("2026-03-29T04:00")
    assert night.add_opening_time(autumn, 2 * HOUR) == datetime(2026, 10, 25, 1, tzinfo=UTC)


def test_a_slot_inside_the_hour_that_does_not_exist_is_no_opening() -> None:
    night = Calendar(hours("2:15-2:45", holidays=False), PARIS.key)
    assert night.opening_time_between(at("2026-03-29T00:00"), at("2026-03-30T00:00")) <= 30 * MINUTE
    assert next_opening(night, at("2026-03-28T12:00")) <= at("2026-03-30T02:15")


instants = st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001
    max_value=datetime(2029, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, PARIS, ZoneInfo("Asia/Kathmandu")]),
)
around_the_change = st.builds(
    lambda day, minutes: datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minutes),
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]),
    st.integers(-48 * 60, 48 * 60),
)
durations = st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))
marks = st.lists(st.integers(0, 24 * 12 - 1), min_size=2, max_size=6, unique=True).map(sorted)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week, slots at night too, open on some day at least."""
    week = {}
    for day in DAYS:
        edges = [f"{mark // 12:02}:{mark % 12 * 5:02}" for mark in draw(marks)]
        open_that_day = day == "tuesday" or draw(st.booleans())
        week[day] = [f"{a}-{b}" for a, b in zip(edges[::2], edges[1::2], strict=False)] if open_that_day else []
    return Calendar(Hours.model_validate({"week": week}), PARIS.key)


@given(calendar=st.just(mairie_calendar()) | calendars(), when=instants | around_the_change)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(calendar: Calendar, when: datetime) -> None:
    opening = next_opening(calendar, when)
    assert opening >= when
    assert calendar.is_open(opening)
    assert next_opening(calendar, opening) == opening
    assert calendar.is_open(when) is (opening == when)
    assert calendar.opening_time_between(when, opening) == timedelta(0)


@given(calendar=st.just(mairie_calendar()) | calendars(), when=instants | around_the_change, duration=durations)
def test_what_is_added_is_exactly_what_the_town_hall_was_open(
    calendar: Calendar, when: datetime, duration: timedelta
) -> None:
    end = calendar.add_opening_time(when, duration)
    assert end >= when
    assert calendar.opening_time_between(when, end) == duration
    if duration:
        assert calendar.opening_time_between(when, end - MOMENT) < duration


@given(calendar=st.just(mairie_calendar()) | calendars(), when=instants | around_the_change, duration=durations)
def test_what_is_subtracted_is_exactly_what_the_town_hall_was_open(
    calendar: Calendar, when: datetime, duration: timedelta
) -> None:
    start = calendar.subtract_opening_time(when, duration)
    assert start <= when
    assert calendar.opening_time_between(start, when) == duration
    if duration:
        assert calendar.opening_time_between(start + MOMENT, when) < duration


@given(
    calendar=st.just(mairie_calendar()) | calendars(),
    when=instants | around_the_change,
    span=st.integers(0, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_between_two_instants_the_town_hall_is_either_open_or_closed(
    calendar: Calendar, when: datetime, span: timedelta
) -> None:
    end = when.astimezone(UTC) + span
    closures = calendar.closures_between(when, end)
    closed = sum((until - since for since, until in closures), timedelta(0))
    assert closed + calendar.opening_time_between(when, end) == span
    assert not any(calendar.is_open(instant) for since, until in closures for instant in (since, until - MOMENT))
    edges = [edge for closure in closures for edge in closure]
    assert edges == sorted(set(edges))
    assert all(when <= edge <= end for edge in edges)


@given(
    calendar=st.just(mairie_calendar()) | calendars(),
    when=instants | around_the_change,
    first=durations,
    second=durations,
)
def test_adding_twice_is_adding_once_as_much(
    calendar: Calendar, when: datetime, first: timedelta, second: timedelta
) -> None:
    twice = calendar.add_opening_time(calendar.add_opening_time(when, first), second)
    assert twice == calendar.add_opening_time(when, first + second)
    assert calendar.add_opening_time(when, first) <= calendar.add_opening_time(when, first + second)


@given(calendar=calendars(), day=st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_the_openings_of_a_day_are_in_order_and_apart(calendar: Calendar, day: date) -> None:
    edges = [edge for opening in calendar.openings(day) for edge in opening]
    assert edges == sorted(edges)
    assert all(start < end for start, end in calendar.openings(day))


WORKING = [
    (date(2026, 11, 23), True),
    (date(2026, 11, 28), False),  # open on Saturday, and not a working day
    (date(2026, 11, 29), False),
    (date(2026, 11, 11), False),
    (date(2026, 5, 15), False),
    (date(2026, 4, 3), True),  # Good Friday is a holiday in Alsace and Moselle only
]


@pytest.mark.parametrize(("day", "working"), WORKING)
def test_working_days_are_those_that_the_administration_works(day: date, working: bool) -> None:
    assert mairie_calendar().is_working_day(day) is working


def test_public_holidays_are_those_of_the_place() -> None:
    alsatian = hours("9:00-12:00").model_copy(update={"holidays": PublicHolidays(country="FR", subdivision="6AE")})
    assert not Calendar(alsatian, PARIS.key).is_working_day(date(2026, 4, 3))


@given(day=st.dates(date(2025, 1, 1), date(2029, 12, 31)), count=st.integers(0, 40))
def test_adding_working_days_counts_them(day: date, count: int) -> None:
    calendar = mairie_calendar()
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    assert end >= day
    between = sum(calendar.is_working_day(day + timedelta(days=n)) for n in range(1, (end - day).days + 1))
    already = count == 0 and calendar.is_working_day(day)
    assert between == (0 if already else max(count, 1))


def test_a_town_hall_that_never_opens_says_so() -> None:
    closed = hours("9:00-12:00").model_copy(
        update={
            "closures": (Closure.model_validate({"from": "2020-01-01", "until": "2090-01-01", "label": {"fr": "x"}}),)
        }
    )
    with pytest.raises(NeverOpen):
        Calendar(closed, PARIS.key).subtract_opening_time(at("2026-01-01T00:00"), HOUR)
    with pytest.raises(NeverOpen):
        Calendar(closed, PARIS.key).add_opening_time(at("2026-01-01T00:00"), HOUR)
    with pytest.raises(NeverOpen):
        Calendar(closed, PARIS.key).add_working_days(date(2026, 1, 1), 1)


def test_an_instant_without_its_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        mairie_calendar().is_open(datetime(2026, 1, 1))  # noqa: DTZ001


def test_overseas_the_hours_are_those_of_the_place() -> None:
    reunion = Calendar(hours("8:00-12:00", holidays=False), "Indian/Reunion")
    assert reunion.is_open(datetime(2026, 11, 23, 4, tzinfo=UTC))
    assert not reunion.is_open(datetime(2026, 11, 23, 8, tzinfo=UTC))
