"""The review of what was set aside: somebody looks at it, and queues what a person wrote after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from routeur.contact import contacts, journal
from routeur.contact.row import ContactRow
from routeur.contact.words import ContactState, SetAside
from routeur.errors import NotFound
from routeur.followups.making import standing_of
from routeur.foundation import Foundation
from routeur.ports.inbound import Standing
from routeur.ports.news import Received
from routeur.queue.queue import Queue
from routeur.reception.attempts import look_again
from routeur.reception.continuation import Continuations
from routeur.reception.conversation import earlier_today
from routeur.reception.topic import TopicSetting
from routeur.record.tables import Contact, Message


class SetAsideReview:
    """What a reviewer decides. Each method raises NotFound for a message that was not set aside."""

    def __init__(
        self, foundation: Foundation, queue: Queue, continuations: Continuations, topics: TopicSetting
    ) -> None:
        self._foundation = foundation
        self._queue = queue
        self._continuations = continuations
        self._topics = topics

    def keep_aside(self, message_id: str, login: str) -> None:
        """Note that this person has looked at the message and leaves it where it is."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row, _ = _found(connection, message_id)
            reviewed = _mark(connection, message_id, SetAside.REVIEWED, [SetAside.OPEN])
            if reviewed:
                journal.write(connection, now, "set_aside_reviewed", row.id, login, message=message_id)
        if reviewed:
            self._foundation.announcer.tell("message", now, row.id, row.agent)

    def queue(self, message_id: str, login: str) -> Standing:
        """A person wrote it: its contact, if closed, is opened with the place that the message's arrival gives it.

        It is acknowledged like any new one (CRPA L112-11).
        Twice is once: a contact that was answered since is not opened again.
        """
        standing, opened, owner = look_again(lambda _: self._queue_once(message_id, login))
        row = standing.contact
        if opened and row.waits:
            standing = self._queue.enter(row) or standing
        if opened and row.waits and row.topic is None:
            standing = self._topics.recognise_anew(row) or standing
        self._foundation.announcer.tell("message", self._foundation.clock(), row.id, row.agent or owner)
        return standing

    def _queue_once(self, message_id: str, login: str) -> tuple[Standing, bool, str | None]:
        """Where its contact stands then, whether it was opened for it, and who owns the follow-up that it is."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row, at = _found(connection, message_id)
            if not _mark(connection, message_id, SetAside.QUEUED, [SetAside.OPEN, SetAside.REVIEWED]):
                return standing_of(connection, row), False, None
            journal.write(connection, now, "set_aside_queued", row.id, login, message=message_id)
            into = contacts.absorbed_by(connection, row) or row
            if into.state is not ContactState.CLOSED:
                into, owner = self._continuations.note(connection, into, now)
                return standing_of(connection, into), False, owner
            standing = self._continuations.reopen(connection, row, now, queued_at=at)
            if standing.follow_up is None:  # which tells its usager itself
                # Somebody has read it: a person wrote.
                connection.execute(update(Contact).where(Contact.id == row.id).values(acknowledge=True))
                believed = replace(standing.contact, acknowledge=True)
                earlier = earlier_today(connection, believed)
                received = Received(believed, message_id, None, earlier_today=earlier)
                self._foundation.publisher.publish(connection, received, now)
            return standing, True, None


def _found(connection: Connection, message_id: str) -> tuple[ContactRow, datetime]:
    """The contact of a message that was set aside, and when the message came."""
    message = connection.execute(
        select(Message.contact_id, Message.at).where(Message.id == message_id, Message.set_aside.is_not(None))
    ).one_or_none()
    if message is None:
        raise NotFound(message_id)
    return contacts.get(connection, message.contact_id), message.at


def _mark(connection: Connection, message_id: str, review: SetAside, before: list[SetAside]) -> bool:
    """Whether the review of the message went on from one of those before."""
    changed = connection.execute(
        update(Message).where(Message.id == message_id, Message.set_aside.in_(before)).values(set_aside=review.value)
    )
    return changed.rowcount > 0
