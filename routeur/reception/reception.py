"""Where everything a usager sends comes in: recorded first, queued next, answered with where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from competences.channels import Channel
from competences.recognition.recognition import Recognition
from routeur.contact import contacts, journal
from routeur.contact.contacts import ContactRow
from routeur.contact.identifiers import new_id, new_reference
from routeur.contact.identity import identify, normal_address
from routeur.contact.messages import MessageView, messages_after
from routeur.contact.words import AddressKind, ContactState, Direction, FollowUpReason, Outcome
from routeur.errors import Conflict, Invalid, NotFound
from routeur.index import IndexLost, class_of
from routeur.ports.inbound import FollowUpFacts, Inbound, Receipt, Standing
from routeur.ports.news import Received
from routeur.queue.entry import rungs
from routeur.queue.linked import Companion, companion, join_queue, let_go
from routeur.queue.place import Routing, close_untouched, newest_follow_up
from routeur.reception.conversation import already_received, conversation_of, preferred_agent
from routeur.record.arrival import insert_arrival
from routeur.record.tables import Contact, Message
from routeur.topics.understanding import Recognise, account, understand

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_BLANK: dict[str, Any] = dict.fromkeys(column.name for column in Contact.__table__.c)

_ATTEMPTS = 3
"""Two processes may meet on a new usager, a reference or a revision: whoever loses looks again."""


@dataclass(frozen=True)
class _Arrival:
    """What `receive` did in its transaction, and what is left to do after the commit."""

    row: ContactRow
    message_id: str | None
    position: int | None
    new: bool
    duplicate: bool
    follow_up: FollowUpFacts | None = None
    companion: Companion | None = None
    queue: bool = False


class Reception:
    """`recognise` says what words are about; it is asked where nobody chose a topic."""

    def __init__(self, routing: Routing, recognise: Recognise) -> None:
        self._routing = routing
        self._record = routing.record
        self._recognise = recognise

    def receive(self, inbound: Inbound) -> Receipt:
        """Record what came in, find it a place, and say where it stands. The same message twice is one message."""
        inbound = replace(inbound, address=normal_address(inbound.address_kind, inbound.address))
        recognition = self._understand(inbound)
        if recognition is not None:
            inbound = replace(inbound, topic=recognition.topic)
        # A call announces itself once: whether it is known is looked up only when the record refuses it.
        certain = inbound.provider_ref is not None and inbound.provider_id is None
        arrival = self._again(lambda attempt: self._record_arrival(inbound, recognition, new=certain and attempt == 0))
        if arrival.companion is not None and arrival.companion.displaced is not None:
            self._routing.leave_index(arrival.companion.displaced)
        told_by_answer = inbound.channel is not Channel.EMAIL
        waits = not arrival.queue or self._routing.queue(arrival.row, move=False, announce=not told_by_answer)
        if not arrival.new and not arrival.duplicate:
            now = self._routing.clock()
            self._routing.announcer.tell("message", now, arrival.row.id, arrival.row.agent)
            waits = self._reconsider(arrival.row, inbound) is None and waits
        standing = _standing(arrival.row, arrival.follow_up) if waits else self.standing(arrival.row.id)
        return Receipt(
            standing=standing,
            message_id=arrival.message_id,
            position=arrival.position,
            new_contact=arrival.new,
            duplicate=arrival.duplicate,
            answered=inbound.answer is not None and arrival.row.state not in contacts.HELD,
            topic_found=standing.topic != arrival.row.topic,
        )

    def route(self, contact_id: str, *, topic: str | None, language: str | None = None) -> Standing:
        """The topic is known now (a menu choice): the contact stands on its ladder, its place kept.

        The caller tells the usager where they stand. Raises NotFound, Invalid for a topic the plan does not have.
        """
        self._put_on_ladder(contact_id, topic, language, announce=False)
        return self.standing(contact_id)

    def hear(self, contact_id: str, said: str, said_id: str, *, language: str | None = None) -> Standing:
        """What a caller said, and no menu entry names: kept, and where it is clear enough the contact is routed by it.

        The same `said_id` twice is said once. Raises NotFound.
        """
        recognition = understand(self._recognise, self._routing.plans.current().plan, said)
        self._again(lambda _: self._keep_said(contact_id, said, said_id, recognition))
        if recognition is None or recognition.topic is None:
            return self.standing(contact_id)
        return self.route(contact_id, topic=recognition.topic, language=language)

    def usager_left(self, contact_id: str) -> Standing:
        """The usager hung up or closed the chat: abandoned if they waited, wrap-up if an agent had them."""
        now = self._routing.clock()
        self._again(lambda _: self._leave(contact_id, now))
        return self.standing(contact_id)

    def settle(self, contact_id: str) -> Standing:
        """The usager has their answer: self-served, unless an agent already has the contact or its follow-up."""
        now = self._routing.clock()
        self._again(lambda _: self._settle(contact_id, now))
        return self.standing(contact_id)

    def ask_follow_up(self, contact_id: str) -> Standing:
        """The usager would rather be called back: a follow-up, unless an agent already has them.

        The caller tells them.
        """
        self._routing.give_up_waiting(contact_id, FollowUpReason.USAGER_ASKED, announce=False)
        return self.standing(contact_id)

    def delivery_failed(self, contact_id: str, reason: str) -> None:
        """What we sent came back (a bounce): the back office must see it. Unknown contacts are passed over."""
        try:
            self._routing.delivery_failed(contact_id, reason)
        except NotFound:
            return

    def standing(self, contact_id: str) -> Standing:
        """Raises NotFound."""
        with self._record.read() as connection:
            row = contacts.get(connection, contact_id)
            return _standing(row, newest_follow_up(connection, row))

    def by_provider_ref(self, channel: Channel, ref: str) -> Standing:
        """Raises NotFound."""
        with self._record.read() as connection:
            row = contacts.by_provider_ref(connection, channel, ref)
            if row is None:
                raise NotFound(ref)
            return _standing(row, newest_follow_up(connection, row))

    def messages_after(self, contact_id: str, position: int) -> list[MessageView]:
        """What was said in the contact after that position, in order."""
        return messages_after(self._record, contact_id, position)

    def _again(self, step: Callable[[int], Result]) -> Result:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return step(attempt)
            except (IntegrityError, Conflict) as error:
                log.info("looking_again", error=type(error).__name__)
        return step(_ATTEMPTS - 1)

    def _understand(self, inbound: Inbound) -> Recognition | None:
        """What an inbound is about, where whoever sent it did not say."""
        plan = self._routing.plans.current().plan
        if inbound.topic in plan.topics or inbound.automatic or inbound.answered_whole or inbound.settles:
            return None
        return understand(self._recognise, plan, inbound.subject, inbound.text)

    def _keep_said(self, contact_id: str, said: str, said_id: str, recognition: Recognition | None) -> None:
        now = self._routing.clock()
        with self._record.write() as connection:
            contacts.get(connection, contact_id)
            known = select(Message.id).where(Message.channel == Channel.VOICE.value, Message.provider_id == said_id)
            if connection.scalar(known) is not None:
                return
            contacts.add_message(
                connection, contact_id, Channel.VOICE, Direction.INBOUND, said, now, provider_id=said_id
            )
            if recognition is not None:
                journal.write(connection, now, "recognised", contact_id, **account(recognition))

    def _reconsider(self, row: ContactRow, inbound: Inbound) -> Standing | None:
        """One more message may say what the first did not: a contact that waits with its topic open is routed.

        Not one that an agent has had: they left the topic open, and know the usager.
        """
        waits = row.state in contacts.WAITS and row.channel != Channel.VOICE
        untold = row.topic is None and row.accepted_at is None
        if not (waits and untold) or inbound.automatic or inbound.settles or inbound.answer is not None:
            return None
        said = [one.text for one in self.messages_after(row.id, 0) if one.direction == Direction.INBOUND]
        recognition = understand(self._recognise, self._routing.plans.current().plan, row.subject, *said)
        if recognition is None or recognition.topic is None:
            return None
        with self._record.write() as connection:
            journal.write(connection, self._routing.clock(), "recognised", row.id, **account(recognition))
        try:
            self._put_on_ladder(row.id, recognition.topic, None, announce=True)
        except (Conflict, IntegrityError, Invalid) as error:  # the contact or the plan moved on; the message is kept
            log.info("topic_left_open", contact=row.id, error=type(error).__name__)
        return self.standing(row.id)

    def _record_arrival(self, inbound: Inbound, recognition: Recognition | None, *, new: bool) -> _Arrival:
        now = self._routing.clock()
        served = self._someone_could_serve(inbound)
        with self._record.write() as connection:
            if not new:
                known = already_received(connection, inbound)
                if known is not None:
                    promised = newest_follow_up(connection, known.row)
                    return _Arrival(known.row, known.message_id, known.position, False, True, promised)
                conversation = conversation_of(connection, inbound, now)
                if conversation is not None:
                    return self._continue(connection, conversation, inbound, now)
            if inbound.automatic:
                return self._set_aside(connection, inbound, now, Outcome.SPAM)
            if inbound.answered_whole:
                return self._set_aside(connection, inbound, now, Outcome.SELF_SERVED)
            return self._begin(connection, inbound, recognition, now, served=served)

    def _someone_could_serve(self, inbound: Inbound) -> bool:
        """Whether anybody on shift could serve it; asked before the transaction, so that one message tells the usager.

        When the index cannot say, the contact waits and the dispatcher decides.
        """
        if inbound.channel is Channel.VOICE:
            return True
        in_force = self._routing.plans.current()
        classes = [
            class_of(inbound.channel, rung.requirement)
            for rung in rungs(in_force, inbound.topic, inbound.language, None)
        ]
        try:
            return self._routing.index.someone_could_serve(classes)
        except (RedisError, IndexLost):
            return True

    def _begin(
        self,
        connection: Connection,
        inbound: Inbound,
        recognition: Recognition | None,
        now: datetime,
        *,
        served: bool,
    ) -> _Arrival:
        in_force = self._routing.plans.current()
        addresses = [(inbound.address_kind, inbound.address)]
        if inbound.email:
            given = (AddressKind.EMAIL, normal_address(AddressKind.EMAIL, inbound.email))
            addresses += [given] if given not in addresses else []
        topic = inbound.topic if inbound.topic in in_force.plan.topics else None
        ladder: dict[str, Any] | None = {"menu": True} if inbound.channel is Channel.VOICE and topic is None else None
        usager_id, together = None, None
        if topic is not None or len(addresses) > 1:
            usager_id = identify(connection, addresses, inbound.name, now)
            together = companion(connection, in_force, usager_id, topic, inbound.channel, now)
            agent = preferred_agent(connection, usager_id, topic)
            ladder = {"preferred": agent} if agent is not None else ladder
        values = _arriving(inbound, now) | {"topic": topic, "ladder": ladder}
        if together is not None and together.leads:
            values["queued_at"] = together.queued_at
        elif together is not None:
            values["linked_to"] = together.lead
        if usager_id is not None:
            values["usager_id"] = usager_id
        row = self._insert(connection, inbound, values, now, recognition)
        message_id, position = self._say(connection, row.id, inbound, now)
        if together is not None:
            join_queue(connection, row, together, now)
        follow_up = None
        reason = None
        if not in_force.calendar.is_open(now):
            reason = FollowUpReason.CLOSED
        elif not served:
            reason = FollowUpReason.NOBODY_SKILLED
        if reason is not None and together is None:
            follow_up = self._routing.follow_up(connection, row, reason, now, announce=False)
            row = contacts.get(connection, row.id)
        facts = contacts.facts_of(row, inbound.name, (inbound.provider_id,) if inbound.provider_id else ())
        self._routing.publish(connection, Received(facts, message_id, follow_up), now)
        return _Arrival(
            row,
            message_id,
            position,
            new=True,
            duplicate=False,
            follow_up=follow_up,
            companion=together,
            queue=follow_up is None and row.linked_to is None,
        )

    def _set_aside(self, connection: Connection, inbound: Inbound, now: datetime, outcome: Outcome) -> _Arrival:
        """What a machine wrote, or could answer whole: in the record, where somebody can find it, and nowhere else."""
        closed = {"state": ContactState.CLOSED.value, "outcome": outcome.value, "closed_at": now}
        row = self._insert(connection, inbound, _arriving(inbound, now) | closed, now)
        message_id, position = self._say(connection, row.id, inbound, now)
        if outcome is Outcome.SELF_SERVED:
            journal.write(connection, now, "self_served", row.id)
        return _Arrival(row, message_id, position, new=True, duplicate=False)

    def _insert(
        self,
        connection: Connection,
        inbound: Inbound,
        values: dict[str, Any],
        now: datetime,
        recognition: Recognition | None = None,
    ) -> ContactRow:
        detail = {"channel": inbound.channel.value, "topic": values.get("topic"), **account(recognition)}
        usager_id = insert_arrival(
            connection, values, new_usager_id=new_id(), name=inbound.name, now=now, detail=detail
        )
        return SimpleNamespace(**{**_BLANK, **values, "usager_id": usager_id})

    def _continue(self, connection: Connection, row: ContactRow, inbound: Inbound, now: datetime) -> _Arrival:
        """One more message in a conversation; it reopens a closed one."""
        if row.state in contacts.HELD:  # who has it answers
            inbound = replace(inbound, answer=None)
        message_id, position = self._say(connection, row.id, inbound, now)
        reopen = row.state == ContactState.CLOSED and not inbound.automatic and not inbound.answered_whole
        if reopen:
            contacts.change(
                connection,
                row,
                now,
                state=ContactState.WAITING.value,
                outcome=None,
                closed_at=None,
                agent=None,
                linked_to=None,
                queued_at=now,
                waiting_since=now,
                ladder={"preferred": row.agent} if row.agent else None,
            )
            journal.write(connection, now, "reopened", row.id)
            row = contacts.get(connection, row.id)
            reason = None
            if inbound.channel is Channel.VOICE:  # a voice message: nobody is on the line any more
                reason = FollowUpReason.USAGER_ASKED
            elif not self._routing.plans.current().calendar.is_open(now):
                reason = FollowUpReason.CLOSED
            if reason is not None:
                self._routing.follow_up(connection, row, reason, now)
                row, reopen = contacts.get(connection, row.id), False
        follow_up = newest_follow_up(connection, row) if row.state == ContactState.FOLLOW_UP else None
        return _Arrival(row, message_id, position, new=False, duplicate=False, follow_up=follow_up, queue=reopen)

    def _say(
        self, connection: Connection, contact_id: str, inbound: Inbound, now: datetime
    ) -> tuple[str | None, int | None]:
        if not inbound.text and not inbound.attachments and inbound.provider_id is None:
            return None, None
        said = contacts.add_message(
            connection,
            contact_id,
            inbound.channel,
            Direction.INBOUND,
            inbound.text,
            now,
            provider_id=inbound.provider_id,
            attachments=inbound.attachments,
        )
        if inbound.answer is not None:
            contacts.add_message(connection, contact_id, inbound.channel, Direction.OUTBOUND, inbound.answer.text, now)
        return said

    def _put_on_ladder(self, contact_id: str, topic: str | None, language: str | None, *, announce: bool) -> None:
        """`announce`: whether the usager is told here, where nobody could serve it and it becomes a follow-up."""
        self._again(lambda _: self._route(contact_id, topic, language))
        with self._record.read() as connection:
            row = contacts.get(connection, contact_id)
        if row.state in contacts.WAITS and row.linked_to is None:
            self._routing.queue(row, move=False, announce=announce)
        self._routing.announcer.tell("topic_set", self._routing.clock(), contact_id)

    def _route(self, contact_id: str, topic: str | None, language: str | None) -> None:
        now = self._routing.clock()
        in_force = self._routing.plans.current()
        if topic is not None and topic not in in_force.plan.topics:
            raise Invalid(topic)
        with self._record.write() as connection:
            row = contacts.get(connection, contact_id)
            spoken = language or row.language
            ladder = row.ladder or {}
            if row.state not in contacts.WAITS or (row.topic, row.language) == (topic, spoken) and "menu" not in ladder:
                return
            agent = preferred_agent(connection, row.usager_id, topic)
            contacts.change(
                connection,
                row,
                now,
                topic=topic,
                language=spoken,
                ladder={"preferred": agent} if agent else None,
                linked_to=None,
            )
            journal.write(connection, now, "topic_set", contact_id, topic=topic, language=spoken)
            routed = contacts.get(connection, contact_id)
            together = companion(
                connection, in_force, row.usager_id, topic, Channel(row.channel), now, other_than=row.id
            )
            displaced = join_queue(connection, routed, together, now) if together else None
        if displaced:
            self._routing.leave_index(displaced)

    def _leave(self, contact_id: str, now: datetime) -> None:
        with self._record.write() as connection:
            row = contacts.get(connection, contact_id)
            promoted = None
            if row.state in contacts.WAITS:
                promoted = self._end(connection, row, now, Outcome.ABANDONED)
            elif row.state == ContactState.ACTIVE:
                contacts.change(connection, row, now, state=ContactState.WRAP_UP.value)
                journal.write(connection, now, "usager_left", contact_id, row.agent)
            else:
                return
        if row.state in contacts.WAITS:
            self._routing.leave_index(contact_id)
        self._routing.announcer.tell("usager_left", now, contact_id, row.agent)
        self._go_on(promoted)

    def _settle(self, contact_id: str, now: datetime) -> None:
        with self._record.write() as connection:
            row = contacts.get(connection, contact_id)
            untouched = row.state == ContactState.FOLLOW_UP and close_untouched(connection, contact_id, now)
            if row.state not in contacts.WAITS and not untouched:
                return
            promoted = self._end(connection, row, now, Outcome.SELF_SERVED)
        self._routing.leave_index(contact_id)
        self._routing.announcer.tell("closed", now, contact_id)
        self._go_on(promoted)

    def _end(self, connection: Connection, row: ContactRow, now: datetime, outcome: Outcome) -> str | None:
        """Close what no agent has; returns who holds the place of those that waited together with it."""
        promoted = let_go(connection, row, now)
        contacts.change(
            connection, row, now, state=ContactState.CLOSED.value, outcome=outcome.value, closed_at=now, agent=None
        )
        journal.write(connection, now, outcome.value, row.id)
        return promoted

    def _go_on(self, promoted: str | None) -> None:
        if promoted is not None:
            with self._record.read() as connection:
                other = contacts.get(connection, promoted)
            self._routing.queue(other, move=False)


def _arriving(inbound: Inbound, now: datetime) -> dict[str, Any]:
    """The columns of a new contact that waits from now on."""
    return {
        "id": new_id(),
        "reference": new_reference(),
        "channel": inbound.channel.value,
        "state": ContactState.WAITING.value,
        "language": inbound.language,
        "subject": inbound.subject,
        "address_kind": inbound.address_kind.value,
        "address": inbound.address,
        "provider_ref": inbound.provider_ref,
        "service_address": inbound.service_address,
        "arrived_at": now,
        "queued_at": now,
        "waiting_since": now,
        "revision": 1,
        "changed_at": now,
        "message_count": 0,
    }


def _standing(row: ContactRow, follow_up: FollowUpFacts | None) -> Standing:
    return Standing(
        contact_id=row.id,
        reference=row.reference,
        channel=Channel(row.channel),
        state=ContactState(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        topic=row.topic,
        language=row.language,
        agent=row.agent,
        provider_ref=row.provider_ref,
        address=row.address,
        arrived_at=row.arrived_at,
        follow_up=follow_up,
    )
