"""Codes that are sent to an address; a person who can read one there proves that the address is theirs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, select, update

from routeur.record.tables import StatusProof, Verification

GOOD_FOR_MINUTES: Final = 10
GOOD_FOR: Final = timedelta(minutes=GOOD_FOR_MINUTES)
MOST_TRIES: Final = 5
DIGITS: Final = 6


def draw() -> str:
    """A new code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def is_open(
    connection: Connection, table: type[Verification] | type[StatusProof], which: ColumnElement[bool], now: datetime
) -> bool:
    """Whether a code may still be said here. Read before the record is taken for writing, which a guess must not do."""
    asked = connection.execute(select(table.tries, table.asked_at).where(which)).one_or_none()
    return asked is not None and _is_open(asked, now)


def _is_open(asked: Any, now: datetime) -> bool:
    return bool(asked.tries < MOST_TRIES and now - asked.asked_at <= GOOD_FOR)


def answered(
    connection: Connection,
    table: type[Verification] | type[StatusProof],
    which: ColumnElement[bool],
    code: str,
    now: datetime,
) -> Any:
    """The row of the table that this code answers, which is then deleted; a wrong code counts as a try.

    None for a wrong code, one that is too old, and after too many tries.
    """
    asked: Any = connection.execute(select(*table.__table__.c).where(which).with_for_update()).one_or_none()
    if asked is None or not _is_open(asked, now):
        return None
    if not compare_digest(asked.code.encode(), code.encode()):
        connection.execute(update(table).where(which).values(tries=table.tries + 1))
        return None
    connection.execute(delete(table).where(which))
    return asked
