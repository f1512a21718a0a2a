"""The phone channel's way out: agents' phones are rung, callers' calls follow the state of their contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from canaux.provider_interfaces import AgentCall, PhoneNetwork
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.row import ContactRow
from routeur.ports.news import Accepted, DeliveryError, Effect, Ended, FollowedUp, IfFailed, News, Returned

RING = "ring"
MOVE = "move"
HANG_UP = "hang_up"
RING_SECONDS = 20


def agent_leg(contact_id: str, login: str) -> str:
    """Names the agent whose phone rings for this contact, so that the telephone network does not learn who it is."""
    return sha256(f"{contact_id}/{login}".encode()).hexdigest()[:16]


class VoiceChannel:
    """Rings agents, and moves and ends callers' calls.

    A call that is moved asks us what comes now (canaux.voice.dialogue): it can only go where its contact stands then,
    however late or out of order the move is made.
    """

    channel = Channel.VOICE

    def __init__(self, *, plans: Callable[[], Plan], network: PhoneNetwork) -> None:
        self._plans = plans
        self._network = network

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case Accepted(contact=contact, agent=agent, attempt=attempt):
                call = {"agent": agent, "attempt": attempt, "caller_id": contact.service_address}
                return (
                    Effect(
                        self.channel,
                        RING,
                        f"voice:ring:{contact.id}:{attempt}",
                        call,
                        contact.id,
                        IfFailed.RETURN,
                    ),
                    *self._on_call(contact, MOVE, f"voice:join:{contact.id}:{attempt}"),
                )
            case Returned(contact=contact, attempt=attempt):
                return self._on_call(contact, MOVE, f"voice:return:{contact.id}:{attempt}")
            case FollowedUp(contact=contact, follow_up=follow_up):
                return self._on_call(contact, MOVE, f"voice:follow-up:{follow_up.id}")
            case Ended(contact=contact):
                return self._on_call(contact, HANG_UP, f"voice:end:{contact.id}")
            case _:
                return ()

    def _on_call(self, contact: ContactRow, kind: str, key: str) -> Sequence[Effect]:
        if contact.provider_ref is None:  # a voice contact that was typed in has no call
            return ()
        return (Effect(self.channel, kind, key, {"call": contact.provider_ref}, contact.id, IfFailed.NOTHING),)

    def perform(self, effect: Effect) -> None:
        match effect.kind:
            case "ring":
                self._ring(effect.contact_id or "", effect.payload)
            case "move":
                self._network.move(effect.payload["call"])
            case "hang_up":
                self._network.hang_up(effect.payload["call"])
            case unknown:
                raise DeliveryError(f"no such effect: {unknown}", retryable=False)

    def _ring(self, contact_id: str, payload: Any) -> None:
        agent = self._plans().agents.get(payload["agent"])
        if agent is None or agent.phone is None:
            raise DeliveryError("this agent has no phone in the plan", retryable=False)
        if not payload["caller_id"]:
            raise DeliveryError("no number of ours to call from", retryable=False)
        self._network.ring(
            AgentCall(
                to=agent.phone,
                caller_id=payload["caller_id"],
                contact_id=contact_id,
                attempt=int(payload["attempt"]),
                leg=agent_leg(contact_id, payload["agent"]),
                ring_seconds=RING_SECONDS,
            )
        )
