"""What was set aside, to be reviewed: the messages that no person wrote, as far as could be told."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import null, select

from routeur.contact import contacts, opt_outs
from routeur.contact.messages import SHOWN, MessageView, shown
from routeur.contact.row import COLUMNS
from routeur.contact.words import SetAside
from routeur.reading.contact_views import ContactView, answered_by, contact_view, usagers_of
from routeur.reading.overlay import Overlay
from routeur.reading.paging import Page, after, cursor_after
from routeur.record.engine import Record
from routeur.record.tables import Contact, Message


@dataclass(frozen=True)
class SetAsideView:
    """A message that was set aside, and the contact that it is in."""

    message: MessageView
    contact: ContactView


class SetAsideReader:
    """Reads the list."""

    def __init__(self, record: Record, overlay: Overlay) -> None:
        self._record = record
        self._overlay = overlay

    def page(self, *, reviewed: bool | None, cursor: str | None, limit: int) -> Page[SetAsideView]:
        """A page of what was set aside, newest first; `reviewed` None: whether somebody looked at it or not.

        Raises Invalid for a cursor that is not one of ours.
        """
        nothing_left = (null().label("least"), null().label("most"))  # receipts are of what we sent
        query = select(*SHOWN, *nothing_left).where(Message.set_aside.is_not(None))
        if reviewed is not None:
            still_open = Message.set_aside == SetAside.OPEN.value
            query = query.where(~still_open if reviewed else still_open)
        if cursor is not None:
            query = query.where(after(cursor, Message.at, Message.id, newest_first=True))
        with self._record.read() as connection:
            rows = connection.execute(query.order_by(Message.at.desc(), Message.id).limit(limit + 1)).all()
            messages = shown(connection, rows[:limit])
            ids = {message.contact_id for message in messages}
            found = contacts.matching(connection, select(*COLUMNS).where(Contact.id.in_(ids)))
            usagers, answered = usagers_of(connection, found), answered_by(connection, found)
            opted_out = opt_outs.among(connection, found)
        snapshots = self._overlay.contacts([row.id for row in found if row.waits])
        views = {
            row.id: contact_view(row, usagers[row.usager_id], snapshots.get(row.id), answered, opted_out)
            for row in found
        }
        items = [SetAsideView(message, views[message.contact_id]) for message in messages]
        more = len(rows) > limit
        return Page(items, cursor_after(items[-1].message.at, items[-1].message.id) if more else None)
