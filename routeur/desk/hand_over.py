"""Handing a contact to a colleague by name: only to one who is there."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from competences.plan.plan import Plan
from routeur.contact.row import ContactRow
from routeur.contact.words import ON_SHIFT
from routeur.errors import NoColleagueThere, NotThere
from routeur.plans import PlanInForce
from routeur.queue.entry import rungs
from routeur.record.presence import presences


def check_is_there(connection: Connection, in_force: PlanInForce, row: ContactRow, login: str) -> None:
    """Check that this agent is on shift.

    Raises NotThere, which names those who are: who could serve the contact best, or everybody if nobody on shift could.
    """
    plan = in_force.plan
    there = {one for one, seen in presences(connection).items() if seen.activity in ON_SHIFT and one in plan.agents}
    if login in there:
        return
    there.discard(row.agent or "")
    if not there:
        raise NoColleagueThere
    for rung in rungs(in_force, row.topic, row.language, None):
        able = {one for one in there if rung.requirement.satisfied_by(plan.agents[one].skills)}
        if able:
            raise NotThere(_names(plan, able))
    raise NotThere(_names(plan, there))


def _names(plan: Plan, logins: Collection[str]) -> list[str]:
    return sorted(f"{plan.agents[login].name} ({login})" for login in logins)
