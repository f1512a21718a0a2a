"""The security log: who was let in, who was refused and why, without a word that is personal.

It names accounts of the staff, operations and reasons; never an address, a token, or a log-in that nobody has.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger("security")

HINT_SECONDS = 60.0


def record(event: str, **facts: str | int) -> None:
    """Write one line."""
    log.info(event, **facts)


class ForgeryHint:
    """Tells the operator, once a minute at most, what may be wrong where a provider is refused again and again."""

    def __init__(self, hint: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._hint = hint
        self._clock = clock
        self._next = float("-inf")

    def refused(self) -> None:
        """One more was refused."""
        if self._clock() >= self._next:
            self._next = self._clock() + HINT_SECONDS
            log.warning("signatures_do_not_match", hint=self._hint)
