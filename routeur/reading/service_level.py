"""The promise, measured: the share answered within fifteen minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

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
    """`counted` contacts stopped waiting, `within` of them were answered in time; `left_out` do not count."""

    within: int = 0
    counted: int = 0
    left_out: int = 0

    @property
    def share(self) -> float | None:
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


def service_level(record: Record, start: datetime, end: datetime) -> ServiceLevel:
    """Of the contacts on live channels that arrived in the period and stopped waiting, the share that an agent
    accepted, or self-service settled, within 900 s. Left out: who gave up within 10 s, and who asked for a follow-up
    without having waited 900 s. Every other follow-up and abandonment counts as missed.
    """
    first = (
        select(FollowUp.contact_id, func.min(FollowUp.created_at).label("at")).group_by(FollowUp.contact_id).subquery()
    )
    query = (
        select(*Contact.__table__.c, FollowUp.reason, FollowUp.created_at.label("followed_up_at"))
        .outerjoin(first, first.c.contact_id == Contact.id)
        .outerjoin(FollowUp, (FollowUp.contact_id == first.c.contact_id) & (FollowUp.created_at == first.c.at))
        .where(
            Contact.arrived_at >= start,
            Contact.arrived_at < end,
            Contact.channel.in_([channel.value for channel in LIVE_CHANNELS]),
        )
    )
    with record.read() as connection:
        rows = connection.execute(query).all()
    by_channel = {channel: _tally(row for row in rows if row.channel == channel) for channel in sorted(LIVE_CHANNELS)}
    return ServiceLevel(start, end, sum(by_channel.values(), Tally()), by_channel)


def _tally(rows: Iterable[Any]) -> Tally:
    return sum(map(judge, rows), Tally())


def judge(row: Any) -> Tally:
    """One contact's part in the service level: within, missed, left out, or nothing while it still waits."""
    if row.accepted_at is not None:
        return Tally(within=int(_seconds(row.arrived_at, row.accepted_at) <= PROMISE_SECONDS), counted=1)
    if row.outcome in (Outcome.MERGED, Outcome.SPAM):
        return Tally(left_out=1)
    if row.outcome == Outcome.SELF_SERVED and _seconds(row.arrived_at, row.closed_at) <= PROMISE_SECONDS:
        return Tally(within=1, counted=1)
    if row.reason is not None:
        waited = _seconds(row.arrived_at, row.followed_up_at)
        if row.reason == FollowUpReason.USAGER_ASKED and waited < PROMISE_SECONDS:
            return Tally(left_out=1)
        return Tally(counted=1)
    if row.state != ContactState.CLOSED:
        return Tally()
    waited = _seconds(row.arrived_at, row.closed_at)
    if row.outcome == Outcome.ABANDONED and waited <= GAVE_UP_SECONDS:
        return Tally(left_out=1)
    return Tally(counted=1)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
