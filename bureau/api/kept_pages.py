"""Pages of which a reader sees but a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from routeur.reading.paging import Page

T = TypeVar("T")

MOST_PAGES_READ = 10
"""A page for an agent is filtered from at most this many pages of all; it may be shorter than its limit."""


def kept_page(
    read: Callable[[str | None, int], Page[T]],
    shown: Callable[[Sequence[T]], Sequence[T]],
    cursor: str | None,
    limit: int,
) -> Page[T]:
    """A page, from this cursor on, of what is shown; `read` gives a page of all from a cursor on, with a limit."""
    kept: list[T] = []
    for _ in range(MOST_PAGES_READ):
        page = read(cursor, limit - len(kept))
        kept += shown(page.items)
        cursor = page.next
        if cursor is None or len(kept) == limit:
            break
    return Page(kept, cursor)
