"""Bringing the index in line with what has been committed. An index that does not answer is repaired later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from redis.exceptions import RedisError

from routeur.clock import Clock
from routeur.contact.row import ContactRow
from routeur.index.entries import IndexLost
from routeur.index.index import Index

log = structlog.get_logger(__name__)


@contextmanager
def index_may_be_down() -> Iterator[None]:
    """The fact is committed: an index that does not answer now is repaired from the record within seconds."""
    try:
        yield
    except (RedisError, IndexLost) as error:
        log.warning("index_unavailable", error=type(error).__name__)


def hold(index: Index, row: ContactRow, clock: Clock) -> None:
    """Give the contact to the agent who has it. (The instant is that of the call: a commit may have taken seconds.)"""
    if row.agent is None:
        log.error("held_by_nobody", contact=row.id)
        return
    with index_may_be_down():
        index.hold(row.id, row.channel, row.agent, row.queued_at, row.revision, clock())


def remove(index: Index, contact_id: str, clock: Clock) -> None:
    """Take the contact's place from it: it has left, or waits together with another from now on."""
    with index_may_be_down():
        index.remove(contact_id, clock())
