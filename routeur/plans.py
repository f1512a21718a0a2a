"""The plan in force: the newest version in the record."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from competences.calendar import Calendar
from competences.calendars import Calendars, SpotClosure
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.record.engine import Record
from routeur.record.tables import Closure, PlanVersion

_CHECK_EVERY_SECONDS = 1.0

FIRST_VERSION = 1


@dataclass(frozen=True)
class PlanInForce:
    """A version of the plan, and the calendars of its opening hours and of the closures made on the spot.

    `edition` grows with each version and each closure that is made or undone: what was worked out under an earlier one
    is worked out anew. `replaced_at`: when the version took the place of another; None for the first.
    """

    version: int
    plan: Plan
    calendars: Calendars
    edition: int = 0
    replaced_at: datetime | None = None

    @property
    def calendar(self) -> Calendar:
        """The calendar of the whole town hall."""
        return self.calendars.whole

    def calendar_for(self, channel: Channel, topic: str | None) -> Calendar:
        """When what is asked on this channel about this topic can be asked."""
        return self.calendars.of(channel, self.plan.service_of(topic))


class NoPlan(Exception):
    """The record holds no version of the plan."""


class Plans:
    """Gives the plan in force; notices a new version in the record within a second."""

    def __init__(self, record: Record, sender: str | None = None) -> None:
        """`sender` is the e-mail address from which our letters come."""
        self._sender = sender
        self._record = record
        self._current: PlanInForce | None = None
        self._checked = float("-inf")

    def current(self) -> PlanInForce:
        """The plan in force. Raises NoPlan before the first import."""
        elapsed = time.monotonic() - self._checked
        if self._current is None or elapsed > _CHECK_EVERY_SECONDS:
            self.refresh()
        if self._current is None:
            raise NoPlan
        return self._current

    def plan(self) -> Plan:
        """The plan in force, without its version. Raises NoPlan before the first import."""
        return self.current().plan

    def own_addresses(self) -> frozenset[str]:
        """The e-mail addresses that are ours, in small letters: those of the plan, and the one that we write from."""
        ours = self.plan().own_addresses
        return ours if self._sender is None else ours | {self._sender.lower()}

    def refresh(self) -> None:
        """Read the newest version, and the closures, from the record now if there are others than we know."""
        with self._record.read() as connection:
            version, changes = connection.execute(
                select(
                    select(func.max(PlanVersion.version)).scalar_subquery(),
                    select(func.count(Closure.id) + func.count(Closure.undone_at)).scalar_subquery(),
                )
            ).one()
            known = self._current
            if version is not None and (known is None or version + changes != known.edition):
                if known is not None and version == known.version:
                    plan, replaced_at = known.plan, known.replaced_at
                else:
                    plan, replaced_at = _version(connection, version)
                calendars = Calendars(plan, _spot_closures(connection))
                self._current = PlanInForce(version, plan, calendars, version + changes, replaced_at)
        self._checked = time.monotonic()

    def publish(self, document: str, author: str | None, at: datetime) -> PlanInForce:
        """Put a YAML document in force as a new version. Raises PlanErrors, and changes nothing, if it is not valid."""
        Plan.load(document)
        with self._record.write() as connection:
            newest = connection.scalar(select(func.max(PlanVersion.version))) or 0
            connection.execute(
                insert(PlanVersion).values(version=newest + 1, document=document, author=author, created_at=at)
            )
        self.refresh()
        return self.current()


def _version(connection: Connection, version: int) -> tuple[Plan, datetime | None]:
    """The plan of this version, and when it took the place of another."""
    document, created_at = connection.execute(
        select(PlanVersion.document, PlanVersion.created_at).where(PlanVersion.version == version)
    ).one()
    return Plan.load(document), created_at if version > FIRST_VERSION else None


def _spot_closures(connection: Connection) -> list[SpotClosure]:
    """Every closure made on the spot, each until its end or until it was undone."""
    columns = (Closure.starts_at, Closure.ends_at, Closure.service, Closure.channel, Closure.site, Closure.undone_at)
    return [
        SpotClosure(
            starts_at,
            min(ends_at, undone_at or ends_at),
            service,
            Channel(channel) if channel is not None else None,
            site,
        )
        for starts_at, ends_at, service, channel, site, undone_at in connection.execute(select(*columns))
    ]
