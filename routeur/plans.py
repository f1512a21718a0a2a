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
    version: int
    plan: Plan
    calendar: Calendar


class NoPlan(Exception):
    """No version of the plan was ever imported."""


class Plans:
    """Hands out the plan in force; a new version in the record is noticed within a second."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._current: PlanInForce | None = None
        self._checked = float("-inf")

    def current(self) -> PlanInForce:
        """Raises NoPlan before the first import."""
        elapsed = time.monotonic() - self._checked
        if self._current is None or elapsed > _CHECK_EVERY_SECONDS:
            self.refresh()
        if self._current is None:
            raise NoPlan
        return self._current

    def refresh(self) -> None:
        """Look at the record now."""
        with self._record.read() as connection:
            version = connection.scalar(select(func.max(PlanVersion.version)))
            if version is not None and (self._current is None or version != self._current.version):
                document = connection.scalars(select(PlanVersion.document).where(PlanVersion.version == version)).one()
                plan = Plan.load(document)
                self._current = PlanInForce(version, plan, Calendar(plan.hours, plan.commune.timezone))
        self._checked = time.monotonic()

    def publish(self, document: str, author: str | None, at: datetime) -> PlanInForce:
        """Put a new version in force. Raises PlanErrors, and changes nothing, when it is not valid."""
        Plan.load(document)
        with self._record.write() as connection:
            newest = connection.scalar(select(func.max(PlanVersion.version))) or 0
            connection.execute(
                insert(PlanVersion).values(version=newest + 1, document=document, author=author, created_at=at)
            )
        self.refresh()
        return self.current()
