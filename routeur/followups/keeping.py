"""The work of the back office: taking follow-ups, handing them over, answering and closing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from routeur.contact import contacts, journal, legal_requests
from routeur.contact.identifiers import new_id
from routeur.contact.messages import OutgoingFile
from routeur.contact.ways_out import Way
from routeur.contact.words import UNANSWERED, ContactState, FollowUpState, Outcome, Reminder
from routeur.errors import Conflict, InstantOutOfRange, Invalid
from routeur.followups.latest import KEPT, Latest, change, check_owner, latest_of_reference, put_back
from routeur.foundation import Foundation
from routeur.ports.news import DueFollowUp, FollowUpsDue
from routeur.ports.replies import write_reply
from routeur.record.tables import FollowUp

LONGEST_SNOOZE = timedelta(days=366)


class FollowUps:
    """The back office's actions on the latest follow-up of a reference; `login` is the agent who acts.

    Who takes a follow-up owns it: nobody else does anything to it until they release it or hand it over, but `anyone`
    (a supervisor) may. All raise NotFound for an unknown reference, TakenByAnother for a colleague's, and Conflict when
    its state no longer allows the action. Its owner is told of what others do to it; who loses it is, too.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def take(self, login: str, reference: str, *, over: bool = False, anyone: bool = False) -> None:
        """Take the follow-up, once however often it is asked. `over`: also a colleague's, if `anyone` may."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            if latest.owner == login:
                return
            check_owner(latest, login, over and anyone)
            change(connection, latest, UNANSWERED, **_owned_by(login, now))
            taken_from = {"taken_from": latest.owner} if latest.owner is not None else {}
            journal.write(connection, now, "follow_up_taken", latest.contact.id, login, **taken_from)
        self._tell("follow_up_taken", latest, now, login)

    def release(self, login: str, reference: str, *, anyone: bool = False) -> None:
        """Give the follow-up back to its service, for anybody to take; does nothing to one that nobody has."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            if latest.state is FollowUpState.OPEN:
                return
            check_owner(latest, login, anyone)
            change(connection, latest, {FollowUpState.TAKEN}, **_OWNED_BY_NOBODY)
            journal.write(connection, now, "follow_up_released", latest.contact.id, login, released_from=latest.owner)
        self._tell("follow_up_released", latest, now, None)

    def hand_over(
        self,
        login: str,
        reference: str,
        *,
        agent: str | None = None,
        service: str | None = None,
        note: str | None = None,
        anyone: bool = False,
    ) -> None:
        """Hand the follow-up to a colleague, who owns it from now on, or to another service, for anybody there to take.

        What its usager was told holds: the due date stays, and who has it now is reminded of it. The service is told by
        a letter to its address. Raises Invalid unless exactly one of the two is given and
        the plan knows it.
        """
        plan, now = self._foundation.plan, self._foundation.clock()
        if (agent is None) == (service is None):
            raise Invalid("a follow-up is handed to one of agent, service")
        if agent is not None and agent not in plan.agents:
            raise Invalid(agent)
        if service is not None and service not in plan.services:
            raise Invalid(service)
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            check_owner(latest, login, anyone)
            to = _owned_by(agent, now) if agent is not None else {**_OWNED_BY_NOBODY, "service": service}
            change(connection, latest, UNANSWERED, **to, reminded=None)
            if service is not None:
                self._tell_service(connection, latest, service, now)
            detail = {"to": agent or service, "note": note}
            journal.write(connection, now, "follow_up_handed_over", latest.contact.id, login, **detail)
        self._tell("follow_up_handed_over", latest, now, agent)

    def snooze(self, login: str, reference: str, until: datetime | None, *, anyone: bool = False) -> None:
        """Have the owner reminded of the follow-up at this instant, or wake it now (None).

        The due date stays, and with it its reminders. It wakes by itself when its usager writes. Raises
        InstantOutOfRange for an instant that is not to come, or not within a year.
        """
        now = self._foundation.clock()
        if until is not None and not now < until <= now + LONGEST_SNOOZE:
            raise InstantOutOfRange(now, now + LONGEST_SNOOZE)
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            check_owner(latest, login, anyone)
            change(connection, latest, {FollowUpState.TAKEN}, snoozed_until=until)
            until_text = until.isoformat() if until is not None else None
            journal.write(connection, now, "follow_up_snoozed", latest.contact.id, login, until=until_text)
        self._tell("follow_up_snoozed", latest, now, latest.owner)

    def answer(
        self,
        login: str,
        reference: str,
        text: str,
        *,
        files: Sequence[OutgoingFile] = (),
        by: Way | None = None,
        address: str | None = None,
        anyone: bool = False,
    ) -> None:
        """Send the answer to the usager, or note how the agent has told them; `write_reply` says by which way.

        Raises NoWayOut where nothing would reach them, and what else `write_reply` raises.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            check_owner(latest, login, anyone)
            if latest.state not in UNANSWERED:
                raise Conflict(latest.id, state=latest.state.value)
            publisher, contact = self._foundation.publisher, latest.contact
            written = write_reply(publisher, connection, contact, login, text, now, files=files, by=by, address=address)
            change(
                connection,
                latest,
                UNANSWERED,
                state=FollowUpState.ANSWERED.value,
                taken_by=login,
                answered_at=now,
                answered_by=written.by.value,
                unanswered_since=None,
                snoozed_until=None,
            )
            journal.write(connection, now, "follow_up_answered", contact.id, login, by=written.by.value)
        self._tell("message", latest, now, login)

    def close(self, login: str, reference: str, note: str | None = None, *, anyone: bool = False) -> None:
        """Close the follow-up and its contact; `note` may say how it was done, or why it need not be."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            if latest.state is FollowUpState.CLOSED:
                return
            check_owner(latest, login, anyone)
            change(
                connection,
                latest,
                KEPT,
                state=FollowUpState.CLOSED.value,
                closed_at=now,
                unanswered_since=None,
                snoozed_until=None,
            )
            if latest.contact.state is ContactState.FOLLOW_UP:
                contacts.close(connection, latest.contact, Outcome.FOLLOWED_UP, now)
            journal.write(connection, now, "follow_up_closed", latest.contact.id, login, note=note)
        self._tell("closed", latest, now, login)

    def reopen(self, login: str, reference: str, note: str | None = None, *, anyone: bool = False) -> None:
        """Have an answered or closed follow-up answered once more, by a new date, by the one who had it.

        It is for anybody of its service where nobody had it, or they are no longer on the staff. Does nothing to one
        that waits for its answer already. A request stays one, and its first answer is remembered.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            latest = latest_of_reference(connection, reference)
            check_owner(latest, login, anyone)
            if latest.state in UNANSWERED:
                return
            contact = latest.contact
            if contact.state not in (ContactState.FOLLOW_UP, ContactState.CLOSED) or not contact.address:
                raise Conflict(contact.id, state=contact.state.value, holder=contact.agent)
            owner = put_back(self._foundation, connection, latest, now, by=login, note=note)
            if contact.state is ContactState.CLOSED:
                contacts.change(
                    connection,
                    contact,
                    now,
                    state=ContactState.FOLLOW_UP,
                    outcome=None,
                    closed_at=None,
                    agent=None,
                    linked_to=None,
                    request=legal_requests.answered_so_far(contact, self._foundation.in_force.calendar),
                )
        self._tell("follow_up_reopened", latest, now, owner)

    def _tell_service(self, connection: Connection, latest: Latest, service: str, now: datetime) -> None:
        """Tell a service by letter that a follow-up is theirs now, where it has an address."""
        address = self._foundation.plan.services[service].email
        if address is None:
            return
        contact = latest.contact
        owed = DueFollowUp(contact.reference, contact.topic, service, latest.due_at, None, Reminder.HANDED_OVER)
        self._foundation.publisher.tell_staff(connection, FollowUpsDue(new_id(), address.lower(), [owed]), now)

    def _tell(self, kind: str, before: Latest, now: datetime, owner: str | None) -> None:
        """Tell the owner and, if that is somebody else, who had it before."""
        self._foundation.announcer.tell(kind, now, before.contact.id, owner)
        if before.owner not in (None, owner):
            self._foundation.announcer.tell(kind, now, before.contact.id, before.owner)


def close_untouched(connection: Connection, contact_id: str, now: datetime) -> bool:
    """Close the contact's follow-up as no longer needed; returns False if the back office has taken it already."""
    closed = connection.execute(
        update(FollowUp)
        .where(FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.OPEN.value)
        .values(state=FollowUpState.CLOSED.value, closed_at=now, unanswered_since=None)
    )
    if closed.rowcount:
        journal.write(connection, now, "follow_up_closed", contact_id, reason=Outcome.SELF_SERVED.value)
    return bool(closed.rowcount)


_OWNED_BY_NOBODY = {
    "state": FollowUpState.OPEN.value,
    "taken_by": None,
    "taken_at": None,
    "snoozed_until": None,
}


def _owned_by(login: str, now: datetime) -> dict[str, str | datetime | None]:
    return {"state": FollowUpState.TAKEN.value, "taken_by": login, "taken_at": now, "snoozed_until": None}
