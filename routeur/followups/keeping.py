"""The work of the back office: taking, answering and closing follow-ups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from routeur.contact import contacts, journal
from routeur.contact.identifiers import clean_reference
from routeur.contact.messages import OutgoingFile
from routeur.contact.row import COLUMNS, ContactRow, read
from routeur.contact.ways_out import Way
from routeur.contact.words import UNANSWERED, ContactState, FollowUpState, Outcome
from routeur.errors import Conflict, NotAllowed, NotFound
from routeur.foundation import Foundation
from routeur.ports.replies import write_reply
from routeur.record.tables import Contact, FollowUp


class FollowUps:
    """The back office's actions on the latest follow-up of a reference; `login` is the agent who acts.

    All raise NotFound for an unknown reference, and Conflict when the follow-up's state no longer allows the action.
    What another agent has taken is answered and closed by them, unless `anyone` may: NotAllowed.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation

    def take(self, login: str, reference: str, *, over: bool = False) -> None:
        """Take the follow-up, once however often it is asked. `over`: also from an agent who has taken it."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            contact, newest = _newest(connection, reference)
            if newest.progress == FollowUpState.TAKEN and newest.taken_by == login:
                return
            _change(
                connection,
                newest.follow_up,
                {FollowUpState.OPEN, FollowUpState.TAKEN} if over else {FollowUpState.OPEN},
                state=FollowUpState.TAKEN.value,
                taken_by=login,
                taken_at=now,
            )
            taken_from = {"taken_from": newest.taken_by} if newest.progress == FollowUpState.TAKEN else {}
            journal.write(connection, now, "follow_up_taken", contact.id, login, **taken_from)
        for one in {login, newest.taken_by or login}:
            self._foundation.announcer.tell("follow_up_taken", now, contact.id, one)

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
            contact, newest = _newest(connection, reference)
            check_not_another_s(connection, contact.id, login, anyone)
            if newest.progress not in UNANSWERED:
                raise Conflict(newest.follow_up)
            publisher = self._foundation.publisher
            written = write_reply(publisher, connection, contact, login, text, now, files=files, by=by, address=address)
            _change(
                connection,
                newest.follow_up,
                UNANSWERED,
                state=FollowUpState.ANSWERED.value,
                taken_by=login,
                answered_at=now,
                answered_by=written.by.value,
            )
            journal.write(connection, now, "follow_up_answered", contact.id, login, by=written.by.value)
        self._foundation.announcer.tell("message", now, contact.id, login)

    def close(self, login: str, reference: str, note: str | None = None, *, anyone: bool = False) -> None:
        """Close the follow-up and its contact; `note` may say how it was done, or why it need not be."""
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            contact, newest = _newest(connection, reference)
            if newest.progress == FollowUpState.CLOSED:
                return
            check_not_another_s(connection, contact.id, login, anyone)
            _change(
                connection,
                newest.follow_up,
                {*UNANSWERED, FollowUpState.ANSWERED},
                state=FollowUpState.CLOSED.value,
                closed_at=now,
            )
            if contact.state is ContactState.FOLLOW_UP:
                contacts.close(connection, contact, Outcome.FOLLOWED_UP, now)
            journal.write(connection, now, "follow_up_closed", contact.id, login, note=note)
        self._foundation.announcer.tell("closed", now, contact.id, login)


def check_not_another_s(connection: Connection, contact_id: str, login: str, anyone: bool) -> None:
    """Check that no other agent has taken the contact's follow-up, unless `anyone` may act. Raises NotAllowed."""
    others = select(FollowUp.id).where(
        FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.TAKEN.value, FollowUp.taken_by != login
    )
    if not anyone and connection.scalar(others.limit(1)) is not None:
        raise NotAllowed(contact_id)


def close_untouched(connection: Connection, contact_id: str, now: datetime) -> bool:
    """Close the contact's follow-up as no longer needed; returns False if the back office has taken it already."""
    closed = connection.execute(
        update(FollowUp)
        .where(FollowUp.contact_id == contact_id, FollowUp.state == FollowUpState.OPEN.value)
        .values(state=FollowUpState.CLOSED.value, closed_at=now)
    )
    if closed.rowcount:
        journal.write(connection, now, "follow_up_closed", contact_id, reason=Outcome.SELF_SERVED.value)
    return bool(closed.rowcount)


def _newest(connection: Connection, reference: str) -> tuple[ContactRow, Any]:
    """The contact with this reference, and its latest follow-up (`follow_up`, `progress`, `taken_by`)."""
    row = connection.execute(
        select(*COLUMNS, FollowUp.id.label("follow_up"), FollowUp.state.label("progress"), FollowUp.taken_by)
        .join(FollowUp, FollowUp.contact_id == Contact.id)
        .where(Contact.reference == clean_reference(reference))
        .order_by(FollowUp.created_at.desc(), FollowUp.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound(reference)
    return read(row), row


def _change(connection: Connection, follow_up_id: str, states: Collection[FollowUpState], **values: Any) -> None:
    done = connection.execute(
        update(FollowUp).where(FollowUp.id == follow_up_id, FollowUp.state.in_(states)).values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(follow_up_id)
