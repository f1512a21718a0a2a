"""Waiting for something to become true, never for time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE_SECONDS = 20.0
"""Far more than anything takes, even on a busy machine: a wait of this length is a fault."""

LOOK_SECONDS = 0.05


def eventually(look: Callable[[], Found], what: str, timeout: float = PATIENCE_SECONDS) -> Found:
    """The first true value that `look` gives; it is asked again and again until `timeout`."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout:.0f} s still not so: {what} (last: {found!r})")
        time.sleep(LOOK_SECONDS)
