"""The staff, for everybody at work."""

from __future__ import annotations

from bureau.access.principal import EVERYONE, Principal
from bureau.http.operation import Operation
from bureau.schemas.answers import Agent, Agents
from routeur.reading.views import Views

TAG = "oversight"


class StaffApi:
    """`/agents`."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def operations(self) -> list[Operation]:
        return [Operation("GET", "/agents", self.list_agents, TAG, EVERYONE, Agents)]

    def list_agents(self, who: Principal) -> Agents:
        """The staff, and what each of them is doing."""
        return Agents(items=[Agent.model_validate(agent) for agent in self._views.agents.all()])
