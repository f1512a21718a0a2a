"""The dispatcher: applies deadlines, journals the index's events, hands out effects, repairs. Any number may run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import ResponseError
from sqlalchemy import select

from routeur.clock import from_milliseconds
from routeur.contact.words import Absence, Activity
from routeur.desk.activity import record_activity
from routeur.desk.departure import Departures
from routeur.desk.wrap_up import WrapUps
from routeur.followups.reminders import Reminders
from routeur.foundation import Foundation
from routeur.index import IndexLost, Lapsed
from routeur.ports.events import entries_of
from routeur.ports.outbox import HandOut, Outbox
from routeur.queue.orphans import Orphans
from routeur.queue.queue import Queue
from routeur.queue.repair import GRACE, Repair
from routeur.record.tables import AgentPresence, JournalEntry
from routeur.record.upsert import insert_or

log = structlog.get_logger(__name__)

_GROUP: Final = "journal"
_ABANDONED_MS = 30_000
"""An event that a dispatcher has read but not finished for this long is taken over by another."""
_HEARTBEAT_MS = 10_000
_REPAIR_EVERY = timedelta(seconds=3)
_CLEAN_EVERY = timedelta(hours=1)

JOURNALLED = frozenset({"offered", "declined", "expired", "withdrawn", "widened"})
"""The events that the scripts decide alone; all others are journalled in the commit that makes them true."""


class Dispatcher:
    """One process that keeps the router going; `name` tells it from other dispatchers.

    `redis` must decode responses; `hand_out` queues the job that performs an entry of the outbox.
    """

    def __init__(
        self,
        foundation: Foundation,
        queue: Queue,
        departures: Departures,
        wrap_ups: WrapUps,
        orphans: Orphans,
        repair: Repair,
        reminders: Reminders,
        outbox: Outbox,
        redis: Redis,
        hand_out: HandOut,
        name: str,
    ) -> None:
        self._foundation = foundation
        self._queue = queue
        self._departures = departures
        self._wrap_ups = wrap_ups
        self._orphans = orphans
        self._repair = repair
        self._reminders = reminders
        self._outbox = outbox
        self._redis = redis
        self._hand_out = hand_out
        self._name = name
        self._next_repair: datetime | None = None
        self._next_cleaning: datetime | None = None
        self._claim_from = "0-0"

    def step(self, block_ms: int = 0) -> None:
        """Do one round of work, waiting at most `block_ms` for an event. Raises RedisError when Redis is away."""
        index = self._foundation.index
        self._redis.set(index.key("dispatcher"), self._name, px=_HEARTBEAT_MS)
        self._outbox.relay(self._hand_out)
        try:
            if index.is_lost():
                self._repair.rebuild()
            else:
                self._drain()
                self._mend()
            self._take_events(block_ms)
        except IndexLost:
            log.warning("index_lost_meanwhile")

    def _mend(self) -> None:
        now = self._foundation.clock()
        if self._next_repair is not None and now < self._next_repair:
            return
        self._departures.log_out_former_staff()
        self._repair.sweep()
        self._departures.release_all(GRACE)
        self._wrap_ups.end_due()
        self._orphans.mend_links()
        self._reminders.remind()
        self._next_repair = now + _REPAIR_EVERY
        if self._next_cleaning is None or now >= self._next_cleaning:
            self._foundation.index.forget_former()
            self._next_cleaning = now + _CLEAN_EVERY

    def _drain(self) -> None:
        index = self._foundation.index
        for due in index.tick(self._foundation.clock()):
            if isinstance(due, Lapsed):
                self._queue.give_up(due.contact, lapsed=True)
        for contact_id in index.unserved(self._foundation.clock()):
            self._queue.give_up(contact_id, lapsed=False)

    def _take_events(self, block_ms: int) -> None:
        stream = self._foundation.index.events
        try:
            claimed: Any = self._redis.xautoclaim(
                stream, _GROUP, self._name, _ABANDONED_MS, self._claim_from, count=100
            )
            self._claim_from = claimed[0]
            events = [event for event in claimed[1] if event[0]]  # an event trimmed from the stream has no id
            if not events:
                answer: Any = self._redis.xreadgroup(
                    _GROUP, self._name, {stream: ">"}, count=100, block=block_ms or None
                )
                events = entries_of(answer)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            self._redis.xgroup_create(stream, _GROUP, id="0", mkstream=True)
            return
        if events:
            self._write_down(events)
            self._redis.xack(stream, _GROUP, *[event_id for event_id, _ in events])

    def _write_down(self, events: list[tuple[str, dict[str, str]]]) -> None:
        rows = [_journal_row(event_id, fields) for event_id, fields in events if fields["kind"] in JOURNALLED]
        if rows:
            with self._foundation.record.write() as connection:
                connection.execute(
                    insert_or(connection, JournalEntry).on_conflict_do_nothing(index_elements=["event_id"]), rows
                )
        for _, fields in events:
            if fields["kind"] == "away":
                self._agent_left(fields["agent"], Activity.AWAY, Absence.MISSED_OFFERS, int(fields["revision"]))
            elif fields["kind"] == "lost":
                self._agent_left(fields["agent"], Activity.OFFLINE, Absence.DESK_GONE, int(fields["revision"]))
                self._departures.release(fields["agent"])

    def _agent_left(self, login: str, activity: Activity, reason: Absence, revision: int) -> None:
        """Record that the index took an agent off the queue, unless the agent has changed activity since."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = connection.scalar(select(AgentPresence.revision).where(AgentPresence.login == login))
            if latest != revision:
                return
            recorded = record_activity(connection, login, activity, reason.value, now)
        agent = self._foundation.plan.agents.get(login)
        if agent is not None:
            self._foundation.index.place_agent(login, agent.skills, activity, recorded, now, by_their_desk=False)
        self._foundation.announcer.tell("activity", now, agent=login, activity=activity.value, reason=reason.value)


def _journal_row(event_id: str, fields: dict[str, str]) -> dict[str, Any]:
    detail = {name: value for name, value in fields.items() if name not in ("kind", "contact", "agent", "at")}
    return {
        "event_id": event_id,
        "at": from_milliseconds(int(fields["at"])),
        "kind": fields["kind"],
        "contact_id": fields["contact"] or None,
        "agent": fields["agent"] or None,
        "detail": detail,
    }
