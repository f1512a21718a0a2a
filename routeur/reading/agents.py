"""The staff, and what each agent is doing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from competences.channels import CHANNELS
from competences.plan.plan import Agent
from routeur.contact.words import Activity
from routeur.errors import NotFound
from routeur.index import AgentSnapshot
from routeur.plans import Plans
from routeur.reading.overlay import Overlay
from routeur.record.engine import Record
from routeur.record.presence import Presence, presences


@dataclass(frozen=True)
class AgentView:
    """An agent and what they do. `load`: the number of contacts they have, by channel; `offer`: the contact's id.

    `room`: the channels of which they could be offered a contact at this moment.
    """

    login: str
    name: str
    skills: Mapping[str, int]
    activity: str
    reason: str | None
    since: datetime | None
    load: Mapping[str, int]
    room: Sequence[str]
    offer: str | None


class AgentReader:
    """Reads the staff."""

    def __init__(self, record: Record, overlay: Overlay, plans: Plans) -> None:
        self._record = record
        self._overlay = overlay
        self._plans = plans

    def all(self) -> list[AgentView]:
        """All agents of the plan."""
        return self._views(self._plans.plan().agents)

    def some(self, logins: Collection[str]) -> list[AgentView]:
        """Those of these agents whom the plan has."""
        return self._views({login: agent for login, agent in self._plans.plan().agents.items() if login in logins})

    def one(self, login: str) -> AgentView:
        """The agent with this login. Raises NotFound for somebody who is not in the plan."""
        agent = self._plans.plan().agents.get(login)
        if agent is None:
            raise NotFound(login)
        return self._views({login: agent})[0]

    def _views(self, staff: Mapping[str, Agent]) -> list[AgentView]:
        with self._record.read() as connection:
            seen = presences(connection)
        snapshots = self._overlay.agents(staff)
        return [_view(login, agent, seen.get(login), snapshots.get(login)) for login, agent in staff.items()]


def _view(login: str, agent: Agent, presence: Presence | None, snapshot: AgentSnapshot | None) -> AgentView:
    return AgentView(
        login=login,
        name=agent.name,
        skills=dict(agent.skills),
        activity=presence.activity if presence is not None else Activity.OFFLINE.value,
        reason=presence.reason if presence is not None else None,
        since=presence.since if presence is not None else None,
        load={channel.value: n for channel, n in snapshot.load.items()} if snapshot is not None else {},
        room=[channel.value for channel in CHANNELS if snapshot is not None and channel in snapshot.room],
        offer=snapshot.offer if snapshot is not None else None,
    )
