"""Who is served first: the contact whose promise is closest to being broken, or furthest past it.

urgency = weight x wait / target. `routeur/index/scripts/parts/urgency.lua` computes the same for the decision itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from competences.channels import Channel
from routeur.plans import PlanInForce


def urgency(in_force: PlanInForce, channel: Channel, queued_at: datetime, now: datetime) -> float:
    """The urgency of a contact with this place; at weight 1, its target is missed above 1.0.

    The wait counts opening hours alone where the channel's target does.
    """
    rules = in_force.plan.channels[channel]
    waited = now - queued_at
    if rules.target_in_opening_hours:
        waited = in_force.calendar.opening_time_between(queued_at, now)
    return rules.weight * (waited / timedelta(seconds=rules.target_seconds))


def place_of_urgency(in_force: PlanInForce, channel: Channel, value: float, now: datetime) -> datetime:
    """The place in the queue (a `queued_at`) at which a contact of this channel has that urgency now."""
    rules = in_force.plan.channels[channel]
    waited = timedelta(seconds=rules.target_seconds) * (max(0.0, value) / rules.weight)
    if rules.target_in_opening_hours:
        return in_force.calendar.subtract_opening_time(now, waited)
    return now - waited
