"""The entry of a contact in the index, computed from the record and the plan in force."""

from __future__ import annotations

from datetime import datetime, timedelta

from competences.channels import CHANNELS, Channel
from competences.ladder import Rung, ladder, menu_ladder
from competences.skills import Requirement
from routeur.contact.row import ContactRow, Ladder
from routeur.index import Entry, RungAt
from routeur.plans import PlanInForce
from routeur.queue.patience import calendar_of, patient_until, wait_end
from routeur.queue.urgency import place_of_urgency, urgency


def rungs(in_force: PlanInForce, topic: str | None, language: str, override: Ladder | None) -> tuple[Rung, ...]:
    """The contact's ladder: its topic's, unless it has its own (`override`, see `Contact.ladder`)."""
    plan = in_force.plan
    override = override or {}
    if override.get("menu"):
        return menu_ladder(plan)
    if "skills" in override:
        return (Rung(0, Requirement.of(override["skills"])),)
    agent, preferred = override.get("agent"), override.get("preferred")
    return ladder(
        plan,
        topic if topic in plan.topics else None,
        language,
        agent=agent if agent in plan.agents else None,
        preferred_agent=preferred if preferred in plan.agents else None,
    )


def entry(in_force: PlanInForce, row: ContactRow, now: datetime) -> Entry:
    """The contact's entry as of now; its ladder begins with the last rung that has been reached."""
    ladder = rungs(in_force, row.topic, row.language, row.ladder)
    end = wait_end(in_force, row, ladder)
    ladder_at = [RungAt(_reached_at(in_force, row, rung), rung.requirement) for rung in ladder]
    reached = 0
    while reached + 1 < len(ladder_at) and ladder_at[reached + 1].at <= now:
        reached += 1
    return Entry(
        contact=row.id,
        channel=row.channel,
        rungs=tuple(ladder_at[reached:]),
        queued_at=row.queued_at,
        max_wait_at=end.at,
        patient_until=patient_until(in_force, row, end, now),
        revision=row.revision,
        edition=in_force.edition,
    )


def _reached_at(in_force: PlanInForce, row: ContactRow, rung: Rung) -> datetime:
    """When the contact stands on the rung: what waits overnight is not handed down while nobody is there."""
    after = timedelta(seconds=rung.after_seconds)
    if CHANNELS[row.channel].waits_overnight:
        return calendar_of(in_force, row).add_opening_time(row.waiting_since, after)
    return row.waiting_since + after


def carried_place(in_force: PlanInForce, row: ContactRow, channel: Channel, now: datetime) -> datetime:
    """The place (a `queued_at`) at which the contact keeps its urgency if it goes on waiting on this other channel."""
    return place_of_urgency(in_force, channel, urgency(in_force, row.channel, row.queued_at, now), now)
