"""The service level of a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from bureau.access.principal import EVERYONE, Principal
from bureau.http.operation import Operation
from bureau.http.problems import Problem
from bureau.schemas.answers import SelfServed, ServiceLevel, Tally
from bureau.schemas.requests import Period
from competences.plan.plan import Plan
from competences.translation import N_
from routeur.clock import Clock
from routeur.reading.self_service import self_served
from routeur.reading.service_level import service_level
from routeur.record.engine import Record

TAG = "oversight"
LONGEST_PERIOD = timedelta(days=366)


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
        end = query.end or self._clock()
        start = query.start or self._midnight_before(end)
        if end - start > LONGEST_PERIOD:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, N_("A period of at most a year, please."))
        level = service_level(self._record, start, end)
        online = self_served(self._record, start, end, self._zone())
        return ServiceLevel(
            **dict(Tally.model_validate(level.total)),
            start=level.start,
            end=level.end,
            by_channel={channel: Tally.model_validate(tally) for channel, tally in level.by_channel.items()},
            self_service=[SelfServed.model_validate(share) for share in online],
        )

    def _midnight_before(self, instant: datetime) -> datetime:
        zone = self._zone()
        return datetime.combine(instant.astimezone(zone).date(), time.min, zone)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._plans().commune.timezone)
