"""The service level: the share accepted or self-served within 900 s, of the contacts that stopped waiting."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from competences.channels import Channel
from routeur.contact.words import ContactState, FollowUpReason, Outcome
from routeur.reading.service_level import Tally, Wait, judge, service_level
from tests.clock import MONDAY_MORNING
from tests.routeur.hall import Hall

WITHIN, MISSED, LEFT_OUT, STILL_OPEN = Tally(1, 1), Tally(0, 1), Tally(left_out=1), Tally()


def row(
    *,
    accepted: float | None = None,
    closed: float | None = None,
    outcome: Outcome | None = None,
    reason: FollowUpReason | None = None,
    followed_up: float | None = None,
    state: ContactState = ContactState.CLOSED,
) -> Wait:
    def after(seconds: float | None) -> datetime | None:
        return None if seconds is None else MONDAY_MORNING + timedelta(seconds=seconds)

    return Wait(
        arrived_at=MONDAY_MORNING,
        accepted_at=after(accepted),
        closed_at=after(closed),
        outcome=outcome,
        reason=reason,
        followed_up_at=after(followed_up),
        state=state,
    )


@pytest.mark.parametrize(
    ("contact", "verdict"),
    [
        (row(accepted=900), WITHIN),
        (row(accepted=900.001), MISSED),
        (row(closed=9, outcome=Outcome.ABANDONED), LEFT_OUT),
        (row(closed=10.5, outcome=Outcome.ABANDONED), MISSED),
        (row(closed=30, outcome=Outcome.SELF_SERVED), WITHIN),
        (row(closed=901, outcome=Outcome.SELF_SERVED), MISSED),
        (row(reason=FollowUpReason.USAGER_ASKED, followed_up=60, state=ContactState.FOLLOW_UP), LEFT_OUT),
        (row(reason=FollowUpReason.USAGER_ASKED, followed_up=900, state=ContactState.FOLLOW_UP), MISSED),
        (row(reason=FollowUpReason.MAX_WAIT, followed_up=900, state=ContactState.FOLLOW_UP), MISSED),
        (row(reason=FollowUpReason.CLOSED, followed_up=0, state=ContactState.FOLLOW_UP), MISSED),
        (row(closed=5, outcome=Outcome.SPAM), LEFT_OUT),
        (row(closed=5, outcome=Outcome.MERGED), LEFT_OUT),
        (row(state=ContactState.WAITING), STILL_OPEN),
        (row(accepted=30, reason=FollowUpReason.AGENT_ASKED, followed_up=300, state=ContactState.FOLLOW_UP), WITHIN),
    ],
)
def test_each_ending_counts_as_the_promise_says(contact: Wait, verdict: Tally) -> None:
    assert judge(contact) == verdict


def test_a_morning(hall: Hall) -> None:
    hall.available("anne", "bruno")
    start = hall.clock()
    hall.serve(hall.call("CA1", "+33639980001", "objets-trouves"))
    hall.serve(hall.call("CA2", "+33639980002", "objets-trouves"))
    late = hall.call("CA3", "+33639980003", "objets-trouves")
    hall.chat(topic="objets-trouves")
    hall.mail("Bonjour", topic="objets-trouves")
    hall.step(900)
    assert hall.reception.standing(late).follow_up is not None
    level = service_level(hall.record, start, hall.clock())
    assert level.total == Tally(within=2, counted=4)
    assert level.total.share == 0.5
    assert level.by_channel[Channel.CHAT] == Tally(0, 1)
    assert Channel.EMAIL not in level.by_channel
    assert service_level(hall.record, hall.clock(), hall.clock() + timedelta(days=1)).total.share is None


def test_the_documents_table_of_formulas_is_right() -> None:
    in_time, late = [row(accepted=60)] * 860, [row(accepted=1000)] * 140
    at_once, early, late_abandoned = (
        [row(closed=seconds, outcome=Outcome.ABANDONED)] * count for seconds, count in ((5, 10), (60, 10), (1000, 40))
    )
    ours = sum((judge(one) for one in in_time + late + at_once + early + late_abandoned), Tally())
    assert ours.share is not None
    shares = [880 / 1060, 860 / 1000, 860 / 1060, 860 / 1040, 870 / 1060, ours.share]
    document = Path("docs/service-level.md").read_text("utf-8")
    assert re.findall(r"\| \**(\d\d\.\d) %\** \|", document) == [f"{share:.1%}"[:-1] for share in shares]
