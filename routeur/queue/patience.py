"""How long a contact waits: until its maximum, until the end of the day, or for somebody who can serve it to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from competences.calendar import Calendar
from competences.channels import CHANNELS
from competences.ladder import Rung
from routeur.contact.row import ContactRow
from routeur.contact.words import FollowUpReason
from routeur.plans import PlanInForce

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WaitEnd:
    """When a contact that nobody has served stops waiting, and why it is then a follow-up."""

    at: datetime
    reason: FollowUpReason


def wait_end(in_force: PlanInForce, row: ContactRow, rungs: Iterable[Rung]) -> WaitEnd:
    """The end of the contact's present wait, whoever is on shift.

    Where the channel waits overnight, that is its maximum in opening hours, or at once when nobody on the staff could
    ever serve one of its `rungs`. On the others, people who wait when the town hall closes are served for some time
    more by who is there, and go on waiting if it has opened again by then. Nobody waits beyond the date that they were
    promised an answer by; one that had passed before they began to wait binds no wait.
    """
    plan, since = in_force.plan, row.waiting_since
    rules = plan.channels[row.channel]
    calendar = calendar_of(in_force, row)
    maximum = timedelta(seconds=rules.max_wait_seconds)
    latest = calendar.add_opening_time(since, maximum) if rules.max_wait_in_opening_hours else since + maximum
    if row.promised_at is not None and since < row.promised_at:
        latest = min(latest, row.promised_at)
    end = WaitEnd(latest, FollowUpReason.MAX_WAIT)
    if not CHANNELS[row.channel].waits_overnight:
        after_hours = timedelta(minutes=plan.after_hours_minutes)
        doors_shut = calendar.latest_closing(since) + after_hours
        while doors_shut < end.at and (reopened := calendar.opening_at(doors_shut)) is not None:
            doors_shut = reopened[1] + after_hours
        if doors_shut < end.at:
            end = WaitEnd(max(since, doors_shut), FollowUpReason.CLOSED)
    elif not on_staff(in_force, rungs):
        end = WaitEnd(max(since, _settled_at(in_force)), FollowUpReason.NOBODY_SKILLED)
    return end


def patient_until(in_force: PlanInForce, row: ContactRow, end: WaitEnd, now: datetime) -> datetime:
    """Until when the contact waits though nobody on shift could serve it. `end` is that of its wait."""
    if CHANNELS[row.channel].waits_overnight:
        return end.at
    return forgiven_until(in_force, calendar_of(in_force, row), now)


def forgiven_until(in_force: PlanInForce, calendar: Calendar, now: datetime) -> datetime:
    """Until when it says nothing that nobody is there: agents have just been let in, or the plan has just changed.

    An instant that is past where nothing of the kind has happened. `calendar` is that of what is asked.
    """
    opening = calendar.opening_at(now)
    if opening is None:
        return _settled_at(in_force)
    return max(_settled_at(in_force), opening[0] + timedelta(minutes=in_force.plan.opening_grace_minutes))


def why_given_up(in_force: PlanInForce, row: ContactRow, rungs: Iterable[Rung], now: datetime) -> FollowUpReason:
    """Why the contact is not waited for any longer: the end of its wait has come, or nobody could serve it."""
    end = wait_end(in_force, row, rungs)
    if end.at <= now:
        return end.reason
    if not calendar_of(in_force, row).is_open(now):
        return FollowUpReason.CLOSED
    return FollowUpReason.NOBODY_SKILLED


def calendar_of(in_force: PlanInForce, row: ContactRow) -> Calendar:
    """When what the contact asks for can be asked; a caller in the menu has not said yet."""
    in_menu = row.ladder is not None and row.ladder.get("menu", False)
    return in_force.calendars.of(row.channel, None if in_menu else in_force.plan.service_of(row.topic))


@dataclass(frozen=True)
class ClosedUntil:
    """The town hall is closed, or with `in_part` only what is asked for, until it `opens_at` this instant."""

    opens_at: datetime
    in_part: bool


def closed_until(in_force: PlanInForce, row: ContactRow, now: datetime) -> ClosedUntil | None:
    """Until when what the contact asks for is closed; None while it is open, or if nobody knows."""
    calendar = calendar_of(in_force, row)
    if calendar.is_open(now):
        return None
    opens_at = calendar.next_opening(now)
    return ClosedUntil(opens_at, in_part=in_force.calendar.is_open(now)) if opens_at > now else None


def on_staff(in_force: PlanInForce, rungs: Iterable[Rung]) -> bool:
    """Whether anybody of the plan's agents, on shift or not, could serve one of these rungs."""
    agents = in_force.plan.agents
    for rung in rungs:
        requirement = rung.requirement
        if requirement.agent in agents or any(requirement.satisfied_by(agent.skills) for agent in agents.values()):
            return True
    return False


def may_wait_for_staff(in_force: PlanInForce, rungs: Iterable[Rung], now: datetime) -> bool:
    """Whether a contact of a channel that waits overnight may wait: for the staff, or for a plan that is mended."""
    return on_staff(in_force, rungs) or now < _settled_at(in_force)


def _settled_at(in_force: PlanInForce) -> datetime:
    """From when on a plan that has replaced another is believed where it leaves somebody without anybody."""
    if in_force.replaced_at is None:
        return _LONG_AGO
    return in_force.replaced_at + timedelta(seconds=in_force.plan.presence_grace_seconds)
