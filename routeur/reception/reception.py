"""The reception of everything a usager sends: recorded first, then queued, then answered with its standing."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from competences.channels import CHANNELS, Channel
from competences.recognition.recognition import Recognition
from routeur.contact import contacts
from routeur.contact.identity import normal_address
from routeur.contact.messages import MessageView, OriginalMessage, messages_after
from routeur.contact.row import ContactRow
from routeur.contact.words import Delivery, FollowUpReason, Outcome
from routeur.errors import NotFound
from routeur.followups.making import Failure, FollowUpMaker, standing_of
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.inbound import Inbound, Receipt, Standing
from routeur.queue.patience import ClosedUntil, closed_until
from routeur.queue.queue import Queue
from routeur.queue.recall import Recall
from routeur.reception.arrival import Arrival, Arrivals, record_closed
from routeur.reception.attempts import look_again
from routeur.reception.continuation import Continuations
from routeur.reception.conversation import AlreadyReceived, already_received, conversation_of, takes_part
from routeur.reception.delivery import note_delivery
from routeur.reception.ending import Endings
from routeur.reception.set_aside import SetAsideReview
from routeur.reception.topic import TopicSetting
from routeur.reception.verification import Verifications
from routeur.reception.wishes import Wishes
from routeur.topics.understanding import Recognise


class Reception:
    """What the channels call. `recognise` guesses the topic of words when nobody chose one."""

    def __init__(
        self, foundation: Foundation, queue: Queue, follow_ups: FollowUpMaker, recall: Recall, recognise: Recognise
    ) -> None:
        self._foundation = foundation
        self._recall = recall
        self._queue = queue
        self._follow_ups = follow_ups
        self._arrivals = Arrivals(foundation, follow_ups)
        self._continuations = Continuations(foundation, follow_ups)
        self._topics = TopicSetting(foundation, queue, recognise)
        self.verifications = Verifications(foundation, queue)
        self.wishes = Wishes(foundation)
        self.set_aside = SetAsideReview(foundation, queue, self._continuations, self._topics)
        self._endings = Endings(foundation, queue, follow_ups)

    def receive(self, inbound: Inbound) -> Receipt:
        """Record an inbound and give its contact a place. The same message twice is one message."""
        inbound = replace(inbound, address=normal_address(inbound.address_kind, inbound.address))
        recognition = self._topics.understood(inbound)
        if recognition is not None:
            inbound = replace(inbound, topic=recognition.topic)
        # A call announces itself once: whether it did so before is looked up only when the record refuses it.
        certain = inbound.provider_ref is not None and inbound.provider_id is None
        arrival = look_again(lambda attempt: self._record(inbound, recognition, new=certain and attempt == 0))
        if arrival.joined is not None and arrival.queue:
            sync.remove(self._foundation.index, arrival.joined.displaced, self._foundation.clock)
        standing, recorded = arrival.standing, arrival.standing.contact
        if arrival.queue:
            announce = not CHANNELS[inbound.channel].told_in_answer
            standing = self._queue.enter(recorded, announce=announce) or standing
        if arrival.joined is not None:
            self._queue.link(arrival.joined.lead, arrival.joined.followers)
        if arrival.answers is not None:
            answered = arrival.answers
            self._foundation.announcer.tell("answered_by", self._foundation.clock(), answered.id, answered.agent)
        if arrival.new:
            self._foundation.announcer.tell("arrived", self._foundation.clock(), recorded.id)
        if not arrival.new and not arrival.duplicate:
            agent = recorded.agent or arrival.owner
            self._foundation.announcer.tell("message", self._foundation.clock(), recorded.id, agent)
            standing = self._topics.reconsider(recorded, inbound) or standing
            standing = self._recall.while_writing(recorded, inbound) or standing
        return Receipt(
            standing=standing,
            message_id=arrival.message_id,
            position=arrival.position,
            duplicate=arrival.duplicate,
            answered=inbound.answer is not None and not recorded.held,
            topic_found=standing.contact.topic != recorded.topic,
        )

    def _record(self, inbound: Inbound, recognition: Recognition | None, *, new: bool) -> Arrival:
        now = self._foundation.clock()
        refusal = self._arrivals.refusal(inbound)
        conversation: ContactRow | None = None
        with self._foundation.record.write() as connection:
            if not new:
                known = already_received(connection, inbound)
                if isinstance(known, AlreadyReceived):
                    standing = standing_of(connection, known.row)
                    return Arrival(standing, known.message_id, known.position, duplicate=True)
                inbound = known
                conversation = conversation_of(connection, inbound, now)
            if conversation is not None and takes_part(connection, conversation, inbound, self._foundation.plans):
                return self._continuations.go_on(connection, conversation, inbound, now)
            if inbound.automatic:
                return record_closed(connection, inbound, now, Outcome.SPAM, conversation)
            if inbound.answered_whole:
                return record_closed(connection, inbound, now, Outcome.SELF_SERVED)
            return self._arrivals.begin(connection, inbound, recognition, now, refusal=refusal, answers=conversation)

    def route(self, contact_id: str, *, topic: str | None, language: str | None = None) -> Standing:
        """Put a waiting contact on the ladder of the topic chosen in a menu, its place kept; returns its standing.

        The caller tells the usager. Raises NotFound, and Invalid for a topic that the plan does not have.
        """
        return self._topics.route(contact_id, topic, language, announce=False)

    def hear(
        self,
        contact_id: str,
        said: str,
        said_id: str,
        *,
        language: str | None = None,
        original: OriginalMessage | None = None,
    ) -> Standing:
        """Record what a caller said instead of choosing in the menu; route the contact by it if it is clear enough.

        The same `said_id` twice is one message. `original` is what the network posted. Raises NotFound.
        """
        return self._topics.hear(contact_id, said, said_id, language, original)

    def usager_left(self, contact_id: str) -> Standing:
        """End a contact whose usager hung up or closed the chat: abandoned if it waited, in wrap-up if an agent had it.

        Raises NotFound.
        """
        return look_again(lambda _: self._endings.leave(contact_id))

    def settle(self, contact_id: str) -> Standing:
        """Close as self-served a contact whose usager has their answer, unless an agent has it or its follow-up.

        Raises NotFound.
        """
        return look_again(lambda _: self._endings.settle(contact_id))

    def ask_follow_up(self, contact_id: str) -> Standing:
        """Make a contact whose usager would rather be called back a follow-up, unless an agent has it.

        The caller tells the usager. Raises NotFound.
        """
        made = self._follow_ups.give_up_waiting(contact_id, FollowUpReason.USAGER_ASKED, announce=False)
        return made or self.standing(contact_id)

    def delivery_failed(
        self,
        contact_id: str,
        reason: str,
        *,
        letter: str | None = None,
        recipients: Collection[str] = (),
        report: OriginalMessage | None = None,
    ) -> None:
        """Show the back office that something we sent came back (a bounce). Unknown contacts are passed over.

        `letter` is the channel's name for what came back, to `recipients`: however often that is reported, it failed
        once. `report` is what told us, as it came.
        """
        failure = Failure(reason, letter, frozenset(recipients), report)
        try:
            look_again(lambda _: self._follow_ups.delivery_failed(contact_id, failure))
        except NotFound:
            return

    def delivery_told(self, contact_id: str) -> None:
        """Tell the desk that something that left for a contact has come further. Unknown contacts are passed over."""
        with suppress(NotFound):
            row = self.standing(contact_id).contact
            self._foundation.announcer.tell("delivery", self._foundation.clock(), contact_id, row.agent)

    def delivery_reported(self, contact_id: str, letter: str, progress: Delivery, reason: str) -> None:
        """Note how far a letter of ours has come, as a report says. Unknown contacts are passed over.

        `letter` is the channel's name for it: however often this is reported, it came there once. For one that has
        failed there is `delivery_failed`.
        """
        noted = note_delivery(self._foundation, contact_id, letter, progress, reason)
        if noted is not None:
            self._foundation.announcer.tell("delivery", self._foundation.clock(), contact_id, noted.agent)

    def standing(self, contact_id: str) -> Standing:
        """Where the contact stands. Raises NotFound."""
        with self._foundation.record.read() as connection:
            return standing_of(connection, contacts.get(connection, contact_id))

    def closed_until(self, contact: ContactRow) -> ClosedUntil | None:
        """Until when what the contact asks for is closed; None while it is open."""
        return closed_until(self._foundation.in_force, contact, self._foundation.clock())

    def by_reference(self, channel: Channel, reference: str, addresses: Collection[str]) -> Standing:
        """Where the contact of this reference stands, if one of these addresses is its usager's. Raises NotFound."""
        with self._foundation.record.read() as connection:
            row = contacts.by_reference(connection, channel, reference, addresses)
            if row is None:
                raise NotFound(reference)
            return standing_of(connection, row)

    def by_provider_ref(self, channel: Channel, ref: str) -> Standing:
        """Where the contact of this conversation stands, which the provider calls `ref`. Raises NotFound."""
        with self._foundation.record.read() as connection:
            row = contacts.by_provider_ref(connection, channel, ref)
            if row is None:
                raise NotFound(ref)
            return standing_of(connection, row)

    def messages_after(self, contact_id: str, position: int) -> list[MessageView]:
        """The contact's messages after that position, in order."""
        return messages_after(self._foundation.record, contact_id, position)
