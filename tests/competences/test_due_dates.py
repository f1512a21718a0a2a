"""Due dates in working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.calendar import Calendar
from competences.due_dates import commitment, unkeepable
from competences.plan.hours import DAYS, Hours
from tests.competences.documents import mairie, mairie_calendar, plan_with

PARIS = ZoneInfo("Europe/Paris")
YEAR = (date(2026, 6, 1), date(2027, 6, 1))


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
    # a notary is promised an answer before seven calendar days are over
    ("renseignement-notaire", "2026-11-23T09:00", "2026-11-27T17:30"),  # Monday to Friday evening: not next Monday
    ("renseignement-notaire", "2026-11-24T10:00", "2026-11-30T17:30"),
    ("renseignement-notaire", "2026-11-23T17:30", "2026-11-27T17:30"),  # at closing: next Monday's would be seven days
    ("renseignement-notaire", "2026-11-23T17:31", "2026-11-30T17:30"),
    ("renseignement-notaire", "2026-11-28T10:00", "2026-12-04T17:30"),  # a Saturday
    ("renseignement-notaire", "2026-12-18T18:00", "2026-12-23T19:00"),  # before the town's own closure at Christmas
    ("renseignement-notaire", "2026-03-24T10:00", "2026-03-30T17:30"),  # over the change of clocks
    (None, "2026-11-23T09:00", "2026-11-25T19:00"),
    ("a-topic-of-last-year", "2026-11-23T09:00", "2026-11-25T19:00"),
]


@pytest.mark.parametrize(("topic", "received", "due"), DUE)
def test_the_promise_ends_when_the_last_working_day_closes(topic: str | None, received: str, due: str) -> None:
    promised = commitment(mairie(), mairie_calendar(), topic, at(received), at(received))
    assert promised.due_at == at(due)
    assert promised.due_at.tzinfo is UTC


def test_a_promise_for_the_same_day_is_due_at_closing() -> None:
    plan = mairie()
    same_day = plan.model_copy(update={"general_commitment_days": 0})
    promised = commitment(same_day, mairie_calendar(), None, at("2026-11-23T09:00"), at("2026-11-23T09:00"))
    assert promised.due_at == at("2026-11-23T17:30")


def test_a_working_day_on_which_nobody_is_received_is_due_at_the_next_closing() -> None:
    week = {day: ["9:00-12:00"] if day == "saturday" else [] for day in DAYS}
    saturdays = Calendar(Hours.model_validate({"week": week}), PARIS.key)
    now = at("2026-11-23T09:00")
    assert commitment(mairie(), saturdays, None, now, now).due_at == at("2026-11-28T12:00")


def test_the_responsible_service_is_the_topic_s_or_the_one_for_everything_else() -> None:
    plan, calendar, now = mairie(), mairie_calendar(), at("2026-11-23T09:00")
    assert commitment(plan, calendar, "logement-social", now, now).service == "ccas"
    assert commitment(plan, calendar, None, now, now).service == "guichet"
    assert commitment(plan, calendar, "a-topic-of-last-year", now, now).service == "guichet"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-26T16:00", "2026-11-27T17:30"),  # it waited for three days: the seven run from its reception
        ("2026-11-27T17:29", "2026-11-27T17:30"),
        ("2026-11-27T17:30", "2026-11-30T17:30"),  # too late for that: as soon as anybody works
        ("2026-12-08T12:00", "2026-12-08T17:30"),
    ],
)
def test_calendar_days_run_from_reception(now: str, due: str) -> None:
    received = at("2026-11-23T09:00")
    promised = commitment(mairie(), mairie_calendar(), "renseignement-notaire", at(now), received)
    assert promised.due_at == at(due)


def test_working_days_run_from_when_the_service_is_asked() -> None:
    received, now = at("2026-11-23T09:00"), at("2026-11-25T11:00")
    promised = commitment(mairie(), mairie_calendar(), "cantine", now, received)
    assert promised == commitment(mairie(), mairie_calendar(), "cantine", now, now)


@pytest.mark.parametrize(
    ("first", "last", "days", "broken"),
    [
        ("2026-08-03", "2026-08-07", 7, (date(2026, 7, 31), date(2026, 8, 10))),  # a week: ten days with its weekends
        ("2026-08-03", "2026-08-07", 11, None),
        ("2026-08-03", "2026-08-04", 7, None),
        ("2026-08-03", "2026-08-04", 3, (date(2026, 6, 5), date(2026, 6, 8))),  # not even over a weekend
        ("2025-08-04", "2025-08-08", 7, None),  # last year's
        ("2027-06-14", "2027-06-18", 7, None),  # beyond the year
    ],
)
def test_what_the_year_s_holidays_and_closures_make_impossible_is_found(
    first: str, last: str, days: int, broken: tuple[date, date] | None
) -> None:
    closures = [{"from": first, "until": last, "label": {"fr": "Fermeture"}}]
    notary = ("topics", "renseignement-notaire", "commitment_before_days")
    plan = plan_with((("hours", "closures"), closures), (notary, days))
    calendar = Calendar(plan.hours, plan.commune.timezone)
    found = [(one.topic, one.days, one.after, one.again) for one in unkeepable(plan, calendar, *YEAR)]
    assert found == ([("renseignement-notaire", days, *broken)] if broken is not None else [])


def test_what_is_promised_by_the_demonstration_s_plan_can_be_kept_all_year() -> None:
    assert list(unkeepable(mairie(), mairie_calendar(), *YEAR)) == []


@given(when=st.datetimes(datetime(2026, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_commitment_that_is_not_found_impossible_is_kept(when: datetime) -> None:
    due = commitment(mairie(), mairie_calendar(), "renseignement-notaire", when, when).due_at
    assert when < due < (when.astimezone(PARIS) + timedelta(days=7)).astimezone(UTC)


@given(
    topic=st.none() | st.sampled_from(sorted(mairie().topics)),
    when=st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    later=st.timedeltas(timedelta(0), timedelta(days=10)),
)
def test_what_comes_later_is_never_due_sooner(topic: str | None, when: datetime, later: timedelta) -> None:
    first = commitment(mairie(), mairie_calendar(), topic, when, when)
    second = commitment(mairie(), mairie_calendar(), topic, when + later, when + later)
    assert when < first.due_at <= second.due_at
    assert mairie_calendar().is_working_day(mairie_calendar().local_date(first.due_at))
