"""Measuring the promise of fifteen minutes: the share of contacts answered in time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from competences.channels import Channel, channels_where
from routeur.contact.words import ContactState, FollowUpReason, Outcome
from routeur.record.engine import Record
from routeur.record.tables import Contact, FollowUp

PROMISE_SECONDS: Final = 900
GAVE_UP_SECONDS: Final = 10

LIVE_CHANNELS: Final = channels_where(lambda traits: traits.live)


@dataclass(frozen=True)
class Tally:
    """Numbers of contacts: `counted` have stopped waiting, `within` of them in time; `left_out` do not count."""

    within: int = 0
    counted: int = 0
    left_out: int = 0

    @property
    def share(self) -> float | None:
        """The part answered in time, from 0 to 1; None if nothing counts."""
        return self.within / self.counted if self.counted else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.within + other.within, self.counted + other.counted, self.left_out + other.left_out)


@dataclass(frozen=True)
class ServiceLevel:
    """The service level of the contacts that arrived from `start` on and before `end`."""

    start: datetime
    end: datetime
    total: Tally
    by_channel: Mapping[Channel, Tally]


@dataclass(frozen=True, slots=True)
class Wait:
    """How a contact's wait went; `reason` and `followed_up_at` are those of its first follow-up."""

    state: ContactState
    outcome: Outcome | None
    arrived_at: datetime
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    reason: FollowUpReason | None = None
    followed_up_at: datetime | None = None


def service_level(record: Record, start: datetime, end: datetime) -> ServiceLevel:
    """Tally the contacts on live channels that arrived in the period and have stopped waiting.

    In time: an agent accepted it, or self-service settled it, within PROMISE_SECONDS. Left out: the usager gave up
    within GAVE_UP_SECONDS, or asked for a follow-up before PROMISE_SECONDS; merged contacts and spam. Missed: all
    others.
    """
    first = (
        select(FollowUp.contact_id, func.min(FollowUp.created_at).label("at")).group_by(FollowUp.contact_id).subquery()
    )
    query = (
        select(
            Contact.channel,
            Contact.state,
            Contact.outcome,
            Contact.arrived_at,
            Contact.accepted_at,
            Contact.closed_at,
            FollowUp.reason,
            FollowUp.created_at,
        )
        .outerjoin(first, first.c.contact_id == Contact.id)
        .outerjoin(FollowUp, (FollowUp.contact_id == first.c.contact_id) & (FollowUp.created_at == first.c.at))
        .where(
            Contact.arrived_at >= start,
            Contact.arrived_at < end,
            Contact.channel.in_([channel.value for channel in LIVE_CHANNELS]),
        )
    )
    tallies = dict.fromkeys(sorted(LIVE_CHANNELS), Tally())
    with record.read() as connection:
        for channel, state, outcome, arrived_at, accepted_at, closed_at, reason, at in connection.execute(query):
            wait = Wait(
                ContactState(state),
                Outcome(outcome) if outcome is not None else None,
                arrived_at,
                accepted_at,
                closed_at,
                FollowUpReason(reason) if reason is not None else None,
                at,
            )
            tallies[Channel(channel)] += judge(wait)
    return ServiceLevel(start, end, sum(tallies.values(), Tally()), tallies)


def judge(wait: Wait) -> Tally:
    """The tally of one contact: within, missed, left out, or nothing while it still waits."""
    if wait.accepted_at is not None:
        return Tally(within=int(_seconds(wait.arrived_at, wait.accepted_at) <= PROMISE_SECONDS), counted=1)
    if wait.outcome in (Outcome.MERGED, Outcome.SPAM):
        return Tally(left_out=1)
    if wait.outcome is Outcome.SELF_SERVED and _seconds(wait.arrived_at, wait.closed_at) <= PROMISE_SECONDS:
        return Tally(within=1, counted=1)
    if wait.reason is not None:
        waited = _seconds(wait.arrived_at, wait.followed_up_at)
        if wait.reason is FollowUpReason.USAGER_ASKED and waited < PROMISE_SECONDS:
            return Tally(left_out=1)
        return Tally(counted=1)
    if wait.state is not ContactState.CLOSED:
        return Tally()
    if wait.outcome is Outcome.ABANDONED and _seconds(wait.arrived_at, wait.closed_at) <= GAVE_UP_SECONDS:
        return Tally(left_out=1)
    return Tally(counted=1)


def _seconds(start: datetime, end: datetime | None) -> float:
    """The seconds from `start` to `end`; infinite without an end."""
    return (end - start).total_seconds() if end is not None else math.inf
