"""The state of contacts and agents in the index at this moment; nothing when it does not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from redis.exceptions import RedisError

from competences.channels import Channel
from routeur.index import AgentSnapshot, ContactSnapshot, Index


class Overlay:
    """Reads from the index what is laid over the record."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def contacts(self, contact_ids: Collection[str]) -> dict[str, ContactSnapshot]:
        """The snapshots, by id, of those of the contacts that the index holds."""
        try:
            return self._index.snapshots(contact_ids) if contact_ids else {}
        except RedisError:
            return {}

    def agents(self, logins: Iterable[str]) -> dict[str, AgentSnapshot]:
        """The snapshots, by login, of those of the agents that the index holds."""
        try:
            return self._index.agent_snapshots(logins)
        except RedisError:
            return {}

    def offered(self) -> set[str]:
        """The ids of the contacts that are offered to somebody."""
        try:
            agents = self._index.agent_snapshots(self._index.agents())
        except RedisError:
            return set()
        return {agent.offer for agent in agents.values() if agent.offer}

    def ahead_of(self, contact_id: str) -> int | None:
        """The number of contacts before this one in its class; None when it does not wait."""
        try:
            return self._index.position(contact_id)
        except RedisError:
            return None

    def yields(self, channel: Channel) -> bool:
        """Whether contacts of this channel wait because they leave agents to a more urgent call or visit."""
        try:
            return self._index.yields(channel)
        except RedisError:
            return False
