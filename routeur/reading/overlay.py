"""Where the index has contacts and agents at this moment; nothing where it does not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from redis.exceptions import RedisError

from routeur.index import AgentSnapshot, ContactSnapshot, Index


class Overlay:
    """What is laid over the record for a reader."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def contacts(self, contact_ids: Collection[str]) -> dict[str, ContactSnapshot]:
        try:
            return self._index.snapshots(contact_ids) if contact_ids else {}
        except RedisError:
            return {}

    def agents(self, logins: Iterable[str]) -> dict[str, AgentSnapshot]:
        try:
            return self._index.agent_snapshots(logins)
        except RedisError:
            return {}

    def offered(self) -> set[str]:
        """The contacts that are offered to somebody."""
        try:
            agents = self._index.agent_snapshots(self._index.agents())
        except RedisError:
            return set()
        return {agent.offer for agent in agents.values() if agent.offer}

    def ahead_of(self, contact_id: str) -> int | None:
        """How many contacts stand before this one in its class; None when it does not wait."""
        try:
            return self._index.position(contact_id)
        except RedisError:
            return None
