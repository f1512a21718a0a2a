"""The topics of the plan in force."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from bureau.access.principal import EVERYONE, Principal
from bureau.http.language import language_of
from bureau.http.operation import Operation
from bureau.schemas.answers import Topic, Topics
from competences.plan.plan import Plan
from competences.plan.types import wording

TAG = "oversight"


class PlanTopicsApi:
    """`/plan/topics`."""

    def __init__(self, plans: Callable[[], Plan]) -> None:
        self._plans = plans

    def operations(self) -> list[Operation]:
        return [Operation("GET", "/plan/topics", self.list_topics, TAG, EVERYONE, Topics)]

    def list_topics(self, who: Principal) -> Topics:
        """The topics of the plan in force, for pickers."""
        language = language_of(request)
        topics = self._plans().topics.items()
        return Topics(
            items=[Topic(key=key, label=wording(topic.label, language), service=topic.service) for key, topic in topics]
        )
