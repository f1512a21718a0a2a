"""What each listener was told, is told and is still to be told: tried for days, kept as a log, and told again if asked.

The pauses are those of the Standard Webhooks specification, and so is the rule that a listener that took nothing for
that long is told nothing more, until somebody says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, delete, or_, select, update

from routeur.clock import Clock
from routeur.errors import NotFound
from routeur.ports.news import DeliveryError
from routeur.reading.paging import Page, after, cursor_after
from routeur.record.engine import Record
from routeur.record.tables import EventDelivery, EventSubscription
from routeur.subscriptions.subscriptions import Stopped, Subscription, Subscriptions, stop

log = structlog.get_logger(__name__)

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The waits after failed attempts: three days in all."""

LOST_AFTER: Final = timedelta(seconds=60)
"""An attempt that has not ended within this time has died with its process, and another is made."""

LOG_KEPT_FOR: Final = timedelta(days=30)
AT_ONCE = 50
"""A listener is told at most this many events in a row before others have their turn."""


class Progress(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


class Gone(DeliveryError):
    """The listener says that it wants no more (HTTP 410)."""

    def __init__(self) -> None:
        super().__init__("410", retryable=False)


@dataclass(frozen=True)
class Notification:
    """What is sent: `id` stays the same however often it is tried."""

    id: str
    subscription: Subscription
    body: str


Send = Callable[[Notification], int]
"""Sends it and returns the HTTP status, a good one. Raises DeliveryError, or Gone."""


@dataclass(frozen=True)
class DeliveryView:
    """A delivery in the log. `answer` is the last answer's HTTP status, or why there was none."""

    id: str
    kind: str
    at: datetime
    state: Progress
    attempts: int
    answer: str | None
    done_at: datetime | None
    next_attempt_at: datetime | None
    body: str


class Deliveries:
    """Tells listeners what is due, and lists what they were told. `send` carries one out."""

    def __init__(self, record: Record, clock: Clock, subscriptions: Subscriptions, send: Send) -> None:
        self._record = record
        self._clock = clock
        self._subscriptions = subscriptions
        self._send = send

    def waiting(self) -> list[str]:
        """The ids of the subscriptions that are to be told something now."""
        query = (
            select(EventDelivery.subscription_id)
            .join(EventSubscription, EventSubscription.id == EventDelivery.subscription_id)
            .where(EventSubscription.stopped.is_(None), _due(self._clock()))
            .distinct()
        )
        with self._record.read() as connection:
            return list(connection.scalars(query))

    def tell(self, subscription_id: str) -> int:
        """Tell one listener what is due, oldest first, until it refuses; returns how many events it took."""
        taken = 0
        while taken < AT_ONCE:
            row = self._claim(subscription_id)
            if row is None or not self._tell(row):
                break
            taken += 1
        return taken

    def page(
        self, subscription_id: str, *, state: Progress | None, cursor: str | None, limit: int
    ) -> Page[DeliveryView]:
        """A page of the log of a subscription, newest first. Raises NotFound, and UnknownPlace."""
        self._subscriptions.get(subscription_id)
        query = select(*EventDelivery.__table__.c).where(EventDelivery.subscription_id == subscription_id)
        if state is not None:
            query = query.where(EventDelivery.state == state.value)
        if cursor is not None:
            query = query.where(after(cursor, EventDelivery.at, EventDelivery.id, newest_first=True))
        with self._record.read() as connection:
            rows = connection.execute(query.order_by(EventDelivery.at.desc(), EventDelivery.id).limit(limit + 1)).all()
        items = [_view(row) for row in rows[:limit]]
        return Page(items, cursor_after(items[-1].at, items[-1].id) if len(rows) > limit else None)

    def replay(self, subscription_id: str, delivery_id: str) -> None:
        """Tell it once more, from the first attempt on. Raises NotFound."""
        if not self._again(subscription_id, EventDelivery.id == delivery_id):
            raise NotFound(delivery_id)

    def replay_since(self, subscription_id: str, since: datetime) -> int:
        """Tell everything in the log that happened since then once more; returns how many events. Raises NotFound."""
        self._subscriptions.get(subscription_id)
        return self._again(subscription_id, EventDelivery.at >= since)

    def forget_old(self) -> None:
        """Take what has ended out of the log after thirty days."""
        ended = EventDelivery.state.in_([Progress.DONE.value, Progress.FAILED.value])
        with self._record.write() as connection:
            connection.execute(delete(EventDelivery).where(ended, EventDelivery.at < self._clock() - LOG_KEPT_FOR))

    def _again(self, subscription_id: str, which: Any) -> int:
        now = self._clock()
        with self._record.write() as connection:
            return connection.execute(
                update(EventDelivery)
                .where(EventDelivery.subscription_id == subscription_id, which)
                .values(state=Progress.PENDING.value, attempts=0, next_attempt_at=now, done_at=None, answer=None)
            ).rowcount

    def _claim(self, subscription_id: str) -> Row[Any] | None:
        """The oldest delivery that is due, now ours; None where there is none."""
        now = self._clock()
        mine = (EventDelivery.subscription_id == subscription_id, _due(now))
        with self._record.write() as connection:
            oldest = connection.scalar(select(EventDelivery.id).where(*mine).order_by(EventDelivery.entry_id).limit(1))
            if oldest is None:
                return None
            return connection.execute(
                update(EventDelivery)
                .where(EventDelivery.id == oldest, *mine)
                .values(
                    state=Progress.SENDING.value,
                    attempts=EventDelivery.attempts + 1,
                    next_attempt_at=now + LOST_AFTER,
                )
                .returning(*EventDelivery.__table__.c)
            ).one_or_none()

    def _tell(self, row: Row[Any]) -> bool:
        subscription = self._subscriptions.get(row.subscription_id)
        if subscription.stopped is not None:
            self._note(row, state=Progress.PENDING, next_attempt_at=self._clock(), attempts=row.attempts - 1)
            return False
        if row.attempts > len(PAUSES) + 1:  # its last attempts died with their processes
            self._fail(row, "interrupted", Stopped.FAILING)
            return False
        try:
            status = self._send(Notification(row.id, subscription, row.body))
        except Gone as gone:
            self._fail(row, gone.reason, Stopped.GONE)
        except DeliveryError as error:
            self._postpone_or_fail(row, error.reason)
        except Exception as error:
            log.exception("event_not_told", subscription=subscription.id)
            self._postpone_or_fail(row, type(error).__name__)
        else:
            self._note(row, state=Progress.DONE, answer=str(status), done_at=self._clock())
            return True
        return False

    def _postpone_or_fail(self, row: Row[Any], reason: str) -> None:
        if row.attempts > len(PAUSES):
            self._fail(row, reason, Stopped.FAILING)
            return
        again = self._clock() + PAUSES[row.attempts - 1]
        self._note(row, state=Progress.PENDING, answer=reason, next_attempt_at=again)

    def _fail(self, row: Row[Any], reason: str, why: Stopped) -> None:
        """Give the delivery up; the subscription too, if it took nothing since, or says that it wants no more."""
        now = self._clock()
        log.warning("event_given_up", subscription=row.subscription_id, reason=reason)
        with self._record.write() as connection:
            _set(connection, row.id, state=Progress.FAILED.value, answer=reason, done_at=now)
            if why is Stopped.GONE or not _took_anything_since(connection, row):
                log.warning("subscription_stopped", subscription=row.subscription_id, why=why.value)
                stop(connection, row.subscription_id, why, now)

    def _note(self, row: Row[Any], *, state: Progress, **values: Any) -> None:
        with self._record.write() as connection:
            _set(connection, row.id, state=state.value, **values)


def _set(connection: Connection, delivery_id: str, **values: Any) -> None:
    connection.execute(update(EventDelivery).where(EventDelivery.id == delivery_id).values(**values))


def _took_anything_since(connection: Connection, row: Row[Any]) -> bool:
    took = select(EventDelivery.id).where(
        EventDelivery.subscription_id == row.subscription_id,
        EventDelivery.state == Progress.DONE.value,
        EventDelivery.done_at > row.at,
    )
    return connection.scalar(took.limit(1)) is not None


def _due(now: datetime) -> Any:
    unfinished = or_(EventDelivery.state == Progress.PENDING.value, EventDelivery.state == Progress.SENDING.value)
    return unfinished & (EventDelivery.next_attempt_at <= now)


def _view(row: Row[Any]) -> DeliveryView:
    state = Progress(row.state)
    ended = state in (Progress.DONE, Progress.FAILED)
    return DeliveryView(
        id=row.id,
        kind=row.kind,
        at=row.at,
        state=state,
        attempts=row.attempts,
        answer=row.answer,
        done_at=row.done_at,
        next_attempt_at=None if ended else row.next_attempt_at,
        body=row.body,
    )
