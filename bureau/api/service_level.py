"""The service level of a period."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bureau.access.principal import EVERYONE, Principal
from bureau.http.operation import Operation
from bureau.http.period import period_of
from bureau.schemas.answers import SelfServed, ServiceLevel, Tally
from bureau.schemas.requests import Period
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.reading.self_service import self_served
from routeur.reading.service_level import service_level
from routeur.record.engine import Record

TAG = "oversight"


class ServiceLevelApi:
    """`/service-level`."""

    def __init__(self, record: Record, plans: Callable[[], Plan], clock: Clock) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/service-level", self.get_service_level, TAG, EVERYONE, ServiceLevel, query=Period),
        ]

    def get_service_level(self, who: Principal, query: Period) -> ServiceLevel:
        """The share of those who asked on a live channel and were served within fifteen minutes.

        Of a period of at most a year; by default of today so far.
        """
        zone = ZoneInfo(self._plans().commune.timezone)
        start, end = period_of(query, self._clock(), zone)
        level = service_level(self._record, start, end)
        online = self_served(self._record, start, end, zone)
        return ServiceLevel(
            **dict(Tally.model_validate(level.total)),
            start=level.start,
            end=level.end,
            by_channel={channel: Tally.model_validate(tally) for channel, tally in level.by_channel.items()},
            self_service=[SelfServed.model_validate(share) for share in online],
        )
