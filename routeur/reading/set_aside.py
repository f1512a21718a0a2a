"""What was set aside, to be reviewed: the messages that no person wrote, as far as could be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from routeur.contact import contacts
from routeur.contact.row import COLUMNS
from routeur.contact.words import SetAside
from routeur.reading.contact_views import BesideReader, ContactView
from routeur.reading.overlay import Overlay
from routeur.reading.paging import Page, after, cursor_after
from routeur.record.engine import Record
from routeur.record.tables import Contact, Message


@dataclass(frozen=True)
class SetAsideMessage:
    """A message that was set aside, without what it says: that is read in its contact, which leaves a trace."""

    id: str
    position: int
    at: datetime
    set_aside: SetAside


@dataclass(frozen=True)
class SetAsideView:
    """A message that was set aside, and the contact that it is in."""

    message: SetAsideMessage
    contact: ContactView


class SetAsideReader:
    """Reads the list."""

    def __init__(self, record: Record, overlay: Overlay, beside: BesideReader) -> None:
        self._record = record
        self._overlay = overlay
        self._beside = beside

    def page(self, *, reviewed: bool | None, cursor: str | None, limit: int) -> Page[SetAsideView]:
        """A page of what was set aside, newest first; `reviewed` None: whether somebody looked at it or not.

        Raises UnknownPlace for a cursor that is not one of ours.
        """
        facts_of_message = (Message.id, Message.contact_id, Message.position, Message.at, Message.set_aside)
        query = select(*facts_of_message).where(Message.set_aside.is_not(None))
        if reviewed is not None:
            still_open = Message.set_aside == SetAside.OPEN.value
            query = query.where(~still_open if reviewed else still_open)
        if cursor is not None:
            query = query.where(after(cursor, Message.at, Message.id, newest_first=True))
        with self._record.read() as connection:
            rows = connection.execute(query.order_by(Message.at.desc(), Message.id).limit(limit + 1)).all()
            ids = {row.contact_id for row in rows[:limit]}
            found = contacts.matching(connection, select(*COLUMNS).where(Contact.id.in_(ids)))
            facts = self._beside.facts(connection, found)
        snapshots = self._overlay.contacts([row.id for row in found if row.waits])
        views = {row.id: facts.view(row, snapshots.get(row.id)) for row in found}
        items = [
            SetAsideView(SetAsideMessage(row.id, row.position, row.at, SetAside(row.set_aside)), views[row.contact_id])
            for row in rows[:limit]
        ]
        more = len(rows) > limit
        return Page(items, cursor_after(items[-1].message.at, items[-1].message.id) if more else None)
