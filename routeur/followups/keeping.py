"""The back office: taking, answering and closing the promises made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from routeur.contact import contacts, journal
from routeur.contact.identifiers import clean_reference
from routeur.contact.words import ContactState, FollowUpState, Outcome
from routeur.desk.desk import Desk
from routeur.errors import Conflict, NotFound
from routeur.queue.place import Routing
from routeur.record.tables import Contact, FollowUp

_STILL_TO_DO = (FollowUpState.OPEN.value, FollowUpState.TAKEN.value)


class FollowUps:
    """Every method raises NotFound for an unknown reference and Conflict when the follow-up has moved on."""

    def __init__(self, routing: Routing, desk: Desk) -> None:
        self._routing = routing
        self._desk = desk

    def take(self, login: str, reference: str) -> None:
        """An agent makes it theirs; taking one's own again changes nothing."""
        now = self._routing.clock()
        with self._routing.record.write() as connection:
            row = self._newest(connection, reference)
            if row.state == FollowUpState.TAKEN and row.taken_by == login:
                return
            self._change(
                connection,
                row,
                (FollowUpState.OPEN.value,),
                state=FollowUpState.TAKEN.value,
                taken_by=login,
                taken_at=now,
            )
            journal.write(connection, now, "follow_up_taken", row.contact_id, login)

    def answer(self, login: str, reference: str, text: str) -> None:
        """The answer goes to the usager on their channel (on the phone: it is noted, and somebody calls)."""
        now = self._routing.clock()
        with self._routing.record.write() as connection:
            row = self._newest(connection, reference)
            self._change(
                connection, row, _STILL_TO_DO, state=FollowUpState.ANSWERED.value, taken_by=login, answered_at=now
            )
            self._desk.write_reply(connection, contacts.get(connection, row.contact_id), login, text, now)
            journal.write(connection, now, "follow_up_answered", row.contact_id, login)
        self._routing.announcer.tell("message", now, row.contact_id, login)

    def close(self, login: str, reference: str, note: str | None = None) -> None:
        """The promise is kept (or void, as the note says): the contact is closed."""
        now = self._routing.clock()
        with self._routing.record.write() as connection:
            row = self._newest(connection, reference)
            if row.state == FollowUpState.CLOSED:
                return
            self._change(
                connection,
                row,
                (*_STILL_TO_DO, FollowUpState.ANSWERED.value),
                state=FollowUpState.CLOSED.value,
                closed_at=now,
            )
            contact = contacts.get(connection, row.contact_id)
            if contact.state == ContactState.FOLLOW_UP:
                contacts.change(
                    connection,
                    contact,
                    now,
                    state=ContactState.CLOSED.value,
                    outcome=Outcome.FOLLOWED_UP.value,
                    closed_at=now,
                )
            journal.write(connection, now, "follow_up_closed", row.contact_id, login, note=note)
        self._routing.announcer.tell("closed", now, row.contact_id, login)

    def _newest(self, connection: Connection, reference: str) -> Any:
        row = connection.execute(
            select(FollowUp.id, FollowUp.contact_id, FollowUp.state, FollowUp.taken_by)
            .join(Contact, Contact.id == FollowUp.contact_id)
            .where(Contact.reference == clean_reference(reference))
            .order_by(FollowUp.created_at.desc(), FollowUp.id)
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound(reference)
        return row

    def _change(self, connection: Connection, row: Any, states: tuple[str, ...], **values: Any) -> None:
        done = connection.execute(
            update(FollowUp).where(FollowUp.id == row.id, FollowUp.state.in_(states)).values(**values)
        )
        if done.rowcount != 1:
            raise Conflict(row.id)
