"""The agent's stream: server-sent events that begin with a snapshot of their desk. It keeps the agent on shift."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

from bureau.access.principal import Principal
from bureau.schemas.answers import Desktop
from canaux.server_sent import HEARTBEAT, HEARTBEAT_SECONDS, server_sent
from routeur.desk.desk import Desk
from routeur.ports.events import Event, EventHub

RETRY = b"retry: 2000\n\n"
"""Tells a browser to wait 2,000 ms before it comes back."""

EVENT_ID = re.compile(r"\d{1,19}-\d{1,19}")
FORGOTTEN = "0-0"
"""Stands for an invalid Last-Event-ID: older than every event that is kept, so that the stream begins anew."""


class AgentStream:
    """Opens streams. An open one holds a generator and a mailbox, but nothing of the request or the record.

    `still_good` tells whether a log-in is still valid; `desktop` gives the snapshot of an agent's desk.
    """

    def __init__(
        self,
        hub: EventHub,
        desk: Desk,
        still_good: Callable[[Principal], bool],
        desktop: Callable[[str], Desktop],
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._hub = hub
        self._desk = desk
        self._still_good = still_good
        self._desktop = desktop
        self._heartbeat_seconds = heartbeat_seconds

    def open(self, who: Principal, last_event_id: str | None) -> Iterator[bytes]:
        """The bytes of the stream, until the log-in ends or the reader goes away."""
        after = last_event_id if last_event_id is None or EVENT_ID.fullmatch(last_event_id) else FORGOTTEN
        with self._hub.subscribe(agent=who.login, after=after) as next_event:
            yield RETRY
            if after is None:
                yield self._snapshot("snapshot", who)
            next_beat = time.monotonic() + self._heartbeat_seconds
            while True:
                event = next_event(max(0.0, next_beat - time.monotonic()))
                if event is not None:
                    yield self._snapshot("reset", who) if event.kind == "reset" else _server_sent_event(event)
                if time.monotonic() >= next_beat:
                    if not self._still_good(who):
                        return
                    self._desk.touch(who.login)
                    yield HEARTBEAT
                    next_beat = time.monotonic() + self._heartbeat_seconds

    def _snapshot(self, kind: str, who: Principal) -> bytes:
        return server_sent(kind, self._desktop(who.login).model_dump_json())


def _server_sent_event(event: Event) -> bytes:
    data = {"contact": event.contact, "agent": event.agent, **event.data}
    return server_sent(event.kind, json.dumps(data), event.id)
