"""Bringing the index in line with what has been committed. An index that does not answer is repaired later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from redis.exceptions import RedisError

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


def hold(index: Index, row: ContactRow, now: datetime) -> None:
    """A contact that an agent has is with that agent. Raises ValueError for one that no agent has."""
    if row.agent is None:
        raise ValueError(row.id)
    with index_may_be_down():
        index.hold(row.id, row.channel, row.agent, row.queued_at, row.revision, now)


def leave(index: Index, contact_id: str, now: datetime) -> None:
    """The contact has no place in the queue and no agent any more."""
    with index_may_be_down():
        index.remove(contact_id, now)
