"""What a visitor's page is told, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from canaux.legal_words import reception_in_short
from canaux.online_services import SelfService, self_service
from canaux.server_sent import HEARTBEAT, HEARTBEAT_SECONDS, server_sent
from canaux.wording import Phrases, closed_in_words, follow_up_in_words
from competences.plan.plan import Plan
from competences.translation import N_
from routeur.clock import Clock
from routeur.contact.messages import MessageView
from routeur.contact.words import ContactState, Direction
from routeur.ports.events import Event, EventHub
from routeur.ports.inbound import Standing
from routeur.ports.signals import SIGNAL, TYPING, Side, Signals
from routeur.reception.reception import Reception

LEAVE_AN_ADDRESS = N_(
    "So that our answer reaches you, give us your e-mail address or mobile number here, and confirm it by the code "
    "that we send there."
)

_STATES = {
    ContactState.WAITING: "waiting",
    ContactState.OFFERED: "waiting",
    ContactState.ACTIVE: "accepted",
    ContactState.WRAP_UP: "closed",
    ContactState.FOLLOW_UP: "follow_up",
    ContactState.CLOSED: "closed",
}


def wakes(hub: EventHub, contact_id: str) -> Iterator[Event | None]:
    """What wakes a visitor's stream: something happened to the contact, or (None) nothing did for a while."""
    with hub.subscribe(contact=contact_id) as next_event:
        yield None  # for what was said between the visitor's first look and now
        while True:
            yield next_event(HEARTBEAT_SECONDS)


def conversation_events(
    reception: Reception,
    woken: Iterator[Event | None],
    plans: Callable[[], Plan],
    contact_id: str,
    position: int,
    signals: Signals,
    clock: Clock,
) -> Iterator[bytes]:
    """Tell every message after `position` and every change of state, until the conversation is closed.

    A message's event id is its position, so that `Last-Event-ID` resumes without loss. The record is read again
    at each wake: what an event says does not matter, that something happened does. `self_service` says what can be
    done online about the present topic of the conversation, null where that is nothing any more. Like the state it
    is said again to a page that comes back. `read` is the position up to which the town hall has read; `typing` is
    said while an agent writes. While it is listened to the visitor counts as there.
    """
    signals.usager_is_here(contact_id, clock())
    try:
        yield from _told(reception, woken, plans, contact_id, position, signals, clock)
    finally:
        signals.usager_is_gone(contact_id, clock())


def _told(
    reception: Reception,
    woken: Iterator[Event | None],
    plans: Callable[[], Plan],
    contact_id: str,
    position: int,
    signals: Signals,
    clock: Clock,
) -> Iterator[bytes]:
    read = 0
    told: Standing | None = None
    offered: SelfService | None = None
    for wake in _once_before(woken):
        if wake is not None and wake.kind == TYPING:
            if wake.data.get("by") == Side.AGENT:
                yield _event("typing", {"from": "agent"})
            continue
        for message in reception.messages_after(contact_id, position):
            position = message.position
            if message.direction != Direction.NOTE:
                yield _event("message", _message(message), message.position)
        standing = reception.standing(contact_id)
        state = _STATES[standing.contact.state]
        if wake is None or wake.kind == SIGNAL:
            now_read = signals.of([contact_id], clock())[contact_id].read_by_agent
            if now_read > read:
                read = now_read
                yield _event("read", {"by": "agent", "position": read})
        if told is None or _STATES[told.contact.state] != state or told.follow_up != standing.follow_up:
            yield _event(state, _state(standing, plans(), reception))
        elif wake is None:
            signals.usager_is_here(contact_id, clock())
            yield HEARTBEAT
        told = standing
        if state == "closed":
            return
        online = self_service(plans(), standing.contact.topic, standing.contact.language)
        if online != offered:
            yield _event("self_service", self_service_json(online))
            offered = online


def _once_before(woken: Iterator[Event | None]) -> Iterator[Event | None]:
    yield None
    yield from woken


def _message(message: MessageView) -> dict[str, Any]:
    return {
        "id": message.id,
        "position": message.position,
        "from": _speaker(message),
        "text": message.text,
        "at": message.at.isoformat(),
    }


def _speaker(message: MessageView) -> str:
    if message.direction == Direction.INBOUND:
        return "visitor"
    return "agent" if message.author is not None else "automatic"


def _state(standing: Standing, plan: Plan, reception: Reception) -> dict[str, Any]:
    data: dict[str, Any] = {"state": _STATES[standing.contact.state], "reference": standing.contact.reference}
    if standing.contact.outcome is not None:
        data["outcome"] = standing.contact.outcome.value
    follow_up = standing.follow_up
    if follow_up is not None and standing.contact.state is ContactState.FOLLOW_UP:
        data["due_at"] = follow_up.due_at.isoformat()
        words = follow_up_in_words(plan, follow_up, standing.contact.language)
        parts = [words, reception_in_short(plan, standing.contact, follow_up.service)]
        if not reception.verifications.proved(standing.contact.id):
            parts.append(Phrases(plan, standing.contact.language).say(LEAVE_AN_ADDRESS))
        data["text"] = " ".join(parts)
    elif standing.contact.waits:
        data["text"] = reception_in_short(plan, standing.contact, None)
    closed = reception.closed_until(standing.contact)
    if closed is not None and "text" in data:
        data["text"] = f"{closed_in_words(plan, closed, standing.contact.language)} {data['text']}"
        data["opens_at"] = closed.opens_at.isoformat()
    return data


def self_service_json(online: SelfService | None) -> dict[str, str] | None:
    return asdict(online) if online is not None else None


def _event(kind: str, data: dict[str, Any] | None, event_id: int | None = None) -> bytes:
    return server_sent(kind, json.dumps(data, ensure_ascii=False), str(event_id) if event_id is not None else None)
