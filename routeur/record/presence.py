"""What each agent was last seen doing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from routeur.record.tables import AgentPresence


@dataclass(frozen=True, slots=True)
class Presence:
    """An agent's activity, for what reason and since when; `revision` grows with each change."""

    login: str
    activity: str
    reason: str | None
    since: datetime
    revision: int


_COLUMNS: Final = tuple(AgentPresence.__table__.c[field.name] for field in fields(Presence))


def presences(connection: Connection) -> dict[str, Presence]:
    """The presence of each agent who ever came to work, by login."""
    return {row.login: Presence(*row) for row in connection.execute(select(*_COLUMNS))}
