"""The calendar of each part of the town hall: a service, a channel or a site may be closed while others are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from competences.calendar import Calendar
from competences.channels import Channel
from competences.plan.hours import Closure
from competences.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class SpotClosure:
    """A closure that is not in the plan: made on the spot, it holds from one instant until another (in UTC).

    It is of the whole town hall, or of what concerns all of the service, channel and site that it names.
    """

    start: datetime
    end: datetime
    service: str | None = None
    channel: Channel | None = None
    site: str | None = None


class Calendars:
    """The calendars of one plan, and of the closures made on the spot. A calendar is made when it is first asked for.

    A site that is closed is every service that the plan says is there.
    """

    def __init__(self, plan: Plan, spot_closures: Sequence[SpotClosure] = ()) -> None:
        self._plan = plan
        self._spot_closures = spot_closures
        self._made: dict[tuple[Channel | None, str | None], Calendar] = {}
        self.whole = self._make(None, None)

    def of(self, channel: Channel | None, service: str | None) -> Calendar:
        """When something can be asked of the service on the channel.

        None for either: whichever it is; only closures that do not depend on it count.
        """
        key = channel, service
        if key not in self._made:
            self._made[key] = self._make(channel, service)
        return self._made[key]

    def _make(self, channel: Channel | None, service: str | None) -> Calendar:
        found = self._plan.services.get(service) if service is not None else None
        site = found.site if found is not None else None

        def concerned(closure: Closure | SpotClosure) -> bool:
            return (
                closure.service in (None, service)
                and closure.channel in (None, channel)
                and closure.site in (None, site)
            )

        return Calendar(
            self._plan.hours,
            self._plan.commune.timezone,
            [one for one in self._plan.hours.closures if concerned(one)],
            [(one.start, one.end) for one in self._spot_closures if concerned(one) and one.start < one.end],
        )
