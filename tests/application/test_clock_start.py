"""A demonstration starts at the hour it was given, and time never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from application.commands.plan import DEMO_PLAN
from application.processes.clock_start import same_hour_from
from competences.calendar import Calendar
from competences.plan.plan import Plan

CALENDAR = Calendar(Plan.load(DEMO_PLAN.read_text("utf-8")).hours, "Europe/Paris")
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_a_new_record_starts_at_the_given_instant() -> None:
    assert same_hour_from(MONDAY, MONDAY, CALENDAR) == MONDAY


def test_a_record_that_is_past_it_starts_at_the_same_hour_of_the_next_day() -> None:
    assert same_hour_from(MONDAY, MONDAY + timedelta(minutes=5), CALENDAR) == MONDAY + timedelta(days=1)


def test_an_open_hour_stays_an_open_one_however_often_the_demonstration_is_given() -> None:
    instant = MONDAY
    for _ in range(100):
        after = same_hour_from(instant, instant + timedelta(minutes=5), CALENDAR)
        assert after > instant
        assert CALENDAR.is_open(after)
        instant = after
