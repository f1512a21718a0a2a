"""A wait, from when its fifteen minutes count and how it ends, without a record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from competences.calendar import Calendar
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.row import Changes, ContactRow
from routeur.contact.waits import by_hours, end_by_follow_up, following
from routeur.contact.words import ContactState, FollowUpReason, Outcome, WaitEnd
from tests.clock import MONDAY_MORNING
from tests.contacts import a_letter
from tests.routeur.hall import PLAN

SUNDAY_NIGHT = datetime(2026, 3, 1, 22, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TUESDAY_OPENING = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)
HOURS = "holidays: {country: FR}"
STRIKE = f"{HOURS}\n  closures: [{{from: 2026-03-02, label: {{fr: Grève}}}}]"


def calendar(plan_text: str) -> Calendar:
    plan = Plan.load(plan_text)
    return Calendar(plan.hours, plan.commune.timezone)


USUAL = calendar(PLAN.read_text("utf-8"))
ON_STRIKE = calendar(PLAN.read_text("utf-8").replace(HOURS, STRIKE))
BY_NIGHT = a_letter(channel=Channel.MESSAGING, wait_began=SUNDAY_NIGHT, wait_counted_from=MONDAY_OPENING)
BY_DAY = a_letter(channel=Channel.MESSAGING, wait_began=MONDAY_MORNING, wait_counted_from=MONDAY_MORNING)


def test_the_fifteen_minutes_of_what_came_while_closed_begin_at_the_opening() -> None:
    taken = Changes(state=ContactState.ACTIVE, agent="anne")
    ended = following(BY_NIGHT, taken, MONDAY_MORNING, WaitEnd.ACCEPTED, None)
    assert (ended["wait_end"], ended["first_agent"]) == (WaitEnd.ACCEPTED, "anne")
    assert ended["waited_seconds"] == (MONDAY_MORNING - MONDAY_OPENING).total_seconds()
    early = following(BY_NIGHT, taken, SUNDAY_NIGHT, WaitEnd.ACCEPTED, None)
    assert early["waited_seconds"] == 0


def test_a_closure_made_since_lets_them_begin_later() -> None:
    assert by_hours(BY_NIGHT, USUAL) == BY_NIGHT
    assert by_hours(BY_NIGHT, ON_STRIKE).wait_counted_from == TUESDAY_OPENING
    assert by_hours(BY_DAY, ON_STRIKE) == BY_DAY


@pytest.mark.parametrize(
    ("row", "reason", "end"),
    [
        (BY_NIGHT, FollowUpReason.CLOSED, WaitEnd.CLOSED),
        (BY_DAY, FollowUpReason.CLOSED, WaitEnd.FOLLOWED_UP),
        (BY_NIGHT, FollowUpReason.NOBODY_SKILLED, WaitEnd.FOLLOWED_UP),
        (BY_DAY, FollowUpReason.USAGER_ASKED, WaitEnd.ASKED),
    ],
)
def test_only_what_came_while_closed_is_told_apart(row: ContactRow, reason: FollowUpReason, end: WaitEnd) -> None:
    assert end_by_follow_up(row, reason, USUAL) is end


def test_where_nobody_waited_no_wait_ends() -> None:
    ours = a_letter(state=ContactState.ACTIVE)
    closed = Changes(state=ContactState.CLOSED, outcome=Outcome.ANSWERED)
    assert "wait_end" not in following(ours, closed, MONDAY_MORNING, None, None)
