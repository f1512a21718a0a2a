"""A part of a day, a service, a channel or a site may be closed while everything else is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from competences.calendars import Calendars, SpotClosure
from competences.channels import Channel
from competences.plan.check import check
from competences.plan.plan import Plan
from tests.competences.documents import changed, mairie

PARIS = ZoneInfo("Europe/Paris")
SITES = (("sites",), {"annexe": {"label": {"fr": "Annexe"}}})
AT_THE_ANNEX = (("services", "urbanisme", "site"), "annexe")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def closed(**closure: Any) -> Calendars:
    """The calendars of a plan with this closure on Monday 23 November 2026."""
    one = {"from": "2026-11-23", "label": {"fr": "Fermeture"}, **closure}
    return Calendars(Plan.load(changed(SITES, AT_THE_ANNEX, (("hours", "closures"), [one]))))


def test_part_of_a_day_goes_on_counting_as_worked() -> None:
    calendar = closed(hours="10:00-14:00").whole
    for when, is_open in (("09:59", True), ("10:00", False), ("13:59", False), ("14:00", True)):
        assert calendar.is_open(at(f"2026-11-23T{when}")) is is_open
    assert calendar.is_working_day(at("2026-11-23T00:00").date())
    assert calendar.next_opening(at("2026-11-23T11:00")) == at("2026-11-23T14:00")
    assert calendar.latest_closing(at("2026-11-23T11:00")) == at("2026-11-23T10:00")


CLOSED_PARTS = [
    ({"service": "urbanisme"}, {(Channel.VOICE, "urbanisme"), (Channel.WALKIN, "urbanisme")}),
    ({"channel": "walkin"}, {(Channel.WALKIN, "urbanisme"), (Channel.WALKIN, "guichet")}),
    ({"site": "annexe"}, {(Channel.VOICE, "urbanisme"), (Channel.WALKIN, "urbanisme")}),
    ({"site": "annexe", "channel": "walkin"}, {(Channel.WALKIN, "urbanisme")}),
]


@pytest.mark.parametrize(("part", "expected"), CLOSED_PARTS)
def test_a_part_is_closed_while_the_rest_is_open(part: dict[str, str], expected: set[tuple[Channel, str]]) -> None:
    noon = at("2026-11-23T11:00")
    asked = {(channel, service) for channel in (Channel.VOICE, Channel.WALKIN) for service in ("urbanisme", "guichet")}
    planned = closed(**part)
    channel = Channel(part["channel"]) if "channel" in part else None
    spot = SpotClosure(at("2026-11-23T10:30"), at("2026-11-23T11:30"), part.get("service"), channel, part.get("site"))
    on_the_spot = Calendars(Plan.load(changed(SITES, AT_THE_ANNEX)), [spot])
    for calendars in (planned, on_the_spot):
        assert {one for one in asked if not calendars.of(*one).is_open(noon)} == expected
        assert calendars.whole.is_open(noon)
    assert on_the_spot.of(Channel.WALKIN, "urbanisme").is_open(at("2026-11-23T11:30"))


def test_a_spot_closure_parts_an_opening_in_two() -> None:
    calendar = Calendars(mairie(), [SpotClosure(at("2026-11-23T10:00"), at("2026-11-23T10:20"))]).whole
    assert calendar.opening_at(at("2026-11-23T10:30")) == (at("2026-11-23T10:20"), at("2026-11-23T12:00"))
    assert calendar.latest_closing(at("2026-11-23T10:10")) == at("2026-11-23T10:00")
    assert calendar.latest_closing(at("2026-11-23T10:20")) == at("2026-11-23T12:00")


def test_slots_that_touch_are_one_opening() -> None:
    plan = Plan.load(changed((("hours", "week", "monday"), ["8:30-12:00", "12:00-17:30"])))
    calendar = Calendars(plan).whole
    assert calendar.opening_at(at("2026-11-23T12:00")) == (at("2026-11-23T08:30"), at("2026-11-23T17:30"))


WRONG = [
    ({"service": "urbanism"}, "hours.closures[0].service", "« urbanism » n'est pas déclaré sous « services »"),
    ({"site": "anexe"}, "hours.closures[0].site", "« anexe » n'est pas déclaré sous « sites »"),
    ({"channel": "fax"}, "hours.closures[0].channel", "de celles qui sont admises"),
    ({"hours": "14:00-10:00"}, "hours.closures[0].hours", "avant"),
    ({"hours": "le matin"}, "hours.closures[0].hours", "n'est pas un créneau"),
]


@pytest.mark.parametrize(("part", "path", "words"), WRONG)
def test_what_cannot_be_closed_is_told(part: dict[str, str], path: str, words: str) -> None:
    one = {"from": "2026-11-23", "label": {"fr": "Fermeture"}, **part}
    (error,) = check(changed(SITES, AT_THE_ANNEX, (("hours", "closures"), [one])))
    assert error.path == path
    assert words in error.message


def test_a_service_cannot_be_in_a_building_that_is_not_named() -> None:
    (error,) = check(changed(AT_THE_ANNEX))
    assert (error.path, "sites" in error.message) == ("services.urbanisme.site", True)
