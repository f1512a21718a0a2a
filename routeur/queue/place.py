"""What reception, desk and dispatcher share: the index after a commit, and the way to the back office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection, insert, select, update

from competences.channels import Channel
from competences.commitments import commitment
from routeur.clock import Clock
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.identifiers import new_id
from routeur.contact.words import ContactState, Direction, FollowUpReason, FollowUpState, Outcome
from routeur.errors import Conflict
from routeur.index import Index, IndexLost, Unserved
from routeur.plans import PlanInForce, Plans
from routeur.ports import outbox
from routeur.ports.announcer import Announcer
from routeur.ports.inbound import FollowUpFacts
from routeur.ports.news import ChannelAdapter, FollowedUp, News
from routeur.queue.entry import entry
from routeur.record.engine import Record
from routeur.record.tables import FollowUp

log = structlog.get_logger(__name__)


@contextmanager
def index_may_be_down() -> Iterator[None]:
    """The fact is committed: an index that does not answer now is repaired from the record within seconds."""
    try:
        yield
    except (RedisError, IndexLost) as error:
        log.warning("index_unavailable", error=type(error).__name__)


class Routing:
    """The mechanics behind every change of a contact's place."""

    def __init__(
        self,
        record: Record,
        index: Index,
        plans: Plans,
        clock: Clock,
        adapters: Mapping[Channel, ChannelAdapter],
        announcer: Announcer,
    ) -> None:
        self.record = record
        self.index = index
        self.plans = plans
        self.clock = clock
        self.announcer = announcer
        self._adapters = adapters

    def publish(self, connection: Connection, news: News, now: datetime) -> None:
        """Let the contact's channel write down, in this commit, what must leave because of the news."""
        adapter = self._adapters.get(news.contact.channel)
        if adapter is not None:
            outbox.add(connection, adapter.effects(news), now)

    def queue(
        self,
        row: ContactRow,
        *,
        move: bool,
        avoid: str | None = None,
        announce: bool = True,
        record_wins: bool = False,
    ) -> bool:
        """Bring the index in line with a committed contact that waits; nobody could serve it: a follow-up, now.

        `announce` False: whoever calls tells the usager. Returns whether the contact still waits.
        """
        now = self.clock()
        in_force = self.plans.current()
        with index_may_be_down():
            try:
                if move:
                    self.index.requeue(entry(in_force, row, now), now, avoid, record_wins=record_wins)
                else:
                    self.index.enqueue(entry(in_force, row, now), now)
            except Unserved:
                self.give_up_waiting(row.id, FollowUpReason.NOBODY_SKILLED, announce=announce)
                return False
        return True

    def hold(self, row: ContactRow) -> None:
        """Bring the index in line with a committed contact that an agent has."""
        with index_may_be_down():
            channel, now = Channel(row.channel), self.clock()
            self.index.hold(row.id, channel, row.agent, row.queued_at, row.revision, now)

    def leave_index(self, contact_id: str) -> None:
        with index_may_be_down():
            self.index.remove(contact_id, self.clock())

    def put_back(self, contact_id: str) -> None:
        """Bring the index in line with whatever the record says, after a step that the record refused."""
        with self.record.read() as connection:
            row = contacts.find(connection, contact_id)
        if row is None or row.linked_to is not None or row.state not in contacts.IN_INDEX:
            self.leave_index(contact_id)
        elif row.state in contacts.HELD:
            self.hold(row)
        else:
            self.queue(row, move=True)

    def give_up_waiting(self, contact_id: str, reason: FollowUpReason, *, announce: bool = True) -> None:
        """A contact that waits becomes a follow-up, unless somebody took it first."""
        now = self.clock()
        try:
            with self.record.write() as connection:
                row = contacts.find(connection, contact_id)
                if row is not None and row.state in contacts.WAITS:
                    self.follow_up(connection, row, reason, now, announce=announce)
        except Conflict:
            log.info("follow_up_overtaken", contact=contact_id)
            return
        if row is not None and row.state in contacts.HELD:
            return
        self.leave_index(contact_id)
        self.announcer.tell("followed_up", now, contact_id)

    def follow_up(
        self,
        connection: Connection,
        row: ContactRow,
        reason: FollowUpReason,
        now: datetime,
        *,
        service: str | None = None,
        agent: str | None = None,
        announce: bool = True,
    ) -> FollowUpFacts:
        """Make the back-office promise, within the caller's transaction; contacts waiting with this one join it.

        Raises Conflict when the contact moved on. The caller takes it out of the index after the commit.
        """
        facts = insert_follow_up(connection, self.plans.current(), row, reason, now, service)
        contacts.change(
            connection,
            row,
            now,
            state=ContactState.FOLLOW_UP.value,
            outcome=None,
            closed_at=None,
            agent=None,
            linked_to=None,
        )
        journal.write(
            connection,
            now,
            "follow_up",
            row.id,
            agent,
            reason=reason.value,
            service=facts.service,
            due_at=facts.due_at.isoformat(),
        )
        if announce:
            self.publish(connection, FollowedUp(contacts.facts(connection, row), facts), now)
        for other in contacts.linked(connection, row.id):
            contacts.change(
                connection,
                other,
                now,
                state=ContactState.CLOSED.value,
                outcome=Outcome.MERGED.value,
                closed_at=now,
                agent=None,
            )
            journal.write(connection, now, "merged", other.id, into=row.id)
            self.publish(connection, FollowedUp(contacts.facts(connection, other), facts), now)
        return facts

    def delivery_failed(self, contact_id: str, reason: str) -> None:
        """Something could not be brought to the usager: the back office must see it, whatever the contact's state."""
        now = self.clock()
        with self.record.write() as connection:
            row = contacts.get(connection, contact_id)
            journal.write(connection, now, "delivery_failed", contact_id, reason=reason)
            contacts.add_message(connection, contact_id, Channel(row.channel), Direction.NOTE, reason, now)
            if row.state != ContactState.FOLLOW_UP:
                self.follow_up(connection, row, FollowUpReason.DELIVERY_FAILED, now, announce=False)
            else:  # an answer that did not arrive is none
                connection.execute(
                    update(FollowUp)
                    .where(FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.ANSWERED.value)
                    .values(state=FollowUpState.TAKEN.value, answered_at=None)
                )
        self.leave_index(contact_id)
        self.announcer.tell("delivery_failed", now, contact_id, row.agent)


def insert_follow_up(
    connection: Connection,
    in_force: PlanInForce,
    row: ContactRow,
    reason: FollowUpReason,
    now: datetime,
    service: str | None = None,
) -> FollowUpFacts:
    promise = commitment(in_force.plan, in_force.calendar, row.topic, now, received=row.queued_at)
    responsible = service or promise.service
    follow_up_id = new_id()
    connection.execute(
        insert(FollowUp).values(
            id=follow_up_id,
            contact_id=row.id,
            reason=reason.value,
            topic=row.topic,
            service=responsible,
            state=FollowUpState.OPEN.value,
            created_at=now,
            due_at=promise.due_at,
            acknowledge_by=promise.acknowledge_by,
            silence_means=promise.silence_means,
            silence_on=promise.silence_on,
        )
    )
    return FollowUpFacts(follow_up_id, row.reference, reason, row.topic, responsible, promise.due_at)


def close_untouched(connection: Connection, contact_id: str, now: datetime) -> bool:
    """Close the contact's follow-up, which its usager needs no more, unless somebody has taken it up."""
    closed = connection.execute(
        update(FollowUp)
        .where(FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.OPEN.value)
        .values(state=FollowUpState.CLOSED.value, closed_at=now)
    )
    if closed.rowcount:
        journal.write(connection, now, "follow_up_closed", contact_id, reason=Outcome.SELF_SERVED.value)
    return bool(closed.rowcount)


def newest_follow_up(connection: Connection, row: ContactRow) -> FollowUpFacts | None:
    """The last promise made for this contact."""
    found: Any = connection.execute(
        select(FollowUp.id, FollowUp.reason, FollowUp.topic, FollowUp.service, FollowUp.due_at)
        .where(FollowUp.contact_id == row.id)
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return FollowUpFacts(
        found.id, row.reference, FollowUpReason(found.reason), found.topic, found.service, found.due_at
    )
