"""Long lists, a page at a time: a cursor names the last item shown, by its instant and its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from routeur.errors import UnknownPlace

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part of a list; `next` is the cursor of the page after it, None on the last page."""

    items: Sequence[Item]
    next: str | None


def cursor_after(at: datetime, item_id: str) -> str:
    """The cursor of the page that begins after this item."""
    return f"{at.isoformat()}|{item_id}"


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The instant and id in a cursor. Raises UnknownPlace for a text that `cursor_after` did not make."""
    at, _, item_id = cursor.partition("|")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise UnknownPlace(cursor) from error
    if instant.tzinfo is None or not item_id:
        raise UnknownPlace(cursor)
    return instant, item_id


def after(
    cursor: str,
    at: InstrumentedAttribute[datetime],
    item_id: InstrumentedAttribute[str],
    *,
    newest_first: bool = False,
) -> ColumnElement[bool]:
    """The items that come after the cursor, in order of their instants and then of their ids. Raises UnknownPlace."""
    instant, last = read_cursor(cursor)
    later = at < instant if newest_first else at > instant
    return or_(later, and_(at == instant, item_id > last))
