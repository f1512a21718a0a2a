"""The plan in force: the newest version in the record."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from competences.calendar import Calendar
from competences.plan.plan import Plan
from routeur.record.engine import Record
from routeur.record.tables import PlanVersion

_CHECK_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class PlanInForce:
    """A version of the plan, and the calendar of its opening hours."""

    version: int
    plan: Plan
    calendar: Calendar


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
        """Read the newest version from the record now."""
        with self._record.read() as connection:
            version = connection.scalar(select(func.max(PlanVersion.version)))
            if version is not None and (self._current is None or version != self._current.version):
                document = connection.scalars(select(PlanVersion.document).where(PlanVersion.version == version)).one()
                plan = Plan.load(document)
                self._current = PlanInForce(version, plan, Calendar(plan.hours, plan.commune.timezone))
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
