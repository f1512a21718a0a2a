"""What an agent does: take contacts, speak, pass them on, finish them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.words import Activity, ContactState, Direction, FollowUpReason, Outcome
from routeur.desk.departure import release_contacts
from routeur.desk.presence import record_activity
from routeur.errors import Conflict, IndexUnavailable, Invalid, NotAllowed
from routeur.index import IndexLost
from routeur.ports.news import Accepted, Ended, ReplyWritten
from routeur.queue.place import Routing, index_may_be_down
from routeur.queue.returns import send_back
from routeur.record.tables import Message
from routeur.topics.corrections import Corrections


class Desk:
    """Every method takes the login of who acts; `anyone=True` is a supervisor's right over others' contacts.

    All raise NotFound for an unknown contact, NotAllowed for somebody else's, Conflict when the contact has moved on.
    """

    def __init__(self, routing: Routing, corrections: Corrections) -> None:
        self._routing = routing
        self._record = routing.record
        self._corrections = corrections

    def set_activity(self, login: str, activity: Activity, reason: str | None = None) -> None:
        """Raises Invalid for somebody who is not on the plan's staff."""
        now = self._routing.clock()
        agent = self._routing.plans.current().plan.agents.get(login)
        if agent is None:
            raise Invalid(login)
        with self._record.write() as connection:
            revision = record_activity(connection, login, activity, reason, now)
        with index_may_be_down():
            self._routing.index.place_agent(login, agent.skills, activity, revision, now)
        self._routing.announcer.tell("activity", now, agent=login, activity=activity.value, reason=reason or "")
        if activity is Activity.OFFLINE:
            release_contacts(self._routing, login)

    def touch(self, login: str) -> None:
        """Renew the agent's lease: their desk is there."""
        with index_may_be_down():
            self._routing.index.touch(login, self._routing.clock())

    def accept(self, login: str, contact_id: str) -> None:
        """Raises Conflict when the contact is not (any more) offered to this agent."""
        now = self._routing.clock()
        try:
            accepted = self._routing.index.accept(contact_id, login, now)
        except (RedisError, IndexLost) as error:
            raise IndexUnavailable from error
        if accepted is None:
            with self._record.read() as connection:
                row = contacts.get(connection, contact_id)
            if row.state == ContactState.ACTIVE and row.agent == login:
                return
            raise Conflict(contact_id)
        try:
            with self._record.write() as connection:
                row = contacts.get(connection, contact_id)
                # Another topic, or another contact that leads: what was offered is no longer what waits.
                if row.state not in contacts.WAITS or row.revision + 1 != accepted:
                    raise Conflict(contact_id)
                for one in (row, *contacts.linked(connection, contact_id)):
                    self._take(connection, one, login, now)
        except Conflict:
            self._routing.put_back(contact_id)
            raise
        self._routing.announcer.tell("accepted", now, contact_id, login)

    def decline(self, login: str, contact_id: str) -> None:
        now = self._routing.clock()
        try:
            declined = self._routing.index.decline(contact_id, login, now)
        except (RedisError, IndexLost) as error:
            raise IndexUnavailable from error
        if not declined:
            with self._record.read() as connection:
                contacts.get(connection, contact_id)
            raise Conflict(contact_id)

    def reply(
        self, login: str, contact_id: str, text: str, *, client_id: str | None = None, anyone: bool = False
    ) -> str:
        """Write to the usager; returns the message's id. The same `client_id` twice is one message."""
        now = self._routing.clock()
        provider_id = f"{contact_id}:{login}:{client_id}" if client_id else None
        try:
            with self._record.write() as connection:
                row = self._mine(connection, login, contact_id, anyone, (*contacts.HELD, ContactState.FOLLOW_UP))
                if provider_id is not None:
                    known = connection.scalar(
                        select(Message.id).where(Message.channel == row.channel, Message.provider_id == provider_id)
                    )
                    if known is not None:
                        return str(known)
                message_id = self.write_reply(connection, row, login, text, now, provider_id)
        except IntegrityError as error:
            raise Conflict(contact_id) from error
        self._routing.announcer.tell("message", now, contact_id, row.agent)
        return message_id

    def write_reply(
        self,
        connection: Connection,
        row: ContactRow,
        login: str,
        text: str,
        now: datetime,
        provider_id: str | None = None,
    ) -> str:
        """Put an agent's words in the record and on their way, within the caller's transaction."""
        message_id, _ = contacts.add_message(
            connection,
            row.id,
            Channel(row.channel),
            Direction.OUTBOUND,
            text,
            now,
            author=login,
            provider_id=provider_id,
        )
        journal.write(connection, now, "replied", row.id, login, message=message_id)
        self._routing.publish(connection, ReplyWritten(contacts.facts(connection, row), message_id, text), now)
        return message_id

    def transfer(
        self,
        login: str,
        contact_id: str,
        *,
        topic: str | None = None,
        skills: Mapping[str, int] | None = None,
        agent: str | None = None,
        anyone: bool = False,
    ) -> None:
        """Back to the queue, for another topic, certain skills, or one agent; the place by arrival is kept.

        Raises Invalid unless exactly one of the three is given and known to the plan.
        """
        plan = self._routing.plans.current().plan
        if sum(one is not None for one in (topic, skills, agent)) != 1:
            raise Invalid("transfer takes one of topic, skills, agent")
        if topic is not None and topic not in plan.topics:
            raise Invalid(topic)
        if agent is not None and agent not in plan.agents:
            raise Invalid(agent)
        for skill in skills or {}:
            if skill not in plan.known_skills:
                raise Invalid(skill)
        ladder: dict[str, Any] | None = None
        if skills is not None:
            ladder = {"skills": dict(skills)}
        elif agent is not None:
            ladder = {"agent": agent}
        with self._record.read() as connection:
            row = self._mine(connection, login, contact_id, anyone, (ContactState.ACTIVE,))
        detail = {"to": topic or agent or dict(skills or {})}
        send_back(self._routing, row, "transferred", login, detail=detail, topic=topic or row.topic, ladder=ladder)
        if topic is not None:
            with self._record.write() as connection:
                self._corrections.keep(connection, row, topic, login, self._routing.clock())

    def set_topic(self, login: str, contact_id: str, topic: str, *, anyone: bool = False) -> None:
        """Correct the topic; a contact that waits is routed anew at once, one that an agent has stays with them."""
        if topic not in self._routing.plans.current().plan.topics:
            raise Invalid(topic)
        now = self._routing.clock()
        with self._record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.state == ContactState.CLOSED:
                raise Conflict(contact_id)
            if row.state in contacts.HELD and row.agent != login and not anyone:
                raise NotAllowed(contact_id)
            self._corrections.keep(connection, row, topic, login, now)
            parted = {"linked_to": None} if row.state in contacts.WAITS and topic != row.topic else {}
            contacts.change(connection, row, now, topic=topic, ladder=None, **parted)
            journal.write(connection, now, "topic_set", contact_id, login, topic=topic, before=row.topic)
            routed = contacts.get(connection, contact_id)
        if routed.state in contacts.WAITS and routed.linked_to is None:
            self._routing.queue(routed, move=True)
        self._routing.announcer.tell("topic_set", now, contact_id, row.agent)

    def finish(
        self, login: str, contact_id: str, outcome: Outcome, note: str | None = None, *, anyone: bool = False
    ) -> None:
        """Close the contact, and those that were served together with it. Finishing twice is finishing once."""
        now = self._routing.clock()
        with self._record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.state == ContactState.CLOSED and row.agent == login:
                return
            self._mine(connection, login, contact_id, anyone, contacts.HELD)
            if note:
                contacts.add_message(
                    connection, contact_id, Channel(row.channel), Direction.NOTE, note, now, author=login
                )
            for one in (row, *contacts.linked(connection, contact_id)):
                contacts.change(
                    connection,
                    one,
                    now,
                    state=ContactState.CLOSED.value,
                    outcome=(outcome if one.id == contact_id else Outcome.MERGED).value,
                    closed_at=now,
                )
                journal.write(connection, now, "finished", one.id, login, outcome=outcome.value)
                self._routing.publish(connection, Ended(contacts.facts(connection, one)), now)
        self._routing.leave_index(contact_id)
        self._routing.announcer.tell("closed", now, contact_id, row.agent)

    def follow_up(
        self,
        login: str,
        contact_id: str,
        *,
        service: str | None = None,
        note: str | None = None,
        anyone: bool = False,
    ) -> None:
        """The agent passes the contact to the back office; the usager is told the reference and the date."""
        if service is not None and service not in self._routing.plans.current().plan.services:
            raise Invalid(service)
        now = self._routing.clock()
        with self._record.write() as connection:
            row = self._mine(connection, login, contact_id, anyone, contacts.HELD)
            if note:
                contacts.add_message(
                    connection, contact_id, Channel(row.channel), Direction.NOTE, note, now, author=login
                )
            self._routing.follow_up(connection, row, FollowUpReason.AGENT_ASKED, now, service=service, agent=login)
        self._routing.leave_index(contact_id)
        self._routing.announcer.tell("followed_up", now, contact_id, row.agent)

    def phone_not_answered(self, contact_id: str, attempt: int) -> None:
        """The agent's telephone did not answer: the caller returns to their place, the agent is passed over."""
        while True:
            with self._record.read() as connection:
                row = contacts.get(connection, contact_id)
                current = contacts.attempts(connection, contact_id)
            if row.state != ContactState.ACTIVE or current != attempt:
                return
            try:
                send_back(
                    self._routing,
                    row,
                    "phone_not_answered",
                    row.agent,
                    waiting_since=row.waiting_since,
                    accepted_at=None,
                )
            except Conflict:  # the telephone network does not ask again: look where the contact went
                continue
            return

    def _take(self, connection: Connection, row: ContactRow, login: str, now: datetime) -> None:
        contacts.change(
            connection, row, now, state=ContactState.ACTIVE.value, agent=login, accepted_at=row.accepted_at or now
        )
        journal.write(connection, now, "accepted", row.id, login)
        taken = contacts.facts(connection, contacts.get(connection, row.id))
        self._routing.publish(connection, Accepted(taken, login, contacts.attempts(connection, row.id)), now)

    def _mine(
        self, connection: Connection, login: str, contact_id: str, anyone: bool, states: tuple[str, ...]
    ) -> ContactRow:
        row = contacts.get(connection, contact_id)
        if row.state not in states:
            raise Conflict(contact_id)
        if row.agent not in (login, None) and not anyone:
            raise NotAllowed(contact_id)
        return row
