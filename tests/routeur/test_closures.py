"""Closed on the spot: from now on, for a part or for all, until an end, and undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, ContactState, FollowUpReason
from routeur.errors import ClosureOver, ImpossibleClosure, Invalid, NotFound
from routeur.plans import Plans
from tests.routeur.hall import Hall
from tests.routeur.test_closed_and_not_there import everybody, letter, reason

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
"""The town hall closes for lunch; it is ten in the morning when a test begins."""


def test_who_comes_to_a_town_hall_that_was_just_closed_is_told_so_and_letters_wait(hall: Hall) -> None:
    hall.available("anne")
    hall.closures.make("anne", NOON)
    came = everybody(hall)
    assert [reason(hall, came[channel]) for channel in ("voice", "chat", "walkin")] == [FollowUpReason.CLOSED] * 3
    assert hall.state(came["email"]) is ContactState.OFFERED or hall.offered_to(came["messaging"]) == "anne"


def test_who_waits_already_is_served_by_who_is_there_for_some_time(hall: Hall) -> None:
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    came = everybody(hall)
    hall.step(10)
    hall.closures.make("anne", NOON)
    hall.step(600 - 11)  # the chat's maximum is ten minutes
    assert hall.state(came["chat"]) is ContactState.WAITING
    hall.step(1211)  # the walk-in's is three quarters of an hour, the plan's time after closing half an hour
    assert reason(hall, came["walkin"]) is FollowUpReason.CLOSED
    assert hall.state(came["email"]) is ContactState.WAITING


def test_a_closure_that_is_undone_gives_agents_time_to_come_back(hall: Hall) -> None:
    closure = hall.closures.make("anne", NOON)
    hall.clock.advance(600)
    hall.closures.undo("anne", closure.id)
    hall.closures.undo("anne", closure.id)
    chat = hall.chat()
    hall.step(299)
    assert hall.state(chat) is ContactState.WAITING
    hall.step(1)
    assert reason(hall, chat) is FollowUpReason.NOBODY_SKILLED
    (over,) = hall.closures.listed(over=True)
    assert (over.undone_by, over.undone_at) == ("anne", closure.starts_at + timedelta(seconds=600))
    assert hall.closures.listed(over=False) == []


def test_who_was_to_be_sent_away_after_closing_waits_on_when_the_closure_is_undone(hall: Hall) -> None:
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    waiting = everybody(hall)["walkin"]
    hall.step(10)
    closure = hall.closures.make("anne", NOON)
    hall.step(10)
    hall.closures.undo("anne", closure.id)
    hall.step(35 * 60)
    assert hall.state(waiting) is ContactState.WAITING


def test_a_closed_service_is_closed_also_to_a_caller_who_chooses_it_in_the_menu(hall: Hall) -> None:
    hall.available("anne", "chloe")
    hall.closures.make("anne", NOON, service="urbanisme", start=hall.clock())
    hall.clock.advance(31 * 60)
    planner, other = hall.call("CA1", topic="permis-construire"), hall.call("CA2", "+33639980002", "objets-trouves")
    assert reason(hall, planner) is FollowUpReason.CLOSED
    assert hall.state(other) is ContactState.WAITING


def test_a_closed_channel_leaves_the_others_open(hall: Hall) -> None:
    hall.available("anne")
    hall.closures.make("anne", NOON, channel=Channel.CHAT)
    assert reason(hall, hall.chat()) is FollowUpReason.CLOSED
    assert hall.state(hall.call(topic="objets-trouves")) is ContactState.WAITING


def test_every_process_knows_and_a_new_plan_opens_nothing(hall: Hall) -> None:
    other = Plans(hall.record)
    other.refresh()
    hall.closures.make("anne", NOON)
    other.refresh()
    assert not other.current().calendar.is_open(hall.clock())
    hall.plans.publish(hall.plans.plan().dump(), None, hall.clock())
    assert not hall.plans.current().calendar.is_open(hall.clock())
    assert hall.plans.current().calendar.is_open(NOON + timedelta(hours=2))


def test_the_same_closure_twice_is_one(hall: Hall) -> None:
    first = hall.closures.make("anne", NOON, service="urbanisme")
    hall.clock.advance(1)
    assert hall.closures.make("anne", NOON, service="urbanisme") == first
    assert hall.closures.make("anne", NOON) != first
    assert len(hall.closures.listed(over=False)) == 2


def test_a_closure_may_begin_later_and_never_earlier_than_now(hall: Hall) -> None:
    later = hall.closures.make("anne", NOON, start=hall.clock() + timedelta(minutes=30))
    assert hall.plans.current().calendar.is_open(hall.clock())
    assert not hall.plans.current().calendar.is_open(later.starts_at)
    earlier = hall.closures.make("anne", NOON, start=hall.clock() - timedelta(days=1), service="urbanisme")
    assert earlier.starts_at == hall.clock()


def test_one_that_never_began_closes_nothing(hall: Hall) -> None:
    later = hall.closures.make("anne", NOON, start=hall.clock() + timedelta(minutes=30))
    hall.closures.undo("anne", later.id)
    assert hall.plans.current().calendar.is_open(later.starts_at)


def test_impossible_closures_are_refused(hall: Hall) -> None:
    now = hall.clock()
    for until, start in ((now, None), (now - timedelta(days=1), None), (NOON, NOON), (now + timedelta(days=367), None)):
        with pytest.raises(ImpossibleClosure):
            hall.closures.make("anne", until, start=start)
    with pytest.raises(Invalid):
        hall.closures.make("anne", NOON, service="nothing")
    with pytest.raises(Invalid):
        hall.closures.make("anne", NOON, site="nowhere")
    assert hall.closures.listed(over=False) == []


def test_there_is_nothing_to_undo_of_one_that_is_over_or_unknown(hall: Hall) -> None:
    closure = hall.closures.make("anne", NOON)
    hall.clock.set(NOON)
    with pytest.raises(ClosureOver):
        hall.closures.undo("anne", closure.id)
    with pytest.raises(NotFound):
        hall.closures.undo("anne", "nothing")


def test_a_letter_waits_for_the_service_that_is_closed_for_a_week(hall: Hall) -> None:
    hall.available("chloe")
    hall.desk.set_activity("chloe", Activity.BUSY)
    hall.closures.make("anne", hall.clock() + timedelta(days=7), service="urbanisme")
    sent, other = letter(hall, 1, "permis-construire"), letter(hall, 2)
    hall.step(3 * 24 * 3600)
    assert hall.state(sent) is ContactState.WAITING
    assert reason(hall, other) is FollowUpReason.MAX_WAIT
