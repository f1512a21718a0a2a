"""Explaining why an agent was chosen for a contact, and whom a waiting contact waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from competences.plan.plan import Plan
from competences.skills import Requirement
from competences.versatility import versatility
from routeur.clock import from_milliseconds
from routeur.contact.row import ContactRow
from routeur.index import CHANNEL_BY_LETTER, AgentSnapshot, ContactSnapshot
from routeur.plans import PlanInForce
from routeur.queue.urgency import urgency
from routeur.reading.overlay import Overlay
from routeur.reading.timeline import TimelineEntry
from routeur.topics.understanding import RECOGNISED


def explain(
    row: ContactRow, timeline: Sequence[TimelineEntry], overlay: Overlay, in_force: PlanInForce, now: datetime
) -> Mapping[str, Any]:
    """Why the contact is where it is: who could serve it and what they do, or why this agent was chosen.

    `yields` says that in its channel agents who are in a conversation are left to a more urgent call or visit.
    """
    explained: dict[str, Any] = {"state": row.state.value, "at": now}
    newest_first = sorted(timeline, key=lambda entry: entry.id, reverse=True)
    recognised = (entry.detail.get(RECOGNISED) for entry in newest_first if entry.kind in ("arrived", "recognised"))
    recognition = next((detail for detail in recognised if detail is not None), None)
    if recognition is not None:
        explained["recognition"] = recognition
    place = row.linked_to or row.id  # a linked contact waits in its companion's place
    snapshot = overlay.contacts([place]).get(place)
    if snapshot is not None and row.waits:
        explained["state"] = snapshot.state
        explained["ahead"] = overlay.ahead_of(place)
        explained["waiting"] = {
            **explain_waiting(snapshot, in_force, overlay.agents(in_force.plan.agents), now),
            "yields": overlay.yields(snapshot.channel),
        }
    chosen = next((entry for entry in newest_first if entry.kind == "offered"), None)
    if snapshot is not None and snapshot.expires_at is not None:
        explained["offer"] = {"agent": snapshot.agent, **explain_offer(snapshot, in_force)}
    elif chosen is not None:
        explained["last_offer"] = {"agent": chosen.agent, "at": chosen.at, **chosen.detail}
    return explained


def explain_offer(offer: ContactSnapshot, in_force: PlanInForce) -> dict[str, Any]:
    """Why the contact was offered to this agent.

    `why` is `arrival` (the contact found an idle agent), `freed` (the agent found the contact) or `preferred` (the
    contact's rung names the agent). For an arrival, `pools` lists the least versatile pools with somebody idle; the
    first was chosen. For a freed agent, `classes` lists the foremost class of each channel they could be offered, with
    its urgency at that moment; `requirement` is null for a channel in which nobody could be as urgent.
    """
    at = offer.offered_at
    explained: dict[str, Any] = {"why": offer.why, "requirement": str(offer.requirement), "at": at}
    considered = offer.considered.split(" ") if offer.considered else []
    if offer.why == "arrival":
        weights = versatility(in_force.plan)
        explained["pools"] = [{"pool": pool, "versatility": weights.get(pool)} for pool in considered]
    elif offer.why == "freed" and at is not None:
        classes = [
            {
                "channel": CHANNEL_BY_LETTER[name[0]].value,
                "requirement": name[1:] or None,
                "urgency": round(
                    urgency(in_force, CHANNEL_BY_LETTER[name[0]], from_milliseconds(float(queued)), at), 3
                ),
            }
            for name, queued in zip(considered[::2], considered[1::2], strict=True)
        ]
        explained["classes"] = sorted(classes, key=lambda shown: float(shown["urgency"]), reverse=True)
    return explained


def explain_waiting(
    contact: ContactSnapshot, in_force: PlanInForce, agents: Mapping[str, AgentSnapshot], now: datetime
) -> dict[str, Any]:
    """The agents who could serve the contact's present rung, and what each of them is doing."""
    plan = in_force.plan
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
        "urgency": round(urgency(in_force, contact.channel, contact.queued_at, now), 3),
        "queued_at": contact.queued_at,
        "able": able,
    }


def _can_serve(requirement: Requirement, login: str, plan: Plan) -> bool:
    if requirement.agent is not None:
        return requirement.agent == login
    return requirement.satisfied_by(plan.agents[login].skills)
