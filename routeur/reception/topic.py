"""Setting the topic of a waiting contact, chosen or recognised after it began; its place is kept."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import IntegrityError

from competences.channels import CHANNELS
from competences.recognition.recognition import Recognition
from routeur.contact import contacts, journal, messages
from routeur.contact.messages import OriginalMessage, messages_after
from routeur.contact.row import ContactRow, Ladder
from routeur.contact.words import ContactState, Direction
from routeur.errors import Conflict, Invalid
from routeur.followups.latest import written_again
from routeur.followups.making import standing_of
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.inbound import Inbound, Standing
from routeur.queue.linked import Joined, companion, join
from routeur.queue.queue import Queue
from routeur.reception.attempts import look_again
from routeur.reception.conversation import preferred_agent
from routeur.topics.understanding import Recognise, recognition_detail, understand

log = structlog.get_logger(__name__)


class TopicSetting:
    """Sets topics. `recognise` guesses the topic of words when nobody chose one."""

    def __init__(self, foundation: Foundation, queue: Queue, recognise: Recognise) -> None:
        self._foundation = foundation
        self._queue = queue
        self._recognise = recognise

    def understood(self, inbound: Inbound) -> Recognition | None:
        """The recognition of an inbound; None if its sender chose a topic, or no agent need read it."""
        plan = self._foundation.plan
        if inbound.topic in plan.topics or inbound.automatic or inbound.answered_whole or inbound.settles:
            return None
        return understand(self._recognise, plan, inbound.subject, inbound.text)

    def route(self, contact_id: str, topic: str | None, language: str | None, *, announce: bool) -> Standing:
        """Put a waiting contact on the ladder of its topic; returns its standing then.

        `announce`: tell the usager here if nobody could serve it and it becomes a follow-up.
        Raises NotFound, and Invalid for a topic that the plan does not have.
        """
        standing, joined = look_again(lambda _: self._set(contact_id, topic, language))
        row = standing.contact
        if row.waits and row.linked_to is None:
            standing = self._queue.enter(row, announce=announce) or standing
        if joined is not None:
            self._queue.link(joined.lead, joined.followers)
        self._foundation.announcer.tell("topic_set", self._foundation.clock(), contact_id)
        return standing

    def hear(
        self, contact_id: str, said: str, said_id: str, language: str | None, original: OriginalMessage | None
    ) -> Standing:
        """Record what a caller said; route the contact by it if it is clear enough. Raises NotFound."""
        recognition = understand(self._recognise, self._foundation.plan, said)
        standing, owner = look_again(lambda _: self._keep_said(contact_id, said, said_id, recognition, original))
        if standing.contact.state is ContactState.FOLLOW_UP:  # the caller is told so, and its owner what they said
            self._foundation.announcer.tell("message", self._foundation.clock(), contact_id, owner)
        if recognition is None or recognition.topic is None:
            return standing
        return self.route(contact_id, recognition.topic, language, announce=False)

    def reconsider(self, row: ContactRow, inbound: Inbound) -> Standing | None:
        """Recognise the topic of a waiting contact by all its messages; route it and return its standing.

        Leaves alone contacts that an agent has had (who left the topic open and knows the usager) and calls (which have
        a menu). Returns None when no topic was recognised.
        """
        untold = row.topic is None and row.accepted_at is None
        if not (row.waits and untold) or CHANNELS[row.channel].holds_line:
            return None
        if inbound.automatic or inbound.settles or inbound.answer is not None:
            return None
        return self.recognise_anew(row)

    def recognise_anew(self, row: ContactRow) -> Standing | None:
        """Recognise the topic of a waiting contact by all its messages, and route it; None when none was recognised."""
        conversation = messages_after(self._foundation.record, row.id, 0)
        words = [message.text for message in conversation if message.direction == Direction.INBOUND]
        recognition = understand(self._recognise, self._foundation.plan, row.subject, *words)
        if recognition is None or recognition.topic is None:
            return None
        with self._foundation.record.write() as connection:
            journal.write(connection, self._foundation.clock(), "recognised", row.id, **recognition_detail(recognition))
        try:
            return self.route(row.id, recognition.topic, None, announce=True)
        except (Conflict, IntegrityError, Invalid) as error:  # the contact or the plan has changed; the message is kept
            log.info("topic_left_open", contact=row.id, error=type(error).__name__)
        with self._foundation.record.read() as connection:
            return standing_of(connection, contacts.get(connection, row.id))

    def _keep_said(
        self,
        contact_id: str,
        said: str,
        said_id: str,
        recognition: Recognition | None,
        original: OriginalMessage | None,
    ) -> tuple[Standing, str | None]:
        """Where the contact stands, and who owns the follow-up that it is, if it is one."""
        now = self._foundation.clock()
        owner = None
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if messages.with_provider_id(connection, row, said_id) is None:
                messages.add(connection, row, Direction.INBOUND, said, now, provider_id=said_id, original=original)
                if recognition is not None:
                    journal.write(connection, now, "recognised", contact_id, **recognition_detail(recognition))
                if row.state is ContactState.FOLLOW_UP:
                    owner = written_again(self._foundation, connection, row, now)
            return standing_of(connection, row), owner

    def _set(self, contact_id: str, topic: str | None, language: str | None) -> tuple[Standing, Joined | None]:
        """Record the topic; link the contact to a companion if there is one."""
        now = self._foundation.clock()
        in_force = self._foundation.in_force
        if topic is not None and topic not in in_force.plan.topics:
            raise Invalid(topic)
        joined = None
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if not row.waits or _is_set(row, topic, language):
                return standing_of(connection, row), None
            agent = preferred_agent(connection, row.usager_id, topic)
            spoken = language or row.language
            routed = contacts.change(
                connection,
                row,
                now,
                topic=topic,
                language=spoken,
                ladder=Ladder(preferred=agent) if agent else None,
                linked_to=None,
            )
            journal.write(connection, now, "topic_set", contact_id, topic=topic, language=spoken)
            together = companion(connection, in_force, row.usager_id, topic, row.channel, now, other_than=row.id)
            if together is not None:
                joined = join(connection, routed, together, now)
                routed = joined.contact
        if joined is not None:
            sync.remove(self._foundation.index, joined.displaced, self._foundation.clock)
        return Standing(routed, None), joined


def _is_set(row: ContactRow, topic: str | None, language: str | None) -> bool:
    """Whether the contact has the ladder of this topic and language already."""
    in_menu = row.ladder is not None and "menu" in row.ladder
    return (row.topic, row.language) == (topic, language or row.language) and not in_menu
