"""The way of a follow-up back to the queue, with its arrival time: somebody there can serve it after all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection, and_, or_

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow, Ladder
from routeur.contact.words import (
    SERVED_WHILE_WRITING,
    UNANSWERED,
    ContactState,
    FollowUpReason,
    FollowUpState,
    Outcome,
)
from routeur.errors import Conflict, IndexUnavailable, NobodyOnTheLine, NobodyThere
from routeur.followups.latest import Latest, change, check_owner, latest_of_contact, latest_of_reference, open_ones
from routeur.followups.making import standing_of
from routeur.foundation import Foundation
from routeur.index import IndexLost, class_of, sync
from routeur.ports.inbound import Inbound, Standing
from routeur.queue.entry import rungs
from routeur.queue.linked import companion, join
from routeur.queue.patience import wait_end
from routeur.queue.queue import Queue
from routeur.record.tables import Contact, FollowUp

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
"""How many follow-ups one call looks at; another call goes on after them."""

IN_THE_HALL = timedelta(minutes=15)
"""How long somebody at the counter who was promised an answer may still be there to be called with all others."""


Place = tuple[datetime, str]
"""Where a contact stands among others: when it came, and its id."""


@dataclass(frozen=True)
class Moment:
    """What made follow-ups that should not have been: for these reasons, from an instant up to, without, another.

    `after`: only those that came after this contact, named by when it came and its id.
    """

    reasons: Collection[FollowUpReason]
    start: datetime
    end: datetime
    service: str | None = None
    after: Place | None = None


@dataclass(frozen=True)
class Recalled:
    """The references of the follow-ups that are back in the queue, and of those that nobody there could serve.

    `after` is where the next call goes on; None where all were looked at.
    """

    queued: Sequence[str]
    left: Sequence[str]
    after: Place | None


class Recall:
    """Puts follow-ups back in the queue. What their usagers were told holds: they are answered by then or before."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def serve_now(self, login: str, reference: str, *, anyone: bool = False) -> None:
        """Put the follow-up of this reference back in the queue; its owner is asked first.

        Raises NotFound; TakenByAnother for a colleague's, unless `anyone` may; Conflict where it is answered, closed or
        back already; NobodyOnTheLine for a caller's; NobodyThere; IndexUnavailable.
        """
        with self._foundation.record.read() as connection:
            latest = latest_of_reference(connection, reference)
        check_owner(latest, login, anyone)
        if latest.state not in UNANSWERED or latest.contact.state is not ContactState.FOLLOW_UP:
            raise Conflict(reference, state=latest.state.value, holder=latest.contact.agent)
        if CHANNELS[latest.contact.channel].holds_line:
            raise NobodyOnTheLine(reference, state=latest.state.value, holder=latest.owner)
        try:
            served = self._someone_could_serve(latest.contact)
        except (RedisError, IndexLost) as error:
            raise IndexUnavailable from error
        if not served:
            raise NobodyThere(reference, state=latest.state.value, holder=latest.owner)
        self._put_back(latest, latest.contact, login)

    def serve_all(self, login: str, moment: Moment) -> Recalled:
        """Put back in the queue the follow-ups of that moment that nobody has taken, first arrived first.

        Looks at `MOST_AT_ONCE` and says where to go on. Those of callers, who are no longer on the line, of visitors at
        the counter who have left the hall by now, and those that nobody on shift could serve are left. Raises
        IndexUnavailable.
        """
        queued: list[str] = []
        left: list[str] = []
        found = self._made(moment, MOST_AT_ONCE + 1)
        looked_at = found[:MOST_AT_ONCE]
        for latest in looked_at:
            reference = latest.contact.reference
            try:
                if self._is_gone(latest) or not self._someone_could_serve(latest.contact):
                    left.append(reference)
                    continue
                self._put_back(latest, latest.contact, login)
            except (RedisError, IndexLost) as error:
                raise IndexUnavailable from error
            except Conflict:
                log.info("recall_overtaken", contact=latest.contact.id)
                continue
            queued.append(reference)
        last = looked_at[-1].contact if len(found) > len(looked_at) else None
        return Recalled(queued, left, (last.queued_at, last.id) if last is not None else None)

    def while_writing(self, row: ContactRow, inbound: Inbound) -> Standing | None:
        """Bring a conversation back whose usager sits before it and writes, if somebody there can serve it now.

        Only what became a follow-up because nobody could serve it or they had left, and nobody has taken. `row` is the
        contact that looks after what was written. Returns where the conversation stands then, None if it is left as it
        is.
        """
        traits = CHANNELS[inbound.channel]
        sits_there = traits.live and traits.written and traits.conversation is ConversationKey.PROVIDER_REFERENCE
        if not sits_there or row.state is not ContactState.FOLLOW_UP or inbound.automatic or inbound.answered_whole:
            return None
        if not self._foundation.in_force.calendar.is_open(self._foundation.clock()):
            return None
        with self._foundation.record.read() as connection:
            latest = latest_of_contact(connection, row.id)
            written = contacts.by_provider_ref(connection, inbound.channel, inbound.provider_ref or "")
        if latest is None or written is None or latest.state is not FollowUpState.OPEN:
            return None
        try:
            if latest.reason not in SERVED_WHILE_WRITING or not self._someone_could_serve(written):
                return None
            return self._put_back(latest, written, None)
        except (RedisError, IndexLost, Conflict) as error:
            log.info("recall_overtaken", contact=row.id, error=type(error).__name__)
            return None

    def _made(self, moment: Moment, most: int) -> list[Latest]:
        which = [
            FollowUp.reason.in_([reason.value for reason in moment.reasons]),
            FollowUp.created_at >= moment.start,
            FollowUp.created_at < moment.end,
        ]
        if moment.service is not None:
            which.append(FollowUp.service == moment.service)
        if moment.after is not None:
            queued_at, contact_id = moment.after
            later = and_(Contact.queued_at == queued_at, Contact.id > contact_id)
            which.append(or_(Contact.queued_at > queued_at, later))
        with self._foundation.record.read() as connection:
            return open_ones(connection, which, most)

    def _is_gone(self, latest: Latest) -> bool:
        """Whether the usager has hung up, or left the counter a while ago; who is named one by one may be called."""
        traits, age = CHANNELS[latest.contact.channel], self._foundation.clock() - latest.created_at
        return traits.holds_line or (traits.in_person and age > IN_THE_HALL)

    def _someone_could_serve(self, row: ContactRow) -> bool:
        """Whether the contact may wait, and anybody on shift could serve it. Raises RedisError and IndexLost."""
        in_force, now = self._foundation.in_force, self._foundation.clock()
        ladder = rungs(in_force, row.topic, row.language, _ladder(row, None))
        if wait_end(in_force, replace(row, waiting_since=now), ladder).at <= now:
            return False
        classes = [class_of(row.channel, rung.requirement) for rung in ladder]
        return self._foundation.index.someone_could_serve(classes, now)

    def _put_back(self, latest: Latest, lead: ContactRow, by: str | None) -> Standing:
        """Put the follow-up back; `lead`, which is its contact or was merged into it, has the place in the queue.

        What was merged into it waits with the lead again, but callers, who are gone. Raises Conflict.
        """
        now, in_force = self._foundation.clock(), self._foundation.in_force
        joined, companions = None, []
        with self._foundation.record.write() as connection:
            change(
                connection,
                latest,
                UNANSWERED,
                state=FollowUpState.QUEUED.value,
                closed_at=now,
                unanswered_since=None,
                snoozed_until=None,
            )
            row = self._wait(connection, lead, latest, None, now)
            for other in (latest.contact, *contacts.merged_into(connection, latest.contact.id, latest.created_at)):
                if other.id == row.id:
                    continue
                if CHANNELS[other.channel].holds_line:
                    merged = contacts.close(connection, other, Outcome.MERGED, now)
                    contacts.change(connection, merged, now, linked_to=row.id)
                else:
                    companions.append(self._wait(connection, other, latest, row.id, now))
            detail = {"reason": latest.reason.value, "owner": latest.owner}
            journal.write(connection, now, "follow_up_queued", row.id, by, **detail)
            together = companion(connection, in_force, row.usager_id, row.topic, row.channel, now, other_than=row.id)
            if together is not None:
                joined = join(connection, row, together, now)
                row = joined.contact
            standing = standing_of(connection, row)
        if joined is not None:
            sync.remove(self._foundation.index, joined.displaced, self._foundation.clock)
        if row.linked_to is None:
            standing = self._queue.enter(row) or standing
            self._queue.link(row.id, companions)
        if joined is not None:
            self._queue.link(joined.lead, joined.followers)
        for one in (row, *companions):
            self._foundation.announcer.tell("returned", now, one.id, latest.owner)
        return standing

    def _wait(
        self, connection: Connection, row: ContactRow, latest: Latest, lead: str | None, now: datetime
    ) -> ContactRow:
        return contacts.change(
            connection,
            row,
            now,
            state=ContactState.WAITING,
            outcome=None,
            closed_at=None,
            agent=None,
            linked_to=lead,
            waiting_since=now,
            ladder=_ladder(row, latest.owner),
            promised_at=latest.due_at,
        )


def _ladder(row: ContactRow, owner: str | None) -> Ladder | None:
    """The ladder of a contact that is back: the skills that an agent named, or its owner first."""
    if row.ladder is not None and "skills" in row.ladder:
        return row.ladder
    return Ladder(preferred=owner) if owner is not None else None
