"""Closing the town hall, or a part of it, on the spot: the strike, the flood, the lift that is out of order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.contact.identifiers import new_id
from routeur.errors import ClosureOver, ImpossibleClosure, Invalid, NotFound
from routeur.plans import Plans
from routeur.record.engine import Record
from routeur.record.tables import Closure

LONGEST: Final = timedelta(days=366)
"""How far ahead a closure may end. A longer one is a change of hours, and belongs in the plan."""

MOST_LISTED: Final = 200


@dataclass(frozen=True)
class ClosureView:
    """A closure made on the spot; it is of the whole town hall where it names no service, channel or site."""

    id: str
    starts_at: datetime
    ends_at: datetime
    service: str | None
    channel: Channel | None
    site: str | None
    reason: str | None
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


_COLUMNS: Final = tuple(Closure.__table__.c[field.name] for field in fields(ClosureView))


class Closures:
    """Makes closures, undoes them, and lists them. Every process heeds them within seconds."""

    def __init__(self, record: Record, plans: Plans, clock: Clock) -> None:
        self._record = record
        self._plans = plans
        self._clock = clock

    def make(
        self,
        login: str,
        until: datetime,
        *,
        start: datetime | None = None,
        service: str | None = None,
        channel: Channel | None = None,
        site: str | None = None,
        reason: str | None = None,
    ) -> ClosureView:
        """Close what concerns all of the service, channel and site that are given, from `start` (now) until `until`.

        The same twice is one closure: the earlier one is returned. Raises Invalid for a service or a site that the plan
        does not have, and ImpossibleClosure.
        """
        now = self._clock()
        starts_at = max(start, now) if start is not None else now
        _check(self._plans.plan(), starts_at, until, now, service, site)
        part = {"service": service, "channel": channel.value if channel is not None else None, "site": site}
        with self._record.write() as connection:
            same = [Closure.__table__.c[name].is_not_distinct_from(value) for name, value in part.items()]
            known = connection.execute(
                select(Closure.id).where(
                    Closure.ends_at == until, Closure.undone_at.is_(None), Closure.starts_at <= starts_at, *same
                )
            ).scalar()
            closure_id = known or new_id()
            if known is None:
                connection.execute(
                    insert(Closure).values(
                        id=closure_id,
                        starts_at=starts_at,
                        ends_at=until,
                        reason=reason,
                        made_by=login,
                        made_at=now,
                        **part,
                    )
                )
        self._plans.refresh()
        return self.one(closure_id)

    def undo(self, login: str, closure_id: str) -> None:
        """End a closure now, or let one that has not begun never begin. Twice is once.

        Raises NotFound, and ClosureOver for one that has ended by itself.
        """
        now = self._clock()
        with self._record.write() as connection:
            undone = connection.execute(
                update(Closure)
                .where(Closure.id == closure_id, Closure.undone_at.is_(None), Closure.ends_at > now)
                .values(undone_by=login, undone_at=now)
            ).rowcount
        if not undone and self.one(closure_id).undone_at is None:
            raise ClosureOver(closure_id)
        self._plans.refresh()

    def one(self, closure_id: str) -> ClosureView:
        """The closure of this id. Raises NotFound."""
        found = self._read(Closure.id == closure_id)
        if not found:
            raise NotFound(closure_id)
        return found[0]

    def listed(self, *, over: bool) -> Sequence[ClosureView]:
        """The closures that hold now or will, by their beginning; or those that are `over`, the latest first."""
        now = self._clock()
        ended = or_(Closure.ends_at <= now, Closure.undone_at.is_not(None))
        found = self._read(ended if over else and_(Closure.ends_at > now, Closure.undone_at.is_(None)))
        return found[:MOST_LISTED] if over else found[::-1]

    def _read(self, which: ColumnElement[bool]) -> list[ClosureView]:
        query = select(*_COLUMNS).where(which).order_by(Closure.starts_at.desc(), Closure.id)
        with self._record.read() as connection:
            rows = connection.execute(query).all()
        return [
            ClosureView(**{**row._mapping, "channel": Channel(row.channel) if row.channel is not None else None})
            for row in rows
        ]


def _check(
    plan: Plan, starts_at: datetime, until: datetime, now: datetime, service: str | None, site: str | None
) -> None:
    for name, known in ((service, plan.services), (site, plan.sites)):
        if name is not None and name not in known:
            raise Invalid(name)
    if not starts_at < until <= now + LONGEST:
        raise ImpossibleClosure
