"""Wrap-up: the time that an agent has, once the usager has left, before the contact is ended for them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from routeur.contact import contacts, journal
from routeur.contact.row import COLUMNS
from routeur.contact.words import ContactState
from routeur.desk.unattended import Unattended
from routeur.errors import Conflict, NotAllowed
from routeur.foundation import Foundation
from routeur.record.tables import Contact

log = structlog.get_logger(__name__)


class WrapUps:
    """Extends wrap-ups, and ends those whose time is over."""

    def __init__(self, foundation: Foundation, unattended: Unattended) -> None:
        self._foundation = foundation
        self._unattended = unattended

    def extend(self, login: str, contact_id: str, seconds: int, *, anyone: bool = False) -> None:
        """Let the wrap-up end this number of seconds from now.

        Raises NotFound, NotAllowed for another agent's unless `anyone` may, and Conflict if it is not in wrap-up.
        """
        now = self._foundation.clock()
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            if row.state is not ContactState.WRAP_UP:
                raise Conflict(contact_id)
            if row.agent != login and not anyone:
                raise NotAllowed(contact_id)
            contacts.change(connection, row, now, wrap_up_until=now + timedelta(seconds=seconds))
            journal.write(connection, now, "wrap_up_extended", contact_id, login, seconds=seconds)
        self._foundation.announcer.tell("wrap_up_extended", now, contact_id, row.agent)

    def end_due(self) -> None:
        """End every contact whose wrap-up is over: as answered, unless its usager had the last word.

        What is served together with it stays with its agent, who alone knows what became of that.
        """
        now = self._foundation.clock()
        due = select(*COLUMNS).where(Contact.state == ContactState.WRAP_UP.value, Contact.wrap_up_until <= now)
        with self._foundation.record.read() as connection:
            rows = contacts.matching(connection, due)
        for row in rows:
            try:
                self._unattended.end(row, "wrap_up_over")
            except Conflict:
                log.info("wrap_up_overtaken", contact=row.id)
