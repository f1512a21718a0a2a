"""The audit finds the faults that it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace

import pytest

from competences.channels import Channel
from competences.plan.plan import Plan
from tests.chaos.audit import holders, open_twice
from tests.e2e.town_hall import PLAN

CHANNELS = {"call": Channel.VOICE, "chat": Channel.CHAT, "mail": Channel.EMAIL}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.load(PLAN.read_text("utf-8"))


def journal(*steps: str) -> Iterator[SimpleNamespace]:
    """Journal entries, from texts of the form `kind contact agent`."""
    numbers = count(1)
    for step in steps:
        kind, contact, agent = step.split()
        yield SimpleNamespace(id=next(numbers), kind=kind, contact_id=contact, agent=agent)


def test_a_contact_accepted_by_two_is_found(plan: Plan) -> None:
    twice, _ = holders(journal("accepted chat ana", "accepted chat bob"), CHANNELS, plan)
    assert len(twice) == 1


def test_a_contact_that_came_back_in_between_is_not(plan: Plan) -> None:
    back = journal("accepted chat ana", "transferred chat ana", "accepted chat bob", "finished chat bob")
    assert holders(back, CHANNELS, plan) == ([], [])


def test_an_agent_with_more_than_they_may_have_is_found(plan: Plan) -> None:
    _, above = holders(journal("accepted chat ana", "accepted call ana"), CHANNELS, plan)
    assert len(above) == 1


def test_an_email_may_be_put_aside_for_a_call(plan: Plan) -> None:
    aside = journal("accepted mail ana", "accepted call ana", "finished call ana", "finished mail ana")
    assert holders(aside, CHANNELS, plan) == ([], [])


def texter(address: str, arrived: int, closed: int | None) -> SimpleNamespace:
    """A contact by text, open from one minute to another."""
    minute = [datetime(2026, 3, 2, 9, one, tzinfo=UTC) for one in range(60)]
    return SimpleNamespace(
        address=address, arrived_at=minute[arrived], closed_at=minute[closed] if closed is not None else None
    )


def test_a_sender_with_two_contacts_at_once_is_found() -> None:
    assert open_twice([texter("a", 1, 9), texter("a", 5, 6)]) == ["a"]
    assert open_twice([texter("a", 1, None), texter("a", 5, 6)]) == ["a"]


def test_a_sender_who_writes_again_when_all_was_done_is_not() -> None:
    assert open_twice([texter("a", 1, 4), texter("a", 5, 6), texter("b", 2, None)]) == []
