"""The clocks of the law: from date to date, and what missing pieces do to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.calendar import Calendar
from competences.legal_clock import LegalRequest, Regime, legal_request, months_after, proposed_regime
from tests.competences.documents import mairie, mairie_calendar

PARIS = ZoneInfo("Europe/Paris")
RECEIVED = date(2026, 3, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def received(topic: str | None, when: datetime) -> LegalRequest:
    return legal_request(mairie(), mairie_calendar(), topic, when)


def request(means: str, months: int = 2) -> LegalRequest:
    """A request received on Monday 2 March 2026."""
    regime = Regime("acceptance" if means == "acceptance" else "rejection", months)
    return LegalRequest(RECEIVED, date(2026, 3, 16), regime)


LEGAL = [
    ("permis-construire", "2026-11-23T09:00", date(2026, 12, 7), "acceptance", date(2027, 1, 23)),
    ("declaration-prealable", "2026-11-23T09:00", date(2026, 12, 7), "acceptance", date(2026, 12, 23)),
    ("attestation-accueil", "2027-01-31T09:00", date(2027, 2, 12), "rejection", date(2027, 2, 28)),
    ("inscription-creche", "2026-12-31T10:00", date(2027, 1, 15), "rejection", date(2027, 2, 28)),
    ("location-salle", "2027-12-31T10:00", date(2028, 1, 14), "rejection", date(2028, 2, 29)),  # a leap year
    # received on a Sunday night: the law counts from that day, though the town hall is closed
    ("inscription-creche", "2026-11-29T23:59", date(2026, 12, 11), "rejection", date(2027, 1, 29)),
]


@pytest.mark.parametrize(("topic", "when", "acknowledge_by", "means", "on"), LEGAL)
def test_the_clocks_of_the_law(topic: str, when: str, acknowledge_by: date, means: str, on: date) -> None:
    found = received(topic, at(when))
    assert found.acknowledge_by == acknowledge_by
    assert (found.silence_means, found.silence_on) == (means, on)


@pytest.mark.parametrize("topic", ["cantine", None, "a-topic-of-last-year"])
def test_a_topic_without_a_regime_proposes_none_and_its_request_is_acknowledged_all_the_same(topic: str | None) -> None:
    found = received(topic, at("2026-11-23T09:00"))
    assert proposed_regime(mairie(), topic) is None
    assert (found.silence_means, found.silence_on, found.acknowledge_by) == (None, None, date(2026, 12, 7))


def test_a_topic_proposes_what_silence_would_mean() -> None:
    assert proposed_regime(mairie(), "declaration-prealable") == Regime("acceptance", 1)


@pytest.mark.parametrize(
    ("timezone", "day"), [("Europe/Paris", 24), ("America/Martinique", 23), ("Indian/Reunion", 24), ("UTC", 23)]
)
def test_the_day_of_reception_is_the_town_hall_s_day(timezone: str, day: int) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    found = legal_request(mairie(), Calendar(mairie().hours, timezone), "permis-construire", late)
    assert (found.received_on, found.silence_on) == (date(2026, 11, day), date(2027, 1, day))


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), months=st.integers(1, 24))
def test_months_run_from_date_to_date(day: date, months: int) -> None:
    end = months_after(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    if end.day != day.day:
        assert end.day < day.day
        assert (end + timedelta(days=1)).day == 1


def test_acceptance_is_not_counted_while_a_piece_is_missing_and_begins_anew_when_all_have_come() -> None:
    lacking = request("acceptance").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 31))
    assert lacking.silence_on is None
    assert lacking.awaited is not None
    assert lacking.awaited.pieces == ("Plan",)
    complete = lacking.completed(date(2026, 3, 20))
    assert (complete.awaited, complete.silence_on) == (None, date(2026, 5, 20))
    assert complete.complete


def test_acceptance_waits_for_the_pieces_however_long_after_the_day_that_was_set() -> None:
    lacking = request("acceptance").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 31))
    assert lacking.completed(date(2026, 6, 30)).silence_on == date(2026, 8, 30)


REJECTED = [
    # came before the day that was set: suspended until then
    (date(2026, 3, 20), date(2026, 5, 12)),
    (date(2026, 3, 10), date(2026, 5, 2)),
    # came on that day, after it, or not at all: suspended for the time given, no longer
    (date(2026, 3, 31), date(2026, 5, 23)),
    (date(2026, 4, 20), date(2026, 5, 23)),
    (None, date(2026, 5, 23)),
]


@pytest.mark.parametrize(("came", "on"), REJECTED)
def test_rejection_is_suspended_while_pieces_are_awaited_and_goes_on_from_where_it_was(
    came: date | None, on: date
) -> None:
    lacking = request("rejection").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 31))
    assert (lacking.completed(came) if came is not None else lacking).silence_on == on


def test_what_is_asked_for_again_is_awaited_in_its_place_and_shared_days_count_once() -> None:
    first = request("rejection").lacking(["Plan", "Notice"], date(2026, 3, 10), date(2026, 3, 20))
    again = first.lacking(["Notice"], date(2026, 3, 15), date(2026, 3, 25))
    assert again.awaited is not None
    assert again.awaited.pieces == ("Notice",)
    assert again.silence_on == date(2026, 5, 17)  # 15 days: from 10 to 25 March
    assert again.completed(date(2026, 3, 18)).silence_on == date(2026, 5, 10)


def test_a_new_day_takes_the_place_of_the_old_one_also_where_it_is_earlier() -> None:
    first = request("rejection").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 31))
    again = first.lacking(["Plan"], date(2026, 3, 15), date(2026, 3, 20))
    assert again.silence_on == date(2026, 5, 12)  # 10 days: from 10 to 20 March


def test_between_two_askings_the_period_of_rejection_runs() -> None:
    first = request("rejection").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 12)).completed(date(2026, 3, 12))
    again = first.lacking(["Notice"], date(2026, 4, 1), date(2026, 4, 8))
    assert again.silence_on == date(2026, 5, 11)  # 2 days and 7


def test_what_is_complete_may_turn_out_to_lack_something_else() -> None:
    first = request("acceptance").lacking(["Plan"], date(2026, 3, 10), date(2026, 3, 31)).completed(date(2026, 3, 12))
    again = first.lacking(["Notice"], date(2026, 4, 1), date(2026, 4, 8))
    assert (again.silence_on, again.complete) == (None, False)
    assert again.completed(date(2026, 4, 2)).silence_on == date(2026, 6, 2)


def test_silence_decides_at_the_end_of_its_day() -> None:
    assert not request("rejection").decided_before(date(2026, 5, 2))
    assert request("rejection").decided_before(date(2026, 5, 3))
    assert not request("acceptance").lacking(["x"], RECEIVED, date(2026, 3, 3)).decided_before(date(2027, 1, 1))
    assert not replace(request("rejection"), regime=None).decided_before(date(2027, 1, 1))


days = st.integers(0, 200)
askings = st.lists(st.tuples(days, st.integers(1, 60), st.none() | days), max_size=4)


def asked_for(means: str, askings: list[tuple[int, int, int | None]]) -> LegalRequest:
    """A request and its askings in order of days: each with its term, and the days after which the pieces came."""
    found = request(means)
    for after, given_days, came in sorted(askings, key=lambda one: one[0]):
        asked_on = RECEIVED + timedelta(days=after)
        found = found.lacking(["x"], asked_on, asked_on + timedelta(days=given_days))
        found = found.completed(asked_on + timedelta(days=came)) if came is not None else found
    return found


@given(askings)
def test_rejection_is_prolonged_by_no_more_than_the_time_given(askings: list[tuple[int, int, int | None]]) -> None:
    end, given_days = asked_for("rejection", askings).silence_on, sum(days for _, days, _ in askings)
    assert end is not None
    assert date(2026, 5, 2) <= end <= date(2026, 5, 2) + timedelta(days=given_days)


@given(askings)
def test_acceptance_is_counted_exactly_where_nothing_is_awaited(askings: list[tuple[int, int, int | None]]) -> None:
    found = asked_for("acceptance", askings)
    came = [asked.received_on for asked in found.missing if asked.received_on is not None]
    assert found.silence_on == (None if found.awaited else months_after(max(came, default=RECEIVED), 2))


@given(askings, st.sampled_from(["acceptance", "rejection"]), days, days)
def test_what_comes_sooner_is_decided_no_later(
    askings: list[tuple[int, int, int | None]], means: str, soon: int, later: int
) -> None:
    asked = asked_for(means, askings).lacking(["x"], date(2026, 9, 30), date(2026, 10, 30))
    sooner, after = (
        asked.completed(date(2026, 9, 30) + timedelta(days=wait)).silence_on for wait in sorted((soon, later))
    )
    assert sooner is not None
    assert after is not None
    assert sooner <= after
