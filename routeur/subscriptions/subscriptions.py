"""Who listens: the addresses of other systems, the events that each wants, and whether it still answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from routeur.clock import Clock
from routeur.contact.identifiers import new_id
from routeur.errors import NotFound
from routeur.record.engine import Record
from routeur.record.tables import EventDelivery, EventSubscription, JournalEntry

FORMER_SECRET_GOOD_FOR: Final = timedelta(hours=24)
"""How long the secret before the present one still signs, so that a listener can change it without missing an event."""


class Stopped(StrEnum):
    """Why a subscription is told nothing for now."""

    BY_HAND = "by_hand"
    GONE = "gone"
    """Its address answered 410: it wants no more."""
    FAILING = "failing"
    """It took nothing for as long as an event is retried."""


@dataclass(frozen=True)
class Wanted:
    """Where events go, and which. An empty filter lets all through; events about no contact pass no other than `kinds`.

    `services` look at the follow-up's service.
    """

    name: str
    url: str
    kinds: Sequence[str] = ()
    channels: Sequence[str] = ()
    topics: Sequence[str] = ()
    services: Sequence[str] = ()

    def lets_through(self, kind: str, channel: str | None, topic: str | None, service: str | None) -> bool:
        """Whether an event with these facts is told."""
        pairs = ((self.kinds, kind), (self.channels, channel), (self.topics, topic), (self.services, service))
        return all(not wanted or fact in wanted for wanted, fact in pairs)


@dataclass(frozen=True)
class Subscription:
    """A subscription. `secret_number` counts its secrets from 1; the one before is good until `former_until`."""

    id: str
    wanted: Wanted
    created_at: datetime
    created_by: str
    secret_number: int
    former_until: datetime | None
    stopped: Stopped | None
    stopped_at: datetime | None
    position: int

    def secret_numbers(self, now: datetime) -> list[int]:
        """The secrets that sign at this moment, the present one first."""
        former = self.former_until is not None and now < self.former_until
        return [self.secret_number, self.secret_number - 1] if former else [self.secret_number]


class Subscriptions:
    """Makes, changes and ends subscriptions."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def all(self) -> list[Subscription]:
        """Every subscription, the oldest first."""
        with self._record.read() as connection:
            return every_subscription(connection)

    def get(self, subscription_id: str) -> Subscription:
        """One subscription. Raises NotFound."""
        with self._record.read() as connection:
            return _get(connection, subscription_id)

    def add(self, wanted: Wanted, login: str) -> Subscription:
        """Tell this listener what happens from now on."""
        now = self._clock()
        with self._record.write() as connection:
            newest = connection.scalar(select(func.max(JournalEntry.id))) or 0
            values = {
                "id": new_id(),
                **_columns(wanted),
                "created_at": now,
                "created_by": login,
                "secret_number": 1,
                "position": newest,
            }
            connection.execute(insert(EventSubscription).values(**values))
            return _get(connection, values["id"])

    def change(self, subscription_id: str, wanted: Wanted, *, stopped: bool) -> Subscription:
        """Tell it something else, or somewhere else. Stopped, it loses nothing: what it missed is told when it goes on.

        Raises NotFound.
        """
        now = self._clock()
        with self._record.write() as connection:
            before = _get(connection, subscription_id)
            values: dict[str, Any] = _columns(wanted)
            if stopped and before.stopped is None:
                values |= {"stopped": Stopped.BY_HAND.value, "stopped_at": now}
            elif not stopped:
                values |= {"stopped": None, "stopped_at": None}
            connection.execute(
                update(EventSubscription).where(EventSubscription.id == subscription_id).values(**values)
            )
            return _get(connection, subscription_id)

    def renew_secret(self, subscription_id: str) -> Subscription:
        """Give it a new secret; the present one signs too for a day. Raises NotFound."""
        until = self._clock() + FORMER_SECRET_GOOD_FOR
        with self._record.write() as connection:
            connection.execute(
                update(EventSubscription)
                .where(EventSubscription.id == subscription_id)
                .values(secret_number=EventSubscription.secret_number + 1, former_until=until)
            )
            return _get(connection, subscription_id)

    def end(self, subscription_id: str) -> None:
        """Tell it nothing more, and forget what was told. Raises NotFound."""
        with self._record.write() as connection:
            _get(connection, subscription_id)
            connection.execute(delete(EventDelivery).where(EventDelivery.subscription_id == subscription_id))
            connection.execute(delete(EventSubscription).where(EventSubscription.id == subscription_id))


def every_subscription(connection: Connection) -> list[Subscription]:
    """Every subscription, the oldest first."""
    query = select(*EventSubscription.__table__.c).order_by(EventSubscription.created_at, EventSubscription.id)
    return [_read(row) for row in connection.execute(query)]


def stop(connection: Connection, subscription_id: str, why: Stopped, now: datetime) -> None:
    """Tell a subscription nothing more for now."""
    connection.execute(
        update(EventSubscription)
        .where(EventSubscription.id == subscription_id, EventSubscription.stopped.is_(None))
        .values(stopped=why.value, stopped_at=now)
    )


def _get(connection: Connection, subscription_id: str) -> Subscription:
    query = select(*EventSubscription.__table__.c).where(EventSubscription.id == subscription_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(subscription_id)
    return _read(row)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "url": wanted.url,
        "kinds": list(wanted.kinds),
        "channels": list(wanted.channels),
        "topics": list(wanted.topics),
        "services": list(wanted.services),
    }


def _read(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        wanted=Wanted(row.name, row.url, row.kinds, row.channels, row.topics, row.services),
        created_at=row.created_at,
        created_by=row.created_by,
        secret_number=row.secret_number,
        former_until=row.former_until,
        stopped=Stopped(row.stopped) if row.stopped is not None else None,
        stopped_at=row.stopped_at,
        position=row.position,
    )
