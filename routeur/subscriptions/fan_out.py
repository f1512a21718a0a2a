"""From the journal to the listeners: each entry becomes one delivery for each subscription that wants it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from routeur.clock import Clock
from routeur.contact.identifiers import new_id
from routeur.record.engine import Record
from routeur.record.tables import EventDelivery, EventSubscription, JournalEntry
from routeur.record.upsert import insert_or
from routeur.subscriptions.deliveries import Progress
from routeur.subscriptions.published import ENTRY_COLUMNS, Published, published
from routeur.subscriptions.subscriptions import Subscription, every_subscription

SETTLED_AFTER: Final = timedelta(seconds=30)
"""An entry may be committed after one with a greater id. Entries younger than this are looked at again."""

PAGE_ENTRIES = 500


class FanOut:
    """Writes down what each subscription is to be told. Any number may work at once: each event is told once."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def step(self) -> int:
        """Write down the deliveries of the newest entries; returns how many are new."""
        settled = self._clock() - SETTLED_AFTER
        with self._record.read() as connection:
            subscriptions = every_subscription(connection)
        if not subscriptions:
            return 0
        position, new = min(one.position for one in subscriptions), 0
        while True:
            with self._record.read() as connection:
                entries = connection.execute(
                    select(*ENTRY_COLUMNS)
                    .where(JournalEntry.id > position)
                    .order_by(JournalEntry.id)
                    .limit(PAGE_ENTRIES)
                ).all()
                missing = _missing(connection, subscriptions, published(connection, entries))
            passed = _settled_until(entries, settled)
            if missing or passed > position:
                new += self._write(missing, subscriptions, passed)
            if len(entries) < PAGE_ENTRIES:
                return new
            position = entries[-1].id

    def _write(self, missing: Sequence[dict[str, Any]], subscriptions: Sequence[Subscription], passed: int) -> int:
        behind = [one.id for one in subscriptions if one.position < passed]
        with self._record.write() as connection:
            written = 0
            for row in missing:
                key = ["subscription_id", "entry_id"]
                added = insert_or(connection, EventDelivery).values(**row).on_conflict_do_nothing(index_elements=key)
                written += connection.execute(added).rowcount
            if behind:
                connection.execute(
                    update(EventSubscription)
                    .where(EventSubscription.id.in_(behind), EventSubscription.position < passed)
                    .values(position=passed)
                )
        return written


def _missing(
    connection: Connection, subscriptions: Sequence[Subscription], events: Sequence[Published]
) -> list[dict[str, Any]]:
    """The rows of the deliveries that are not written down yet."""
    pair = (EventDelivery.subscription_id, EventDelivery.entry_id)
    known_rows = connection.execute(select(*pair).where(EventDelivery.entry_id.in_([one.entry_id for one in events])))
    known = {(row.subscription_id, row.entry_id) for row in known_rows}
    return [
        _row(one, event)
        for event in events
        for one in subscriptions
        if event.entry_id > one.position
        and (one.id, event.entry_id) not in known
        and one.wanted.lets_through(event.kind, event.channel, event.topic, event.service)
    ]


def _row(subscription: Subscription, event: Published) -> dict[str, Any]:
    body = {"type": event.kind, "timestamp": event.at.isoformat(), "data": event.data}
    return {
        "id": new_id(),
        "subscription_id": subscription.id,
        "entry_id": event.entry_id,
        "kind": event.kind,
        "body": json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        "state": Progress.PENDING.value,
        "attempts": 0,
        "at": event.at,
        "next_attempt_at": event.at,
    }


def _settled_until(entries: Sequence[Row[Any]], settled: datetime) -> int:
    """The id up to which nothing can be committed any more; 0 where that is nowhere."""
    passed = 0
    for entry in entries:
        if entry.at > settled:
            break
        passed = entry.id
    return passed
