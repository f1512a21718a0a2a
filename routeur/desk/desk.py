"""The actions of an agent: taking contacts, replying, passing them on, finishing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from routeur.contact import contacts, drafts, identity, journal, messages, opt_outs
from routeur.contact.correspondents import correspondents
from routeur.contact.identity import normal_address
from routeur.contact.messages import OutgoingFile
from routeur.contact.row import HELD, Changes, ContactRow, Ladder
from routeur.contact.waits import ended_today
from routeur.contact.ways_out import Way, kind_of, may_be_gone
from routeur.contact.words import Activity, ContactState, Direction, FollowUpReason, Outcome
from routeur.desk.activity import record_activity
from routeur.desk.closing import close_together
from routeur.desk.departure import Departures
from routeur.desk.hand_over import check_is_there
from routeur.desk.taking import Taking
from routeur.desk.wrap_up import WrapUps
from routeur.errors import AlreadySaid, Conflict, Invalid, NotAllowed, NotTold, OptedOut
from routeur.followups.latest import answered, check_not_another_s
from routeur.followups.legal_requests import follow_topic
from routeur.followups.making import FollowUpMaker
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports.news import Ended
from routeur.ports.replies import write_reply
from routeur.ports.signals import Side
from routeur.queue.queue import Queue
from routeur.queue.returns import Returns
from routeur.record.tables import Contact
from routeur.topics.corrections import Corrections

_NOTHING_OWED = frozenset({Outcome.SPAM, Outcome.SELF_SERVED})
"""The outcomes after which nobody waits for the answer that was promised."""


class Desk:
    """An agent's actions. `login` is the agent who acts; `anyone=True` lets a supervisor act on others' contacts.

    All raise NotFound for an unknown contact, NotAllowed for another agent's contact, and Conflict when the contact's
    state no longer allows the action or changes meanwhile.
    """

    def __init__(
        self,
        foundation: Foundation,
        queue: Queue,
        returns: Returns,
        follow_ups: FollowUpMaker,
        departures: Departures,
        wrap_ups: WrapUps,
        corrections: Corrections,
    ) -> None:
        self._foundation = foundation
        self._queue = queue
        self._returns = returns
        self._follow_ups = follow_ups
        self._departures = departures
        self._wrap_ups = wrap_ups
        self._corrections = corrections
        self._taking = Taking(foundation, queue, returns)

    def set_activity(self, login: str, activity: Activity, reason: str | None = None) -> None:
        """Record what the agent does from now on; going offline releases their contacts.

        Raises Invalid for somebody who is not in the plan.
        """
        now = self._foundation.clock()
        agent = self._foundation.plan.agents.get(login)
        if agent is None:
            raise Invalid(login)
        with self._foundation.record.write() as connection:
            revision = record_activity(connection, login, activity, reason, now)
        with sync.index_may_be_down():
            self._foundation.index.place_agent(login, agent.skills, activity, revision, now)
        self._foundation.announcer.tell("activity", now, agent=login, activity=activity.value, reason=reason or "")
        if activity is Activity.OFFLINE:
            self._departures.release(login)

    def touch(self, login: str) -> None:
        """Renew the lease of the agent's desk."""
        with sync.index_may_be_down():
            self._foundation.index.touch(login, self._foundation.clock())

    def accept(self, login: str, contact_id: str) -> None:
        """Accept an offer. Raises Conflict when the contact is not offered to this agent, IndexUnavailable."""
        self._taking.accept(login, contact_id)

    def decline(self, login: str, contact_id: str) -> None:
        """Decline an offer. Raises Conflict when the contact is not offered to this agent, IndexUnavailable."""
        self._taking.decline(login, contact_id)

    def phone_not_answered(self, contact_id: str, attempt: int) -> None:
        """Return a caller whose agent's telephone was not answered; `attempt` is the number of the acceptance."""
        self._taking.phone_not_answered(contact_id, attempt)

    def reply(
        self,
        login: str,
        contact_id: str,
        text: str,
        *,
        cc: Sequence[str] = (),
        files: Sequence[OutgoingFile] = (),
        client_id: str | None = None,
        by: Way | None = None,
        address: str | None = None,
        anyone: bool = False,
    ) -> str:
        """Write to the usager; returns the message's id. The same `client_id` twice is one message.

        Raises AlreadySaid where it comes with another text, Invalid for an address in `cc` that nobody named in the
        correspondence, and what `write_reply` raises, which also says what `by` and `address` are.
        """
        now = self._foundation.clock()
        provider_id = f"{contact_id}:{login}:{client_id}" if client_id else None
        try:
            with self._foundation.record.write() as connection:
                row = _mine(connection, login, contact_id, (*HELD, ContactState.FOLLOW_UP), anyone)
                if row.state is ContactState.FOLLOW_UP:
                    check_not_another_s(connection, contact_id, login, anyone)
                earlier = _said_before(connection, row, provider_id, text)
                if earlier is not None:
                    return earlier
                self._check_copies(connection, row, cc)
                written = write_reply(
                    *(self._foundation.publisher, connection, row, login, text, now, provider_id, cc, files),
                    by=by,
                    address=address,
                    present=may_be_gone(row) and self._foundation.signals.is_here(contact_id, now),
                )
                if row.state is ContactState.FOLLOW_UP:
                    answered(connection, row)
        except IntegrityError as error:
            raise Conflict(contact_id) from error
        self._foundation.announcer.tell("message", now, contact_id, row.agent)
        return written.message_id

    def note(self, login: str, contact_id: str, text: str, *, client_id: str | None = None) -> str:
        """Write a note in the contact, which the usager does not see; returns the message's id.

        Whoever may read the contact may. The same `client_id` twice is one note. Raises NotFound, and AlreadySaid where
        it comes with another text.
        """
        now = self._foundation.clock()
        provider_id = f"{contact_id}:{login}:note:{client_id}" if client_id else None
        try:
            with self._foundation.record.write() as connection:
                row = contacts.get(connection, contact_id)
                earlier = _said_before(connection, row, provider_id, text)
                if earlier is not None:
                    return earlier
                note_id, _ = messages.add(
                    connection, row, Direction.NOTE, text, now, author=login, provider_id=provider_id
                )
        except IntegrityError as error:
            raise Conflict(contact_id) from error
        self._foundation.announcer.tell("message", now, contact_id, row.agent)
        return note_id

    def save_draft(self, login: str, contact_id: str, text: str) -> None:
        """Keep what the agent has begun to write in the contact; an empty text keeps nothing. Raises NotFound."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            contacts.get(connection, contact_id)
            drafts.keep(connection, contact_id, login, text, now)
        self._foundation.announcer.tell("draft", now, contact_id, login)

    def extend_wrap_up(self, login: str, contact_id: str, seconds: int, *, anyone: bool = False) -> None:
        """Let the contact's wrap-up end this number of seconds from now. Raises Conflict if it is not in wrap-up."""
        self._wrap_ups.extend(login, contact_id, seconds, anyone=anyone)

    def typing(self, login: str, contact_id: str) -> None:
        """The agent is typing in a contact that they have: its usager is told, where their page listens."""
        self._check_theirs(login, contact_id)
        self._foundation.signals.typing(contact_id, Side.AGENT, self._foundation.clock())

    def read_up_to(self, login: str, contact_id: str, position: int) -> None:
        """The agent has read a contact that they have up to this position."""
        self._check_theirs(login, contact_id)
        self._foundation.signals.read_up_to(contact_id, Side.AGENT, position, self._foundation.clock())

    def _check_theirs(self, login: str, contact_id: str) -> None:
        with self._foundation.record.read() as connection:
            row = contacts.get(connection, contact_id)
        if row.agent != login:
            raise NotAllowed(contact_id)

    def answer_from(
        self,
        login: str,
        contact_id: str,
        service_address: str,
        *,
        same_medium: Callable[[str], bool],
        anyone: bool = False,
    ) -> None:
        """Write to this contact's usager from another number of ours from now on, where its own takes no answer.

        Raises OptedOut where the usager wants no messages from any number of ours of the `same_medium`.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = _mine(connection, login, contact_id, (*HELD, ContactState.FOLLOW_UP), anyone)
            if row.state is ContactState.FOLLOW_UP:
                check_not_another_s(connection, contact_id, login, anyone)
            if row.service_address == service_address:
                return
            if any(same_medium(ours) for ours in opt_outs.opted_out_numbers(connection, row.address)):
                raise OptedOut(contact_id)
            elsewhere = {"service_address": service_address, "reply_until": None}
            connection.execute(update(Contact).where(Contact.id == contact_id).values(elsewhere))
            journal.write(connection, now, "answered_from_another_number", contact_id, login)
        self._foundation.announcer.tell("message", now, contact_id, row.agent)

    def _check_copies(self, connection: Connection, row: ContactRow, cc: Sequence[str]) -> None:
        if not cc:
            return
        allowed = correspondents(
            row, messages.said_after(connection, row.id, 0), self._foundation.plans.own_addresses()
        )
        for address in cc:
            if address not in allowed:
                raise Invalid(address)

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
        """Return a contact to its place in the queue, for another topic, skills with minimum levels, or one agent.

        Raises Invalid unless exactly one of the three is given and the plan knows it, and NotThere, which says who is,
        for an agent who is not on shift.
        """
        changes = self._destination(topic, skills, agent)
        with self._foundation.record.read() as connection:
            row = _mine(connection, login, contact_id, (ContactState.ACTIVE,), anyone)
            if agent is not None:
                check_is_there(connection, self._foundation.in_force, row, agent)
        detail = {"to": topic or agent or dict(skills or {})}
        if row.handovers is not None:
            changes["handovers"] = row.handovers + 1
        self._returns.put_back(row, "transferred", login, detail=detail, **changes)
        if topic is not None:
            with self._foundation.record.write() as connection:
                self._corrections.keep(connection, row, topic, login, self._foundation.clock())

    def _destination(self, topic: str | None, skills: Mapping[str, int] | None, agent: str | None) -> Changes:
        plan = self._foundation.plan
        if sum(given is not None for given in (topic, skills, agent)) != 1:
            raise Invalid("transfer takes one of topic, skills, agent")
        if topic is not None:
            if topic not in plan.topics:
                raise Invalid(topic)
            return Changes(topic=topic, ladder=None)
        if agent is not None:
            if agent not in plan.agents:
                raise Invalid(agent)
            return Changes(ladder=Ladder(agent=agent))
        for skill in skills or {}:
            if skill not in plan.known_skills:
                raise Invalid(skill)
        return Changes(ladder=Ladder(skills=dict(skills or {})))

    def set_topic(self, login: str, contact_id: str, topic: str, *, anyone: bool = False) -> None:
        """Correct the topic; a waiting contact is routed anew at once, one that an agent has stays with the agent.

        The usager of a request is told what silence means now, if that is something else (or was not known before).
        Raises Invalid for a topic that the plan does not have.
        """
        if topic not in self._foundation.plan.topics:
            raise Invalid(topic)
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.state is ContactState.CLOSED:
                raise Conflict(contact_id)
            if row.held and row.agent != login and not anyone:
                raise NotAllowed(contact_id)
            self._corrections.keep(connection, row, topic, login, now)
            changes = Changes(topic=topic, ladder=None)
            if row.waits and topic != row.topic:
                changes["linked_to"] = None
            routed = contacts.change(connection, row, now, **changes)
            journal.write(connection, now, "topic_set", contact_id, login, topic=topic, before=row.topic)
            follow_topic(self._foundation, connection, routed, login, now)
        if routed.waits and routed.linked_to is None:
            self._queue.move(routed)
        self._foundation.announcer.tell("topic_set", now, contact_id, row.agent)

    def finish(
        self, login: str, contact_id: str, outcome: Outcome, note: str | None = None, *, anyone: bool = False
    ) -> None:
        """Close the contact; when the same person has closed it before, only another note is kept.

        Its companions are closed with it if it was answered, but for requests, which become follow-ups of their own;
        after any other outcome they stay with their agent. Raises NotTold where its usager was promised an answer, has
        had none, and is not there: it stays with the agent, who may write elsewhere or hand it back.
        """
        try:
            self._finish(login, contact_id, outcome, note, anyone=anyone)
        except Conflict:  # two at once, as a double click sends them: the other was faster
            self._finish(login, contact_id, outcome, note, anyone=anyone)

    def _finish(self, login: str, contact_id: str, outcome: Outcome, note: str | None, *, anyone: bool) -> None:
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.state is ContactState.CLOSED and journal.has_done(connection, contact_id, "finished", login):
                if note and not messages.noted(connection, contact_id, login, note):
                    messages.add(connection, row, Direction.NOTE, note, now, author=login)
                return
            _check_mine(row, login, HELD, anyone)
            self._check_promise_kept(connection, row, outcome, now)
            if note:
                messages.add(connection, row, Direction.NOTE, note, now, author=login)
            closing = close_together(connection, self._follow_ups, row, outcome, login, now)
            for closed in closing.closed:
                self._foundation.publisher.publish(connection, Ended(closed), now)
            if outcome is Outcome.SPAM and ended_today(row, self._foundation.in_force.calendar, now):
                contacts.count_as_spam(connection, row)
        for gone in (*closing.closed, *closing.followed_up):
            sync.remove(self._foundation.index, gone.id, self._foundation.clock)
        for kind, changed in (
            ("closed", closing.closed),
            ("followed_up", closing.followed_up),
            ("parted", closing.parted),
        ):
            for one in changed:
                self._foundation.announcer.tell(kind, now, one.id, row.agent)

    def _check_promise_kept(self, connection: Connection, row: ContactRow, outcome: Outcome, now: datetime) -> None:
        """Check that a promise does not end without an answer. Raises NotTold.

        Who is answered at the counter is told there; but nobody who was promised something gives up by being absent.
        """
        if row.promised_at is None or outcome in _NOTHING_OWED:
            return
        told_now = not may_be_gone(row) or self._foundation.signals.is_here(row.id, now)
        if outcome is Outcome.ANSWERED and told_now:
            return
        if not journal.has_happened_since(connection, row.id, "replied", since="follow_up_queued"):
            raise NotTold(row.id)

    def follow_up(
        self,
        login: str,
        contact_id: str,
        *,
        service: str | None = None,
        note: str | None = None,
        address: str | None = None,
        anyone: bool = False,
    ) -> None:
        """Make the contact a follow-up of the back office; the usager is told the reference and the due date.

        `service` instead of the topic's own; `address` is one that the usager has confirmed to the agent. Raises
        Invalid for a service that the plan does not have.
        """
        if service is not None and service not in self._foundation.plan.services:
            raise Invalid(service)
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = _mine(connection, login, contact_id, HELD, anyone)
            if note:
                messages.add(connection, row, Direction.NOTE, note, now, author=login)
            if address is not None:
                row = self._confirmed(connection, row, address, login, now)
            made = self._follow_ups.make(connection, row, FollowUpReason.AGENT_ASKED, now, service=service, agent=login)
        for one in (contact_id, *made.together):
            sync.remove(self._foundation.index, one, self._foundation.clock)
            self._foundation.announcer.tell("followed_up", now, one, row.agent)

    def _confirmed(
        self, connection: Connection, row: ContactRow, address: str, login: str, now: datetime
    ) -> ContactRow:
        """The contact with an address that its usager has confirmed to the agent."""
        kind = kind_of(address)
        identity.confirm(connection, row.id, kind, normal_address(kind, address), row.confirmed or ())
        journal.write(connection, now, "address_confirmed", row.id, login, address_kind=kind.value)
        return contacts.get(connection, row.id)


def _said_before(connection: Connection, row: ContactRow, provider_id: str | None, text: str) -> str | None:
    """The id of the message that came under this id before. Raises AlreadySaid where it has another text."""
    earlier = messages.with_provider_id(connection, row, provider_id) if provider_id is not None else None
    if earlier is not None and messages.text_of(connection, earlier) != text:
        raise AlreadySaid(row.id)
    return earlier


def _mine(
    connection: Connection, login: str, contact_id: str, states: Collection[ContactState], anyone: bool
) -> ContactRow:
    row = contacts.get(connection, contact_id)
    _check_mine(row, login, states, anyone)
    return row


def _check_mine(row: ContactRow, login: str, states: Collection[ContactState], anyone: bool) -> None:
    if row.state not in states:
        raise Conflict(row.id)
    if row.agent not in (login, None) and not anyone:
        raise NotAllowed(row.id)
