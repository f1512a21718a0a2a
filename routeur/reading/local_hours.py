"""The local hour of an instant of the record, computed by the database, so that it can count by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_LEAST_APART = timedelta(days=1)
"""Two changes of the clocks are further apart than this."""


class _Shifted(FunctionElement[str]):
    """An instant moved by seconds, as `2026-03-02 09`: the hour on the clocks there."""

    type = String()
    inherit_cache = True
    name = "shifted_hour"


@compiles(_Shifted, "sqlite")
def _on_sqlite(element: _Shifted, compiler: Any, **options: Any) -> str:
    at, seconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H', {at}, ({seconds}) || ' seconds')"


@compiles(_Shifted, "postgresql")
def _on_postgresql(element: _Shifted, compiler: Any, **options: Any) -> str:
    at, seconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"to_char(({at} AT TIME ZONE 'UTC') + make_interval(secs => {seconds}), 'YYYY-MM-DD HH24')"


def local_hour(at: ColumnElement[datetime], start: datetime, end: datetime, zone: ZoneInfo) -> ColumnElement[str]:
    """The hour of `at` on the zone's clocks, as `2026-03-02 09`, for instants from `start` until `end`."""
    *before, (_, last) = _offsets(start.astimezone(UTC), end.astimezone(UTC), zone)
    if not before:
        return _Shifted(at, literal(last))
    return _Shifted(at, case(*((at < until, seconds) for until, seconds in before), else_=last))


def _offsets(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """The offsets from UTC in the period, in seconds, each with the instant at which it ends."""
    at = start
    while at < end:
        step = min(at + _LEAST_APART, end)
        if _offset(at, zone) != _offset(step, zone):
            change = _change_between(at, step, zone)
            yield change, _offset(at, zone)
            at = change
        else:
            at = step
    yield end, _offset(end, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks change between the two: the first instant, to a second, of the new offset."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (before, middle) if _offset(middle, zone) == _offset(after, zone) else (middle, after)
    return after.replace(microsecond=0)


def _offset(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
