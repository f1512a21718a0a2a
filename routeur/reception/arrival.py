"""The arrival of a new contact: recorded, linked to the contact it waits with, or made a follow-up at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection, update

from competences.channels import CHANNELS, ConversationKey
from competences.legal_clock import legal_request
from competences.recognition.recognition import Recognition
from routeur.contact import journal, messages
from routeur.contact.identifiers import new_id, new_reference
from routeur.contact.identity import identify
from routeur.contact.legal_requests import stored
from routeur.contact.messages import Envelope, NamedAddress
from routeur.contact.row import COLUMNS, ContactRow, Ladder
from routeur.contact.words import REACHED, ContactState, Direction, FollowUpReason, Outcome, SetAside, WaitEnd
from routeur.followups.making import FollowUpMaker
from routeur.foundation import Foundation
from routeur.index import IndexLost, class_of
from routeur.ports.inbound import Inbound, Standing
from routeur.ports.news import Received
from routeur.queue.entry import rungs
from routeur.queue.linked import Joined, companion, join
from routeur.queue.patience import forgiven_until, may_wait_for_staff
from routeur.reception.conversation import earlier_today, preferred_agent
from routeur.record.insert_arrival import insert_arrival
from routeur.record.tables import Contact
from routeur.topics.understanding import recognition_detail

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrival:
    """The result of recording an inbound, and what is left to do after the commit.

    `joined`: it waits together with another. `queue`: whether this contact must be put in the queue. `duplicate`: the
    inbound was recorded before. `answers`: the contact that a new one answers. `owner` has taken the follow-up that the
    contact is.
    """

    standing: Standing
    message_id: str | None
    position: int | None
    new: bool = False
    duplicate: bool = False
    joined: Joined | None = None
    queue: bool = False
    answers: ContactRow | None = None
    owner: str | None = None


class Arrivals:
    """Records new contacts."""

    def __init__(self, foundation: Foundation, follow_ups: FollowUpMaker) -> None:
        self._foundation = foundation
        self._follow_ups = follow_ups

    def refusal(self, inbound: Inbound) -> FollowUpReason | None:
        """Why the inbound may not wait; None if it may.

        It is asked before the transaction, so that the usager is told in one message. None also when the index does not
        answer (the dispatcher decides later). A caller may wait while we are open: the menu first asks for the topic.
        """
        in_force, now = self._foundation.in_force, self._foundation.clock()
        traits = CHANNELS[inbound.channel]
        ladder = rungs(in_force, inbound.topic, inbound.language, None)
        if traits.waits_overnight:
            waits = may_wait_for_staff(in_force, ladder, now)
            return None if waits else FollowUpReason.NOBODY_SKILLED
        asked_in_menu = traits.holds_line and inbound.topic not in in_force.plan.topics
        service = None if asked_in_menu else in_force.plan.service_of(inbound.topic)
        calendar = in_force.calendars.of(inbound.channel, service)
        if not calendar.is_open(now):
            return FollowUpReason.CLOSED
        if asked_in_menu or now < forgiven_until(in_force, calendar, now):
            return None
        classes = [class_of(inbound.channel, rung.requirement) for rung in ladder]
        try:
            served = self._foundation.index.someone_could_serve(classes, now)
        except (RedisError, IndexLost):
            return None
        return None if served else FollowUpReason.NOBODY_SKILLED

    def begin(
        self,
        connection: Connection,
        inbound: Inbound,
        recognition: Recognition | None,
        now: datetime,
        *,
        refusal: FollowUpReason | None,
        answers: ContactRow | None = None,
    ) -> Arrival:
        """Record a new contact; with a `refusal` it becomes a follow-up at once.

        `answers` is the contact that it answers, whose correspondence its usager has no part in.
        """
        in_force = self._foundation.in_force
        topic = inbound.topic if inbound.topic in in_force.plan.topics else None
        asked_in_menu = CHANNELS[inbound.channel].holds_line and topic is None
        row = replace(
            _waiting(inbound, now, answers),
            topic=topic,
            ladder=Ladder(menu=True) if asked_in_menu else None,
            wait_counted_from=in_force.calendar_for(inbound.channel, topic).next_opening(now),
        )
        together = None
        if inbound.is_request:
            row = replace(row, request=stored(legal_request(in_force.plan, in_force.calendar, topic, row.received_at)))
        usager_known = topic is not None
        if usager_known:
            usager = identify(connection, inbound.address_kind, inbound.address, inbound.name, now)
            row = replace(row, usager_id=usager)
            if refusal is None:
                together = companion(connection, in_force, row.usager_id, topic, inbound.channel, now)
            agent = preferred_agent(connection, row.usager_id, topic)
            row = replace(row, ladder=Ladder(preferred=agent) if agent is not None else row.ladder)
        if together is not None and together.leads:
            row = replace(row, queued_at=together.queued_at)
        elif together is not None:
            row = replace(row, linked_to=together.contact.id)
        row = _insert(connection, row, inbound, now, usager_known=usager_known, recognition=recognition)
        _journal_answered(connection, row, answers, now)
        if inbound.is_request:
            journal.write(connection, now, "request_set", row.id, is_request=True, form=inbound.writer)
        message_id, position = record_message(connection, row, inbound, now)
        joined = None
        if together is not None:
            joined = join(connection, row, together, now)
            row = joined.contact
        standing = Standing(row, None)
        if refusal is not None:
            standing = self._follow_ups.make(connection, row, refusal, now, announce=False)
        received = Received(standing.contact, message_id, standing.follow_up, earlier_today(connection, row))
        thread = (inbound.provider_id,) if inbound.provider_id else ()
        answered = self._foundation.publisher.publish(connection, received, now, thread=thread)
        if not answered and row.acknowledge and CHANNELS[row.channel].conversation is ConversationKey.THREAD:
            _leave_unacknowledged(connection, row, now)
        return Arrival(
            standing,
            message_id,
            position,
            new=True,
            joined=joined,
            queue=standing.contact.waits and row.linked_to is None,
            answers=answers,
        )


def _leave_unacknowledged(connection: Connection, row: ContactRow, now: datetime) -> None:
    """Note that its channel has answered enough there for a day, or cannot: nor does it announce more by itself."""
    connection.execute(update(Contact).where(Contact.id == row.id).values(acknowledge=False))
    journal.write(connection, now, "not_acknowledged", row.id)
    if row.request is not None:
        log.warning("request_not_acknowledged", contact=row.id)


def record_closed(
    connection: Connection, inbound: Inbound, now: datetime, outcome: Outcome, answers: ContactRow | None = None
) -> Arrival:
    """Record, as a contact closed at once, an inbound that a machine wrote or that its ready answer answers whole.

    `answers` is the contact that it answers, whose correspondence its usager has no part in.
    """
    row = replace(
        _waiting(inbound, now, answers),
        state=ContactState.CLOSED,
        outcome=outcome,
        closed_at=now,
        wait_ended=now,
        wait_end=WaitEnd(outcome.value),
        waited_seconds=0.0,
    )
    row = _insert(connection, row, inbound, now, usager_known=False, recognition=None)
    _journal_answered(connection, row, answers, now)
    message_id, position = record_message(connection, row, inbound, now)
    if outcome is Outcome.SELF_SERVED:
        journal.write(connection, now, "self_served", row.id)
    return Arrival(Standing(row, None), message_id, position, new=True, answers=answers)


def record_message(
    connection: Connection, contact: ContactRow, inbound: Inbound, now: datetime
) -> tuple[str | None, int | None]:
    """Record the inbound's message and its ready answer; returns the message's id and position.

    Returns None for both, and records nothing, when the inbound says nothing (a call that begins).
    """
    if not inbound.text and not inbound.attachments and inbound.provider_id is None:
        return None, None
    message = messages.add(
        connection,
        contact,
        Direction.INBOUND,
        inbound.text,
        now,
        provider_id=inbound.provider_id,
        digest=inbound.digest,
        envelope=inbound.envelope or _envelope(inbound),
        attachments=inbound.attachments,
        original=inbound.original,
        reply_until=_reply_until(contact, inbound, now),
        set_aside=SetAside.OPEN if inbound.automatic else None,
        channel=inbound.channel,
    )
    if inbound.answer is not None:
        messages.add(connection, contact, Direction.OUTBOUND, inbound.answer.text, now, channel=inbound.channel)
    return message


def _reply_until(contact: ContactRow, inbound: Inbound, now: datetime) -> datetime | None:
    """Until when the contact may now be answered; None where the inbound, perhaps of another medium, tells nothing."""
    if inbound.reply_within is None or inbound.service_address != contact.service_address:
        return None
    return now + inbound.reply_within


def _envelope(inbound: Inbound) -> Envelope:
    """Who wrote, on a channel that tells no more than a number."""
    return Envelope(NamedAddress(inbound.name, inbound.address) if inbound.address_kind in REACHED else None)


def _journal_answered(connection: Connection, row: ContactRow, answers: ContactRow | None, now: datetime) -> None:
    """Write in both what answers what: who has the one that is answered must see it."""
    if answers is not None:
        journal.write(connection, now, "answers", row.id, contact=answers.id, reference=answers.reference)
        journal.write(connection, now, "answered_by", answers.id, contact=row.id, reference=row.reference)


def _waiting(inbound: Inbound, now: datetime, answers: ContactRow | None) -> ContactRow:
    """The row of a new contact that waits from now on, under a new usager's id."""
    given = inbound.given.normal
    return ContactRow(
        id=new_id(),
        reference=new_reference(),
        channel=inbound.channel,
        state=ContactState.WAITING,
        outcome=None,
        topic=None,
        language=inbound.language,
        subject=inbound.subject,
        usager_id=new_id(),
        address_kind=inbound.address_kind,
        address=inbound.address,
        provider_ref=inbound.provider_ref,
        service_address=inbound.service_address,
        arrived_at=now,
        queued_at=now,
        waiting_since=now,
        ladder=None,
        accepted_at=None,
        closed_at=None,
        agent=None,
        linked_to=None,
        revision=1,
        changed_at=now,
        reply_to=inbound.reply_to,
        given_name=given.name,
        given_email=given.email,
        given_phone=given.phone,
        answers=answers.id if answers is not None else None,
        acknowledge=inbound.acknowledge,
        wait_began=now,
        wait_counted_from=now,
        handled_seconds=0.0,
        handovers=0,
        confirmed=given.confirmed_kinds,
    )


def _insert(
    connection: Connection,
    row: ContactRow,
    inbound: Inbound,
    now: datetime,
    *,
    usager_known: bool,
    recognition: Recognition | None,
) -> ContactRow:
    detail = {"channel": row.channel.value, "topic": row.topic, **recognition_detail(recognition)}
    usager_id = insert_arrival(
        connection, _values(row), usager_known=usager_known, name=inbound.name, now=now, detail=detail
    )
    return row if usager_id == row.usager_id else replace(row, usager_id=usager_id)


def _values(row: ContactRow) -> Mapping[str, Any]:
    """All columns of the new contact, as the database takes them."""
    values = {column.name: getattr(row, column.name) for column in COLUMNS}
    return {
        **{name: value.value if isinstance(value, Enum) else value for name, value in values.items()},
        "message_count": 0,
    }
