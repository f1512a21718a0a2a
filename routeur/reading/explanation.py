"""Why an agent was chosen for a contact, and what a waiting contact is waiting for, in words of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from competences.channels import Channel
from competences.plan.plan import Plan
from competences.skills import Requirement
from competences.versatility import versatility
from routeur.clock import from_milliseconds, milliseconds
from routeur.index import CHANNELS, AgentSnapshot, ContactSnapshot


def explain_offer(offer: ContactSnapshot, plan: Plan) -> dict[str, Any]:
    """`why` is `arrival` (the contact found an idle agent), `freed` (the agent found the contact) or `preferred`.

    For an arrival, `pools` lists the least versatile pools with somebody idle (the first was chosen); for a freed
    agent, `classes` lists the foremost class of each channel they could be offered, with its urgency at that moment,
    down to those channels (`requirement` null) of which nobody could be as urgent.
    """
    at = offer.offered_at
    explained: dict[str, Any] = {"why": offer.why, "requirement": str(offer.requirement), "at": at}
    considered = offer.considered.split(" ") if offer.considered else []
    if offer.why == "arrival":
        weights = versatility(plan)
        explained["pools"] = [{"pool": pool, "versatility": weights.get(pool)} for pool in considered]
    elif offer.why == "freed" and at is not None:
        classes = [
            {
                "channel": CHANNELS[name[0]].value,
                "requirement": name[1:] or None,
                "urgency": round(urgency(plan, CHANNELS[name[0]], from_milliseconds(float(queued)), at), 3),
            }
            for name, queued in zip(considered[::2], considered[1::2], strict=True)
        ]
        explained["classes"] = sorted(classes, key=lambda one: float(one["urgency"]), reverse=True)
    return explained


def explain_waiting(
    contact: ContactSnapshot, plan: Plan, agents: Mapping[str, AgentSnapshot], now: datetime
) -> dict[str, Any]:
    """Who could serve the contact as it stands now, and what each of them is doing."""
    able = [
        {
            "agent": login,
            "activity": snapshot.activity.value,
            "offer": snapshot.offer,
            "load": {channel.value: n for channel, n in snapshot.load.items() if n},
        }
        for login, snapshot in agents.items()
        if login in plan.agents and _can_serve(contact.requirement, login, plan)
    ]
    return {
        "requirement": str(contact.requirement),
        "urgency": round(urgency(plan, contact.channel, contact.queued_at, now), 3),
        "queued_at": contact.queued_at,
        "able": able,
    }


def urgency(plan: Plan, channel: Channel, queued_at: datetime, now: datetime) -> float:
    """weight x wait / target, as the scripts reckon it; 1.0 is a promise just about to be broken."""
    rules = plan.channels[channel]
    return rules.weight * (milliseconds(now) - milliseconds(queued_at)) / (rules.target_seconds * 1000)


def _can_serve(requirement: Requirement, login: str, plan: Plan) -> bool:
    if requirement.agent is not None:
        return requirement.agent == login
    return requirement.satisfied_by(plan.agents[login].skills)
