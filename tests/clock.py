"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    """A clock for tests. Call it for the time; `set` and `advance` move it."""

    def __init__(self, start: datetime = MONDAY_MORNING) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def set(self, instant: datetime) -> datetime:
        self._now = instant.astimezone(UTC)
        return self._now

    def advance(self, seconds: float = 0, **parts: float) -> datetime:
        """Move on by seconds, or by timedelta's parts (`minutes=5`)."""
        return self.set(self._now + timedelta(seconds=seconds, **parts))
