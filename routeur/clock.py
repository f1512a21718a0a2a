"""The clock: the only source of the present time, and the conversion to milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present instant, time-zone aware, in UTC."""


def system_clock() -> datetime:
    """The present instant by the clock of this machine."""
    return datetime.now(UTC)


def shifted_clock(offset: timedelta) -> Clock:
    """A clock that runs at the system's pace, `offset` away from it."""
    return lambda: datetime.now(UTC) + offset


def milliseconds(instant: datetime) -> int:
    """Milliseconds since the Unix epoch, the index's unit of time."""
    return round(instant.timestamp() * 1000)


def from_milliseconds(ms: float) -> datetime:
    """The instant that is this many milliseconds after the Unix epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)
