"""The audit finds what it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import pytest

from competences.channels import Channel
from competences.plan import Plan
from tests.chaos.audit import holders
from tests.e2e.town_hall import PLAN

CHANNELS = {"call": Channel.VOICE, "chat": Channel.CHAT, "mail": Channel.EMAIL}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.load(PLAN.read_text("utf-8"))


def journal(*steps: str) -> Iterator[SimpleNamespace]:
    """Entries from `kind contact agent`."""
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
