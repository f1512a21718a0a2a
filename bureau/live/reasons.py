"""What the router's events say of what is told because of them: when, why, and up to which place in the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bureau.schemas.desk import Because
from routeur.clock import Clock, from_milliseconds
from routeur.ports.events import Event, later


def place_after(number: str, events: Sequence[Event]) -> str:
    """The place in the stream once what is told up to `number`, and these events, are told."""
    return later(number, events[-1].id) if events and events[-1].id else number


def happened_at(events: Sequence[Event], clock: Clock) -> datetime:
    """When the last of these events happened; now, where there is none."""
    return from_milliseconds(float(events[-1].data["at"])) if events else clock()


def reasons_of(events: Sequence[Event]) -> Mapping[str, Because]:
    """Why each contact that these events name may have left."""
    known = set(Because)
    return {
        event.contact: Because(event.kind) if event.kind in known else Because.OTHER
        for event in events
        if event.contact is not None
    }
