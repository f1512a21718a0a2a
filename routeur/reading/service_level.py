"""Measuring the promise of fifteen minutes: the share of waits that ended in time (docs/service-level.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select

from competences.channels import Channel, channels_where
from routeur.contact.waits import PROMISE_SECONDS
from routeur.contact.words import WaitEnd
from routeur.reading.waits import waits_begun
from routeur.record.engine import Record

GAVE_UP_SECONDS: Final = 10

LIVE_CHANNELS: Final = channels_where(lambda traits: traits.live)

SERVED: Final = frozenset({WaitEnd.ACCEPTED, WaitEnd.ANSWERED, WaitEnd.SELF_SERVED})
NO_DEMAND: Final = frozenset({WaitEnd.TOGETHER, WaitEnd.MERGED, WaitEnd.SPAM})
"""The ends of what is no demand of its own."""


@dataclass(frozen=True)
class Tally:
    """Numbers of waits: `counted` have ended, `within` of them in time; `left_out` do not count.

    `while_closed` do not either: they came while the town hall was closed, and were promised an answer at once.
    """

    within: int = 0
    counted: int = 0
    left_out: int = 0
    while_closed: int = 0

    @property
    def share(self) -> float | None:
        """The part served in time, from 0 to 1; None if nothing counts."""
        return self.within / self.counted if self.counted else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Tally)))

    def __mul__(self, number: int) -> Tally:
        return Tally(*(getattr(self, field.name) * number for field in fields(Tally)))


@dataclass(frozen=True)
class ServiceLevel:
    """The service level of the waits that began from `start` on and before `end`."""

    start: datetime
    end: datetime
    total: Tally
    by_channel: Mapping[Channel, Tally]


def service_level(record: Record, start: datetime, end: datetime) -> ServiceLevel:
    """Tally the waits on live channels that began in the period and have ended."""
    waits = waits_begun(start, end)
    waited = waits.c.waited_seconds
    # The longest wait of those that are judged alike.
    alike = case(
        (waited <= GAVE_UP_SECONDS, GAVE_UP_SECONDS),
        (waited < PROMISE_SECONDS, PROMISE_SECONDS - 1),
        (waited <= PROMISE_SECONDS, PROMISE_SECONDS),
        else_=PROMISE_SECONDS + 1,
    )
    ended = (
        select(waits.c.channel, waits.c.wait_end, alike.label("waited"))
        .where(waits.c.wait_end.is_not(None), waits.c.channel.in_([channel.value for channel in LIVE_CHANNELS]))
        .subquery()
    )
    query = select(ended, func.count().label("number")).group_by(*ended.c)
    tallies = dict.fromkeys(sorted(LIVE_CHANNELS), Tally())
    with record.read() as connection:
        for row in connection.execute(query):
            tallies[Channel(row.channel)] += judge(WaitEnd(row.wait_end), row.waited) * row.number
    return ServiceLevel(start, end, sum(tallies.values(), Tally()), tallies)


def judge(end: WaitEnd, waited_seconds: float) -> Tally:
    """The tally of one wait by how it ended, after how many seconds: within, missed, left out, or came while closed."""
    if end in SERVED:
        return Tally(within=int(waited_seconds <= PROMISE_SECONDS), counted=1)
    if end is WaitEnd.CLOSED:
        return Tally(while_closed=1)
    gave_up_at_once = end is WaitEnd.ABANDONED and waited_seconds <= GAVE_UP_SECONDS
    asked_in_time = end is WaitEnd.ASKED and waited_seconds < PROMISE_SECONDS
    if end in NO_DEMAND or gave_up_at_once or asked_in_time:
        return Tally(left_out=1)
    return Tally(counted=1)
