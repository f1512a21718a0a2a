"""Due dates in working days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.calendar import Calendar
from competences.due_dates import commitment
from competences.plan.hours import DAYS, Hours
from tests.competences.documents import mairie, mairie_calendar

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


DUE = [
    # cantine is promised within two working days
    ("cantine", "2026-11-23T09:00", "2026-11-25T19:00"),  # Monday to Wednesday evening
    ("cantine", "2026-11-23T07:00", "2026-11-25T19:00"),  # before opening: received that day
    ("cantine", "2026-11-23T12:30", "2026-11-25T19:00"),  # over lunch too
    ("cantine", "2026-11-23T17:29", "2026-11-25T19:00"),
    ("cantine", "2026-11-23T17:30", "2026-11-26T17:30"),  # after closing: received on Tuesday
    ("cantine", "2026-11-27T10:00", "2026-12-01T17:30"),  # over the weekend
    ("cantine", "2026-11-28T10:00", "2026-12-02T19:00"),  # Saturday morning is open: received on Monday all the same
    ("cantine", "2026-11-29T10:00", "2026-12-02T19:00"),
    ("cantine", "2026-11-10T10:00", "2026-11-13T17:30"),  # over Armistice day
    ("cantine", "2026-12-23T10:00", "2026-12-29T17:30"),  # over Christmas and the town's own closure
    ("cantine", "2026-03-27T10:00", "2026-03-31T17:30"),  # over the change of clocks
    ("renseignement-notaire", "2026-11-23T09:00", "2026-11-30T17:30"),
    (None, "2026-11-23T09:00", "2026-11-25T19:00"),
    ("a-topic-of-last-year", "2026-11-23T09:00", "2026-11-25T19:00"),
]


@pytest.mark.parametrize(("topic", "received", "due"), DUE)
def test_the_promise_ends_when_the_last_working_day_closes(topic: str | None, received: str, due: str) -> None:
    promised = commitment(mairie(), mairie_calendar(), topic, at(received))
    assert promised.due_at == at(due)
    assert promised.due_at.tzinfo is UTC


def test_a_promise_for_the_same_day_is_due_at_closing() -> None:
    plan = mairie()
    same_day = plan.model_copy(update={"general_commitment_days": 0})
    promised = commitment(same_day, mairie_calendar(), None, at("2026-11-23T09:00"))
    assert promised.due_at == at("2026-11-23T17:30")


def test_a_working_day_on_which_nobody_is_received_is_due_at_the_next_closing() -> None:
    week = {day: ["9:00-12:00"] if day == "saturday" else [] for day in DAYS}
    saturdays = Calendar(Hours.model_validate({"week": week}), PARIS.key)
    assert commitment(mairie(), saturdays, None, at("2026-11-23T09:00")).due_at == at("2026-11-28T12:00")


def test_the_responsible_service_is_the_topic_s_or_the_one_for_everything_else() -> None:
    plan, calendar, now = mairie(), mairie_calendar(), at("2026-11-23T09:00")
    assert commitment(plan, calendar, "logement-social", now).service == "ccas"
    assert commitment(plan, calendar, None, now).service == "guichet"
    assert commitment(plan, calendar, "a-topic-of-last-year", now).service == "guichet"


@given(
    topic=st.none() | st.sampled_from(sorted(mairie().topics)),
    when=st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    later=st.timedeltas(timedelta(0), timedelta(days=10)),
)
def test_what_comes_later_is_never_due_sooner(topic: str | None, when: datetime, later: timedelta) -> None:
    first = commitment(mairie(), mairie_calendar(), topic, when)
    second = commitment(mairie(), mairie_calendar(), topic, when + later)
    assert when < first.due_at <= second.due_at
    assert mairie_calendar().is_working_day(mairie_calendar().local_date(first.due_at))
