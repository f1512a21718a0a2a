"""P3 after an agent has gone: no contact stays with them, whenever and however they went."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from routeur.contact.words import Activity, ContactState
from routeur.desk.activity import record_activity
from routeur.record.tables import AgentPresence
from tests.routeur.hall import PLAN, Hall

HOUR = 3600


@pytest.fixture
def call(hall: Hall) -> str:
    """A call that Anne accepted before she went home; David is on shift."""
    hall.available("anne")
    contact = hall.call(topic="objets-trouves")
    hall.serve(contact)
    hall.available("david")
    hall.desk.set_activity("anne", Activity.OFFLINE)
    return contact


def test_a_call_that_ends_after_its_agent_has_gone_is_closed(hall: Hall, call: str) -> None:
    hall.step(600)
    hall.reception.usager_left(call)
    assert hall.state(call) is ContactState.WRAP_UP
    hall.step(10)
    assert hall.state(call) is ContactState.CLOSED
    assert hall.index.contacts() == set()


def test_a_call_whose_end_nobody_told_us_is_closed_when_no_call_can_last_so_long(hall: Hall, call: str) -> None:
    for _ in range(3):
        hall.step(HOUR)
    assert hall.state(call) is ContactState.ACTIVE
    hall.step(HOUR + 10)
    assert hall.state(call) is ContactState.CLOSED


def test_a_departure_that_was_cut_short_is_completed(hall: Hall) -> None:
    """Let the process die after recording that Anne left, before her conversation returns to the queue."""
    hall.available("anne")
    text = hall.text("Bonjour").standing.contact.id
    hall.serve(text)
    hall.available("david")
    with hall.record.write() as connection:
        record_activity(connection, "anne", Activity.OFFLINE, None, hall.clock())
    hall.step(10)
    assert hall.offered_to(text) == "david"


def test_who_is_back_at_once_keeps_what_they_had(hall: Hall) -> None:
    hall.available("anne", "david")
    text = hall.text("Bonjour").standing.contact.id
    login = hall.serve(text)
    hall.step(10)
    hall.step(10)
    assert hall.state(text) is ContactState.ACTIVE
    assert hall.reception.standing(text).contact.agent == login


def test_who_is_taken_off_the_staff_leaves_what_they_were_writing_to_the_others(hall: Hall) -> None:
    hall.available("david", "anne")
    mail = hall.mail("Une écharpe", topic="objets-trouves").standing.contact.id
    assert hall.serve(mail) == "david"
    plan = [line for line in PLAN.read_text("utf-8").splitlines() if not line.startswith("  david:")]
    hall.plans.publish("\n".join(plan), "anne", hall.clock())
    hall.step(5)
    hall.step(5)
    assert hall.offered_to(mail) == "anne"
    with hall.record.read() as connection:
        left = connection.execute(select(AgentPresence).where(AgentPresence.login == "david")).one()
    assert (left.activity, left.reason) == ("offline", "not_on_staff")
