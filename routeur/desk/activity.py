"""Recording what agents do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from routeur.contact import journal
from routeur.contact.words import Activity
from routeur.record.tables import AgentPresence


def record_activity(connection: Connection, login: str, activity: Activity, reason: str | None, now: datetime) -> int:
    """Record what an agent does from now on; returns the new revision of their presence."""
    journal.write(connection, now, "activity", agent=login, activity=activity.value, reason=reason)
    values = {"activity": activity.value, "reason": reason, "since": now}
    revision = connection.execute(
        update(AgentPresence)
        .where(AgentPresence.login == login)
        .values(**values, revision=AgentPresence.revision + 1)
        .returning(AgentPresence.revision)
    ).scalar_one_or_none()
    if revision is None:
        connection.execute(insert(AgentPresence).values(login=login, revision=1, **values))
        return 1
    return int(revision)
