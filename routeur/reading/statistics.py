"""What the town hall did in a period: who came, how long they waited, what became of them (docs/statistics.md).

Counted by the database, a month at a time, so that a year holds up no web process.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Integer, Subquery, and_, case, cast, func, literal, or_, select

from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.waits import PROMISED
from routeur.contact.words import ContactState, FollowUpReason, FollowUpState, Outcome, WaitEnd
from routeur.errors import Invalid, NotByAgent
from routeur.reading.local_hours import local_hour
from routeur.reading.service_level import GAVE_UP_SECONDS, NO_DEMAND
from routeur.reading.waits import waits_begun
from routeur.record.engine import Record
from routeur.record.tables import Contact, FollowUp

READ_AT_ONCE: Final = timedelta(days=31)


class By(StrEnum):
    """What to tell the figures apart by; `hour` is that of the day, from 00 to 23."""

    HOUR = "hour"
    DAY = "day"
    CHANNEL = "channel"
    TOPIC = "topic"
    SERVICE = "service"
    AGENT = "agent"


@dataclass(frozen=True)
class Question:
    """Which figures are asked for: those from `start` on and before `end`, on clocks in `zone`, told apart `by`.

    Of one channel, topic or service alone where it is given.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    by: By
    channel: Channel | None = None
    topic: str | None = None
    service: str | None = None


@dataclass(frozen=True)
class Spread:
    """How long something took: `count` times, in seconds on average, and at most for half and for 95 % of them."""

    count: int = 0
    mean: float | None = None
    p50: int | None = None
    p95: int | None = None


@dataclass(frozen=True)
class Arrivals:
    """Demands that began to wait, by how that ended: an agent took them, and so on.

    `arrivals` is their number, and the sum of the others but for those that begin with the name of another, which are
    among these. `solved_at_once` are those taken by an agent that were answered without being passed on; `finished`,
    those taken that no agent has any more; `handovers`, how often those taken were passed on.
    """

    arrivals: int = 0
    waiting: int = 0
    accepted: int = 0
    self_served: int = 0
    abandoned: int = 0
    abandoned_at_once: int = 0
    followed_up: int = 0
    followed_up_while_closed: int = 0
    otherwise: int = 0
    finished: int = 0
    solved_at_once: int = 0
    handovers: int = 0

    @property
    def abandonment(self) -> float | None:
        """The abandoned among those that no longer wait; who gave up at once counts in neither."""
        return _share(self.abandoned - self.abandoned_at_once, self.arrivals - self.waiting - self.abandoned_at_once)

    @property
    def solved_at_once_share(self) -> float | None:
        """The solved at once among the finished."""
        return _share(self.solved_at_once, self.finished)


@dataclass(frozen=True)
class Promises:
    """Follow-ups that were made: answered in time, late, not yet, or not to be any more, their contact being served.

    `because_closed` and `overdue` (not answered yet although due) are among these.
    """

    made: int = 0
    because_closed: int = 0
    in_time: int = 0
    late: int = 0
    pending: int = 0
    overdue: int = 0
    back_in_queue: int = 0

    @property
    def in_time_share(self) -> float | None:
        """Those answered in time, among those that were answered or should have been."""
        return _share(self.in_time, self.in_time + self.late + self.overdue)


@dataclass(frozen=True)
class Figures:
    """All figures of one key: of a channel, of an hour of the day, or of everything (None)."""

    key: str | None
    arrivals: Arrivals
    wait: Spread
    handling: Spread
    follow_ups: Promises


@dataclass(frozen=True)
class Statistics:
    """The figures of a question: of everything, and by key, in the order of the keys (None last)."""

    total: Figures
    items: Sequence[Figures]


def statistics(record: Record, plan: Plan, question: Question, now: datetime) -> Statistics:
    """Count what the question asks for; `plan` says which service a topic belongs to, `now` what is overdue.

    It reads month by month, and lets others go first in between: SQLite computes in this very process.
    Raises NotByAgent where the plan does not allow what is asked, Invalid for a topic or service that it does not have.
    """
    if question.by is By.AGENT and not plan.statistics_by_agent:
        raise NotByAgent
    for name, known in ((question.topic, plan.topics), (question.service, plan.services)):
        if name is not None and name not in known:
            raise Invalid(name)
    sums: defaultdict[str | None, _Sums] = defaultdict(_Sums)
    for part in _months(question):
        with record.read() as connection:
            _count(connection, plan, part, now, sums)
        time.sleep(0)
    total = _Sums()
    for one in sums.values():
        total += one
    keys = sorted(sums, key=lambda key: (key is None, key or ""))
    return Statistics(total.figures(None), [sums[key].figures(key) for key in keys])


@dataclass
class _Sums:
    """What was counted so far of one key, by the fields of `Arrivals` and `Promises`, and by seconds."""

    arrivals: Counter[str] = field(default_factory=Counter)
    wait: Counter[int] = field(default_factory=Counter)
    handling: Counter[int] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: _Sums) -> _Sums:
        for one in fields(self):
            getattr(self, one.name).update(getattr(other, one.name))
        return self

    def figures(self, key: str | None) -> Figures:
        return Figures(
            key, Arrivals(**self.arrivals), _spread(self.wait), _spread(self.handling), Promises(**self.promises)
        )


def _spread(seconds: Counter[int]) -> Spread:
    """A percentile is what one of them took (the nearest rank)."""
    count = seconds.total()
    if not count:
        return Spread()
    mean = sum(took * number for took, number in seconds.items()) / count
    in_order = sorted(seconds)
    reached = list(accumulate(seconds[took] for took in in_order))
    p50, p95 = (in_order[bisect_left(reached, count * percent / 100)] for percent in (50, 95))
    return Spread(count, mean, p50, p95)


def _months(question: Question) -> Iterator[Question]:
    """The question in parts that are read at once."""
    start = question.start.astimezone(UTC)
    while start < question.end:
        end = min(start + READ_AT_ONCE, question.end)
        yield replace(question, start=start, end=end)
        start = end


def _count(
    connection: Connection, plan: Plan, question: Question, now: datetime, sums: defaultdict[str | None, _Sums]
) -> None:
    waits, follow_ups = _keyed_waits(plan, question), _keyed_follow_ups(question)
    for key, numbers in _counts(connection, waits, _of_waits(waits)):
        sums[key].arrivals.update(numbers)
    for key, numbers in _counts(connection, follow_ups, _of_follow_ups(follow_ups, now)):
        sums[key].promises.update(numbers)
    taken = waits.c.wait_end == WaitEnd.ACCEPTED.value
    for key, seconds, number in _by_second(connection, waits, waits.c.waited_seconds, taken):
        sums[key].wait[seconds] += number
    finished = and_(taken, waits.c.over)
    for key, seconds, number in _by_second(connection, waits, waits.c.handled_seconds, finished):
        sums[key].handling[seconds] += number


def _keyed_waits(plan: Plan, question: Question) -> Subquery:
    """The waits that are asked for, each with its `key`, and whether its contact is `over` for the front desk."""
    waits = waits_begun(question.start, question.end)
    service = _service_of(plan, waits.c.topic)
    keys: Mapping[By, ColumnElement[Any]] = {
        By.CHANNEL: waits.c.channel,
        By.TOPIC: waits.c.topic,
        By.SERVICE: service,
        By.AGENT: waits.c.first_agent,
    }
    asked = {waits.c.channel: question.channel, waits.c.topic: question.topic, service: question.service}
    over = or_(waits.c.state == ContactState.CLOSED.value, waits.c.state == ContactState.FOLLOW_UP.value)
    return (
        select(waits, _key(question, keys, waits.c.wait_began).label("key"), over.label("over"))
        .where(
            or_(waits.c.wait_end.is_(None), waits.c.wait_end.not_in([end.value for end in NO_DEMAND])),
            *(column == value for column, value in asked.items() if value is not None),
        )
        .subquery("keyed_waits")
    )


def _keyed_follow_ups(question: Question) -> Subquery:
    """The follow-ups that are asked for, each with its `key`; by service, that which owes the answer."""
    keys: Mapping[By, ColumnElement[Any]] = {
        By.CHANNEL: Contact.__table__.c.channel,
        By.TOPIC: FollowUp.__table__.c.topic,
        By.SERVICE: FollowUp.__table__.c.service,
        By.AGENT: FollowUp.__table__.c.taken_by,
    }
    asked = {Contact.channel: question.channel, FollowUp.topic: question.topic, FollowUp.service: question.service}
    made_at = FollowUp.__table__.c.created_at
    done_at = func.coalesce(FollowUp.answered_at, FollowUp.closed_at)
    return (
        select(
            FollowUp.reason,
            FollowUp.due_at,
            done_at.label("done_at"),
            (FollowUp.state == FollowUpState.QUEUED.value).label("queued"),
            _key(question, keys, made_at).label("key"),
        )
        .join(Contact, Contact.id == FollowUp.contact_id)
        .where(
            made_at >= question.start,
            made_at < question.end,
            *(column == value for column, value in asked.items() if value is not None),
        )
        .subquery("keyed_follow_ups")
    )


def _key(question: Question, keys: Mapping[By, ColumnElement[Any]], at: ColumnElement[datetime]) -> ColumnElement[Any]:
    if question.by in keys:
        return keys[question.by]
    hour = local_hour(at, question.start, question.end, question.zone)
    return func.substr(hour, 12, 2) if question.by is By.HOUR else func.substr(hour, 1, 10)


def _service_of(plan: Plan, topic: ColumnElement[Any]) -> ColumnElement[Any]:
    """The service that the topic of a column belongs to, by the plan."""
    topics: dict[str, list[str]] = {}
    for name, known in plan.topics.items():
        topics.setdefault(known.service, []).append(name)
    return case(*((topic.in_(names), service) for service, names in topics.items()), else_=plan.default_service)


def _of_waits(waits: Subquery) -> Mapping[str, ColumnElement[Any]]:
    """What to sum up over waits, by the fields of `Arrivals`."""
    end, seconds = waits.c.wait_end, waits.c.waited_seconds
    taken = end == WaitEnd.ACCEPTED.value
    counted = [WaitEnd.ACCEPTED, WaitEnd.SELF_SERVED, WaitEnd.ABANDONED, *PROMISED]
    solved = and_(taken, waits.c.outcome == Outcome.ANSWERED.value, waits.c.handovers == 0)
    return {
        "arrivals": literal(1),
        "waiting": _one_if(end.is_(None)),
        "accepted": _one_if(taken),
        "self_served": _one_if(end == WaitEnd.SELF_SERVED.value),
        "abandoned": _one_if(end == WaitEnd.ABANDONED.value),
        "abandoned_at_once": _one_if(and_(end == WaitEnd.ABANDONED.value, seconds <= GAVE_UP_SECONDS)),
        "followed_up": _one_if(end.in_([one.value for one in PROMISED])),
        "followed_up_while_closed": _one_if(end == WaitEnd.CLOSED.value),
        "otherwise": _one_if(end.not_in([one.value for one in counted])),
        "finished": _one_if(and_(taken, waits.c.over)),
        "solved_at_once": _one_if(solved),
        "handovers": case((taken, func.coalesce(waits.c.handovers, 0)), else_=0),
    }


def _of_follow_ups(follow_ups: Subquery, now: datetime) -> Mapping[str, ColumnElement[Any]]:
    """What to sum up over follow-ups, by the fields of `Promises`."""
    done, due, queued = follow_ups.c.done_at, follow_ups.c.due_at, follow_ups.c.queued
    return {
        "made": literal(1),
        "because_closed": _one_if(follow_ups.c.reason == FollowUpReason.CLOSED.value),
        "in_time": _one_if(and_(~queued, done <= due)),
        "late": _one_if(and_(~queued, done > due)),
        "pending": _one_if(done.is_(None)),
        "overdue": _one_if(and_(done.is_(None), due < now)),
        "back_in_queue": _one_if(queued),
    }


def _one_if(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _counts(
    connection: Connection, rows: Subquery, summed: Mapping[str, ColumnElement[Any]]
) -> Iterator[tuple[str | None, dict[str, int]]]:
    columns = (func.sum(one).label(name) for name, one in summed.items())
    for row in connection.execute(select(rows.c.key, *columns).group_by(rows.c.key)):
        yield row.key, {name: int(getattr(row, name)) for name in summed}


def _by_second(
    connection: Connection, rows: Subquery, seconds: ColumnElement[Any], condition: ColumnElement[bool]
) -> Iterator[tuple[str | None, int, int]]:
    """The number of waits by their seconds, for each key."""
    rounded = (
        select(rows.c.key, cast(func.round(seconds), Integer).label("seconds"))
        .where(condition, seconds.is_not(None))
        .subquery()
    )
    query = select(*rounded.c, func.count().label("number")).group_by(*rounded.c)
    for row in connection.execute(query):
        yield row.key, row.seconds, row.number


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
