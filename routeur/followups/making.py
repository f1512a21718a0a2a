"""Making follow-ups: what cannot be served now becomes the task of a service, with a reference and a due date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import Connection, insert, or_, select

from competences.due_dates import commitment
from routeur.contact import contacts, journal, messages, receipts
from routeur.contact.identifiers import new_id
from routeur.contact.messages import OriginalMessage
from routeur.contact.row import ContactRow
from routeur.contact.waits import by_hours, end_by_follow_up
from routeur.contact.words import ContactState, Delivery, Direction, FollowUpReason, FollowUpState, Outcome
from routeur.errors import Conflict
from routeur.followups import telling
from routeur.followups.latest import not_answered_after_all
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.plans import PlanInForce
from routeur.ports import outbox
from routeur.ports.inbound import FollowUpFacts, Standing
from routeur.ports.news import IfFailed
from routeur.record.tables import Contact, FollowUp

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """Something that we sent came back: why, the channel's name for it, to whom it went, and what told us of it."""

    reason: str
    letter: str | None = None
    recipients: frozenset[str] = frozenset()
    report: OriginalMessage | None = None

    @property
    def digest(self) -> str:
        """The same for the same failure, however often it is told."""
        return sha256("\n".join([self.reason, *sorted(self.recipients)]).encode()).hexdigest()


class FollowUpMaker:
    """Makes contacts follow-ups."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def make(
        self,
        connection: Connection,
        row: ContactRow,
        reason: FollowUpReason,
        now: datetime,
        *,
        service: str | None = None,
        agent: str | None = None,
        announce: bool = True,
    ) -> Standing:
        """Make the contact a follow-up, within the caller's transaction; its companions are merged into it.

        A companion that is a request of its own, with a clock that somebody must see, gets a follow-up of its own.
        What was a follow-up before it went back to the queue is due no later than it was promised then, and with
        the same service and owner, unless it is handed to another or about something else now; its usager is not told
        the same date again. The caller takes it out of the index after the commit; `announce` False:
        the caller tells the usager too.
        Raises Conflict when the contact has changed since `row` was read.
        """
        in_force = self._foundation.in_force
        companions = contacts.linked(connection, row.id)
        merging = [row, *(companion for companion in companions if companion.request is None)]
        promised_at = min((one.promised_at for one in merging if one.promised_at is not None), default=None)
        facts = _insert(connection, in_force, row, reason, now, service, promised_at)
        calendar = in_force.calendar_for(row.channel, row.topic)
        followed_up = contacts.change(
            connection,
            by_hours(row, calendar),
            now,
            end=end_by_follow_up(row, reason, calendar),
            state=ContactState.FOLLOW_UP,
            outcome=None,
            closed_at=None,
            agent=None,
            linked_to=None,
            promised_at=None,
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
        known = facts.due_at == row.promised_at
        if reason is not FollowUpReason.DELIVERY_FAILED and not known:  # it would go where nothing arrives
            telling.tell(self._foundation, connection, followed_up, facts, now, in_channel=announce)
        for companion in companions:
            if companion.request is not None:
                self.make(connection, companion, reason, now, service=service, agent=agent)
                continue
            merged = contacts.close(connection, companion, Outcome.MERGED, now, without_agent=True)
            journal.write(connection, now, "merged", companion.id, into=row.id)
            if facts.due_at != companion.promised_at:
                telling.tell(self._foundation, connection, merged, facts, now)
        return Standing(followed_up, facts, together=tuple(companion.id for companion in companions))

    def hand_on(self, connection: Connection, settled: ContactRow, now: datetime) -> ContactRow | None:
        """Give what was merged into a follow-up that its usager settles a follow-up of its own, by the same date.

        Within the caller's transaction, after the follow-up was closed. Returns the first of what was merged, which the
        others are now merged into; its usager is told the reference. None where nothing was merged.
        """
        left: Any = connection.execute(
            select(*FollowUp.__table__.c)
            .where(FollowUp.contact_id == settled.id)
            .order_by(FollowUp.created_at.desc(), FollowUp.id)
            .limit(1)
        ).one_or_none()
        merged = contacts.merged_into(connection, settled.id, left.created_at) if left is not None else []
        if not merged:
            return None
        first, *others = merged
        owed = {**left._mapping, "id": new_id(), "contact_id": first.id, "state": FollowUpState.OPEN.value}
        connection.execute(insert(FollowUp).values({**owed, "created_at": now, "closed_at": None}))
        heir = contacts.change(
            connection, first, now, state=ContactState.FOLLOW_UP, outcome=None, closed_at=None, linked_to=None
        )
        for other in others:
            contacts.change(connection, other, now, linked_to=heir.id, closed_at=now)
        reason = FollowUpReason(left.reason)
        facts = FollowUpFacts(owed["id"], heir.reference, reason, left.topic, left.service, left.due_at)
        detail = {"reason": left.reason, "service": left.service, "due_at": left.due_at.isoformat()}
        journal.write(connection, now, "follow_up", heir.id, instead_of=settled.id, **detail)
        telling.tell(self._foundation, connection, heir, facts, now)
        return heir

    def give_up_waiting(self, contact_id: str, reason: FollowUpReason, *, announce: bool = True) -> Standing | None:
        """Make a waiting contact a follow-up and return its standing; None if it no longer waits.

        `announce` False: the caller tells the usager.
        """
        now = self._foundation.clock()
        standing = None
        try:
            with self._foundation.record.write() as connection:
                row = contacts.find(connection, contact_id)
                if row is not None and row.waits:
                    standing = self.make(connection, row, reason, now, announce=announce)
        except Conflict:
            log.info("follow_up_overtaken", contact=contact_id)
            return None
        if row is not None and row.held:
            return None
        sync.remove(self._foundation.index, contact_id, self._foundation.clock)
        if standing is not None:
            for one in (contact_id, *standing.together):
                self._foundation.announcer.tell("followed_up", now, one)
        return standing

    def delivery_failed(self, contact_id: str, failure: Failure) -> None:
        """Make a contact a follow-up, whatever its state, because something could not be delivered to its usager.

        If nothing depends on what came back (IfFailed.NOTHING), it is only noted. A follow-up already answered is put
        back before the one who answered. A later report on the same letter, about other recipients or with another
        reason, is noted and changes nothing else. Raises NotFound.
        """
        letter = failure.letter
        event = f"failed:{sha256(letter.encode()).hexdigest()[:56]}" if letter is not None else None
        now = self._foundation.clock()
        together: Sequence[str] = ()
        owner = None
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            known = event is not None and journal.has_event(connection, event)
            if known and messages.has_note(connection, contact_id, failure.digest):
                return
            reason, report = failure.reason, failure.report
            messages.add(connection, row, Direction.NOTE, reason, now, original=report, digest=failure.digest)
            journal.write(
                connection, now, "delivery_failed", contact_id, event_id=None if known else event, reason=reason
            )
            if known:
                return
            if letter is not None:
                receipts.note(connection, letter, contact_id, None, Delivery.FAILED, now)
            matters = letter is None or outbox.if_failed(connection, contact_id, letter) is not IfFailed.NOTHING
            if matters and row.state is not ContactState.FOLLOW_UP:
                made = self.make(connection, row, FollowUpReason.DELIVERY_FAILED, now, announce=False)
                together = made.together
            elif matters:  # an answer that did not arrive does not count; what somebody told does
                owner = not_answered_after_all(self._foundation, connection, row, now, told_by_hand=False)
        for gone in (contact_id, *together) if matters else ():
            sync.remove(self._foundation.index, gone, self._foundation.clock)
        self._foundation.announcer.tell("delivery_failed", now, contact_id, row.agent or owner)
        for merged in together:
            self._foundation.announcer.tell("followed_up", now, merged, row.agent)


def _insert(
    connection: Connection,
    in_force: PlanInForce,
    row: ContactRow,
    reason: FollowUpReason,
    now: datetime,
    service: str | None,
    promised_at: datetime | None,
) -> FollowUpFacts:
    owed = commitment(in_force.plan, in_force.calendar, row.topic, now, row.received_at)
    due_at = owed.due_at if promised_at is None else min(owed.due_at, promised_at)
    before = _promise(connection, row) if promised_at is not None else None
    kept = before is not None and before.topic == row.topic and service is None
    responsible = before.service if before is not None and kept else service or owed.service
    owner = before.taken_by if before is not None and kept and before.taken_by in in_force.plan.agents else None
    follow_up_id = new_id()
    connection.execute(
        insert(FollowUp).values(
            id=follow_up_id,
            contact_id=row.id,
            reason=reason.value,
            topic=row.topic,
            service=responsible,
            state=(FollowUpState.OPEN if owner is None else FollowUpState.TAKEN).value,
            taken_by=owner,
            taken_at=None if owner is None or before is None else before.taken_at,
            created_at=now,
            due_at=due_at,
            reminded=before.reminded if before is not None and before.due_at == due_at else None,
        )
    )
    return FollowUpFacts(follow_up_id, row.reference, reason, row.topic, responsible, due_at)


def _promise(connection: Connection, row: ContactRow) -> Any:
    """The follow-up that the contact was before it went back to the queue, or that waits merged into it; or None."""
    own = select(Contact.id).where(or_(Contact.id == row.id, Contact.linked_to == row.id))
    return connection.execute(
        select(*FollowUp.__table__.c)
        .where(FollowUp.contact_id.in_(own), FollowUp.state == FollowUpState.QUEUED.value)
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
        .limit(1)
    ).one_or_none()


def standing_of(connection: Connection, row: ContactRow) -> Standing:
    """Where the contact stands, with its latest follow-up if it is one or became one before it was closed."""
    if row.state not in (ContactState.FOLLOW_UP, ContactState.CLOSED):
        return Standing(row, None)
    newest: Any = connection.execute(
        select(FollowUp.id, FollowUp.reason, FollowUp.topic, FollowUp.service, FollowUp.due_at)
        .where(FollowUp.contact_id == row.id)
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
        .limit(1)
    ).one_or_none()
    if newest is None:
        return Standing(row, None)
    reason = FollowUpReason(newest.reason)
    return Standing(row, FollowUpFacts(newest.id, row.reference, reason, newest.topic, newest.service, newest.due_at))
