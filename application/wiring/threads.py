"""Real threads beside the hub of a web process, for what would hold up everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gevent.threadpool import ThreadPool

Result = TypeVar("Result")


def real_threads(count: int) -> Callable[[Callable[[], Result]], Result]:
    """A function that runs work in one of `count` threads while the other greenlets go on."""
    pool = ThreadPool(count)

    def elsewhere(work: Callable[[], Result]) -> Result:
        result: Result = pool.apply(work)
        return result

    return elsewhere
