"""What one agent could be asked to serve: the contacts that wait for their skills, the follow-ups of their services."""

from __future__ import annotations

from competences.translation import DEFAULT_LANGUAGE
from routeur.plans import PlanInForce
from routeur.queue.entry import rungs
from routeur.reading.contact_views import ContactView


class Reach:
    """The reach of an agent under one version of the plan. Each topic is worked out once."""

    def __init__(self, in_force: PlanInForce, login: str) -> None:
        found = in_force.plan.agents.get(login)
        self._in_force = in_force
        self._login = login
        self._skills = found.skills if found is not None else None
        self._waiting: dict[tuple[str | None, str], bool] = {}
        self._widest: dict[str, bool] = {}

    def could_be_offered(self, contact: ContactView) -> bool:
        """Whether they meet one of the rungs that the contact stands on while it waits."""
        if contact.ladder is not None:
            return self._meets_any(contact)
        key = (contact.topic, contact.language)
        if key not in self._waiting:
            self._waiting[key] = self._meets_any(contact)
        return self._waiting[key]

    def is_of_their_service(self, topic: str | None, service: str) -> bool:
        """Whether a follow-up is their service's: they meet the widest requirement of its topic.

        A general question is everybody's. One that was handed to another service than its topic's is also for those
        who could serve a topic of that service; where that has none, for everybody.
        """
        plan = self._in_force.plan
        if self._skills is None:
            return False
        if topic not in plan.topics or self._meets_widest(topic):
            return True
        if service == plan.service_of(topic):
            return False
        there = [name for name, one in plan.topics.items() if one.service == service]
        return not there or any(map(self._meets_widest, there))

    def _meets_any(self, contact: ContactView) -> bool:
        if self._skills is None:
            return False
        ladder = rungs(self._in_force, contact.topic, contact.language, contact.ladder)
        requirements = [rung.requirement for rung in ladder]
        return any(one.agent == self._login or one.satisfied_by(self._skills) for one in requirements)

    def _meets_widest(self, topic: str) -> bool:
        if self._skills is None:
            return False
        if topic not in self._widest:
            widest = rungs(self._in_force, topic, DEFAULT_LANGUAGE, None)[-1].requirement
            self._widest[topic] = widest.satisfied_by(self._skills)
        return self._widest[topic]
