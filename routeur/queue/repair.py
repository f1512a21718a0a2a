"""Repairing the index from the record: rebuilding it whole, and mending single differences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, select

from competences.skills import pool_of
from competences.versatility import versatility
from routeur.contact import contacts
from routeur.contact.row import COLUMNS, HELD, IN_INDEX, WAITS, ContactRow
from routeur.contact.words import ON_SHIFT, Absence, Activity
from routeur.foundation import Foundation
from routeur.index import AgentSnapshot, ContactSnapshot, sync
from routeur.queue.queue import Queue
from routeur.record.presence import Presence, presences
from routeur.record.tables import Contact

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=3)
"""A change younger than this may still be under way, the record written and the index not yet: left alone."""

CLOSURES_BEHIND = timedelta(days=21)
"""How far back the index knows when the town hall was closed; a place in the queue is seldom older."""
CLOSURES_AHEAD = timedelta(days=3)
"""How far ahead the index knows when the town hall will be closed, in case no dispatcher renews it meanwhile."""

_PAGE_CONTACTS = 1000

_HAS_A_PLACE = Contact.state.in_(HELD) | (Contact.state.in_(WAITS) & Contact.linked_to.is_(None))
"""An agent has it, or it stands in the queue itself."""
_WAITS_LINKED = Contact.state.in_(WAITS) & Contact.linked_to.is_not(None)
"""It waits in the place of another."""


class Repair:
    """Rebuilds or mends the index; any number of dispatchers may sweep at once."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._index = foundation.index
        self._queue = queue

    def rebuild(self) -> int | None:
        """Rebuild the index from the record, with original places, while the town hall is running.

        Returns the number of contacts in it, or None when another process is rebuilding.
        """
        with self._index.rebuilding() as mine:
            if not mine:
                return None
            self._configure()
            self._place_agents()
            count = 0
            for row in self._open_contacts(_HAS_A_PLACE):
                if row.held:
                    sync.hold(self._index, row, self._foundation.clock)
                else:
                    self._queue.move(row)
                count += 1
            for row in self._open_contacts(_WAITS_LINKED):
                self._queue.link(row.linked_to or "", [row])
                count += 1
        log.info("index_rebuilt", contacts=count)
        return count

    def sweep(self) -> int:
        """Mend the differences between record and index that are older than GRACE; returns how many there were."""
        self._configure()
        return self._sweep_agents() + self._sweep_contacts()

    def _configure(self) -> None:
        in_force, now = self._foundation.in_force, self._foundation.clock()
        plan = in_force.plan
        self._index.configure(
            plan.channels,
            offer_seconds=plan.offer_seconds,
            lease_seconds=plan.lease_seconds,
            missed_offers=plan.missed_offers,
            presence_grace_seconds=plan.presence_grace_seconds,
            avoid_seconds=plan.offer_seconds,
            closures=in_force.calendar.closures_between(now - CLOSURES_BEHIND, now + CLOSURES_AHEAD),
        )
        self._index.weigh_pools(versatility(plan))

    def _sweep_contacts(self) -> int:
        now = self._foundation.clock()
        edition = self._foundation.in_force.edition
        # The index is read first: each contact enters the record before the index.
        held_by_index = self._index.contacts()
        rows = {row.id: row for row in self._open_contacts(_HAS_A_PLACE | _WAITS_LINKED)}
        snapshots = self._index.snapshots(held_by_index)
        mended = 0
        for row in rows.values():
            snapshot = snapshots.get(row.id)
            if now - row.changed_at < GRACE or snapshot is not None and now - snapshot.changed_at < GRACE:
                continue
            if row.held:
                if snapshot is None or snapshot.state != "active" or snapshot.agent != row.agent:
                    log.warning("repaired", contact=row.id, record=row.state, index=snapshot and snapshot.state)
                    mended += 1
                if snapshot is None or (snapshot.state, snapshot.agent, snapshot.revision) != (
                    "active",
                    row.agent,
                    row.revision,
                ):
                    sync.hold(self._index, row, self._foundation.clock)
            elif row.linked_to is not None:
                if _link_differs(row, snapshot, edition):
                    log.warning("repaired", contact=row.id, record="linked", index=snapshot and snapshot.state)
                    self._queue.link(row.linked_to, [row])
                    mended += 1
            elif _queue_differs(row, snapshot, edition):
                log.warning("repaired", contact=row.id, record=row.state, index=snapshot and snapshot.state)
                unrecorded = snapshot is not None and snapshot.revision > row.revision
                self._queue.move(row, record_wins=unrecorded)
                mended += 1
        gone = [contact_id for contact_id in held_by_index if contact_id not in rows]
        for contact_id in gone:
            snapshot = snapshots.get(contact_id)
            if snapshot is not None and now - snapshot.changed_at >= GRACE:
                with self._foundation.record.read() as connection:
                    row_now = contacts.find(connection, contact_id)
                if row_now is None or row_now.state not in IN_INDEX:
                    sync.remove(self._index, contact_id, self._foundation.clock)
                    mended += 1
        return mended

    def _sweep_agents(self) -> int:
        now = self._foundation.clock()
        plan = self._foundation.plan
        recorded = self._presences()
        snapshots = self._index.agent_snapshots(self._index.agents() | set(plan.agents))
        mended = 0
        for login in snapshots.keys() | set(plan.agents):
            presence = recorded.get(login)
            if presence is not None and now - presence.since < GRACE:
                continue
            snapshot = snapshots.get(login)
            if snapshot is None or self._agent_differs(login, presence, snapshot):
                self._place_agent(login, presence)
                mended += 1
        return mended

    def _agent_differs(self, login: str, presence: Presence | None, snapshot: AgentSnapshot) -> bool:
        agent = self._foundation.plan.agents.get(login)
        activity = presence.activity if presence is not None and agent is not None else Activity.OFFLINE.value
        pool = pool_of(agent.skills if agent is not None else {})
        revision = presence.revision if presence is not None else 0
        return (snapshot.activity.value, snapshot.pool) != (activity, pool) or snapshot.revision < revision

    def _place_agents(self) -> None:
        recorded = self._presences()
        for login in set(self._foundation.plan.agents) | set(recorded):
            self._place_agent(login, recorded.get(login))

    def _place_agent(self, login: str, presence: Presence | None) -> None:
        agent = self._foundation.plan.agents.get(login)
        activity = Activity(presence.activity) if presence is not None and agent is not None else Activity.OFFLINE
        revision = presence.revision if presence is not None else 0
        skills = agent.skills if agent is not None else {}
        self._index.place_agent(
            login,
            skills,
            activity,
            revision,
            self._foundation.clock(),
            by_their_desk=False,
            expected_until=self._expected_until(presence),
        )

    def _expected_until(self, presence: Presence | None) -> datetime | None:
        """Until when an agent is expected back who did not mean to leave; None for any other."""
        if presence is None or presence.activity in ON_SHIFT or presence.reason not in {*Absence}:
            return None
        return presence.since + timedelta(seconds=self._foundation.plan.presence_grace_seconds)

    def _presences(self) -> dict[str, Presence]:
        with self._foundation.record.read() as connection:
            return presences(connection)

    def _open_contacts(self, which: ColumnElement[bool]) -> Iterator[ContactRow]:
        """These of the contacts that belong in the index, by place in the queue, read page by page."""
        after: tuple[datetime, str] | None = None
        while True:
            query = select(*COLUMNS).where(which).order_by(Contact.queued_at, Contact.id).limit(_PAGE_CONTACTS)
            if after is not None:
                at, contact_id = after
                query = query.where((Contact.queued_at > at) | ((Contact.queued_at == at) & (Contact.id > contact_id)))
            with self._foundation.record.read() as connection:
                rows = contacts.matching(connection, query)
            yield from rows
            if len(rows) < _PAGE_CONTACTS:
                return
            after = rows[-1].queued_at, rows[-1].id


def _queue_differs(row: ContactRow, snapshot: ContactSnapshot | None, edition: int) -> bool:
    if snapshot is None or snapshot.state in ("active", "linked") or snapshot.revision != row.revision:
        return True
    return snapshot.edition != edition


def _link_differs(row: ContactRow, snapshot: ContactSnapshot | None, edition: int) -> bool:
    if snapshot is None or (snapshot.state, snapshot.lead) != ("linked", row.linked_to):
        return True
    return (snapshot.revision, snapshot.edition) != (row.revision, edition)
