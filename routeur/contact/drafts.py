"""Drafts: what an agent has begun to write in a contact, one for each agent and contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from routeur.contact.words import Direction
from routeur.record.tables import Draft, Message
from routeur.record.upsert import insert_or


def keep(connection: Connection, contact_id: str, login: str, text: str, now: datetime) -> None:
    """Keep what the agent has written so far, in the place of what they had before; an empty text keeps nothing."""
    if not text:
        connection.execute(delete(Draft).where(Draft.contact_id == contact_id, Draft.login == login))
        return
    kept = insert_or(connection, Draft).values(contact_id=contact_id, login=login, text=text, saved_at=now)
    connection.execute(
        kept.on_conflict_do_update(index_elements=["contact_id", "login"], set_={"text": text, "saved_at": now})
    )


def drafts_of(connection: Connection, login: str, contact_ids: Collection[str]) -> Mapping[str, str]:
    """The agent's drafts in these contacts, by contact.

    One is over once its agent has written to the usager: it is what they sent, or what they thought better of.
    """
    sent_since = exists().where(
        Message.contact_id == Draft.contact_id,
        Message.author == login,
        Message.direction == Direction.OUTBOUND.value,
        Message.at >= Draft.saved_at,
    )
    mine = select(Draft.contact_id, Draft.text).where(
        Draft.login == login, Draft.contact_id.in_(contact_ids), ~sent_since
    )
    return {row.contact_id: row.text for row in connection.execute(mine)}
