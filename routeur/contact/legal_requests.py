"""The request that a contact is, as its row holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, update

from competences.calendar import Calendar
from competences.legal_clock import LegalRequest
from routeur.contact.row import COLUMNS, ContactRow, read
from routeur.contact.words import Outcome
from routeur.record.tables import Contact

_FORM: Final = TypeAdapter(LegalRequest)


def request_of(contact: ContactRow) -> LegalRequest | None:
    """The request that the contact is; None for a question."""
    return read_request(contact.request)


def read_request(form: dict[str, Any] | None) -> LegalRequest | None:
    """The request in the column of a selected row."""
    return _FORM.validate_python(form) if form is not None else None


def stored(request: LegalRequest) -> dict[str, Any]:
    """The request in the form of the column."""
    form: dict[str, Any] = _FORM.dump_python(request, mode="json")
    return form


def answered_so_far(row: ContactRow, calendar: Calendar) -> dict[str, Any] | None:
    """The request of a contact that is opened again, with the day on which it was first closed as answered."""
    request = request_of(row)
    if request is None or request.answered_on is not None:
        return row.request
    if row.closed_at is None or row.outcome not in (Outcome.ANSWERED, Outcome.FOLLOWED_UP):
        return row.request
    return stored(replace(request, answered_on=calendar.local_date(row.closed_at)))


def keep(connection: Connection, row: ContactRow, request: LegalRequest | None) -> ContactRow:
    """Make the contact this request, or a question, and return it as changed; its place is not touched.

    The caller has locked the contact.
    """
    changed = connection.execute(
        update(Contact)
        .where(Contact.id == row.id)
        .values(request=stored(request) if request is not None else None)
        .returning(*COLUMNS)
    ).one()
    return read(changed)
