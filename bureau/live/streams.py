"""The streams of people on the staff: server-sent events, from a snapshot on. An open one keeps its reader on shift."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

from bureau.access.principal import Principal
from canaux.server_sent import HEARTBEAT_SECONDS, heartbeat
from routeur.desk.desk import Desk
from routeur.errors import NotFound
from routeur.ports.events import NOWHERE, Event, EventHub, Subscription

RETRY = b"retry: 2000\n\n"
"""Tells a browser to wait 2,000 ms before it comes back."""

LOOK_AGAIN_SECONDS: Final = 60.0
"""A stream reads all that it shows again this often: a word that was lost on its way, or a name that was learned in
another contact, is told then at the latest."""

EVENT_ID = re.compile(r"\d{1,19}-\d{1,19}")


class Teller(Protocol):
    """Tells one reader what there is, and what is different.

    A `number` that is given is a place in the stream of events up to which all that the reader is to know was heard.
    """

    def begin(self, number: str, after: str | None) -> Iterator[bytes]:
        """Tell everything: whole, or to a reader who has it as it was at `after`, thing by thing, and what has left."""
        ...

    def tell(self, number: str, events: Sequence[Event]) -> Iterator[bytes]:
        """Tell what is different after these events."""
        ...

    def look_again(self, number: str) -> Iterator[bytes]:
        """Tell what is different, whether or not an event said so."""
        ...

    def beat(self, number: str) -> Iterator[bytes]:
        """Tell what changes by time alone."""
        ...


class Streams:
    """Opens streams. An open one holds a generator, a mailbox and digests, but nothing of the request or the record.

    `still_good` tells whether a log-in is still valid.
    """

    def __init__(
        self,
        hub: EventHub,
        desk: Desk,
        still_good: Callable[[Principal], bool],
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._hub = hub
        self._desk = desk
        self._still_good = still_good
        self._heartbeat_seconds = heartbeat_seconds

    def open(
        self,
        who: Principal,
        after: str | None,
        listen: Callable[[EventHub], AbstractContextManager[Subscription]],
        teller: Callable[[Subscription], Teller],
    ) -> Iterator[bytes]:
        """The bytes of the stream, until the log-in ends or the reader goes away.

        `after` is the number of what the reader has; None for a reader who has nothing. One that is no number of ours
        is older than everything: the stream begins anew. `listen` subscribes to what the `teller` must hear.
        """
        if after is not None and not EVENT_ID.fullmatch(after):
            after = NOWHERE
        with listen(self._hub) as heard:
            yield RETRY
            telling = teller(heard)
            try:
                yield from telling.begin(self._hub.position, after)
                yield from self._go_on(who, heard, telling)
            except NotFound:  # the plan has this person no longer
                return

    def _go_on(self, who: Principal, heard: Subscription, teller: Teller) -> Iterator[bytes]:
        next_beat = time.monotonic() + self._heartbeat_seconds
        next_look = time.monotonic() + LOOK_AGAIN_SECONDS
        while True:
            first = heard(max(0.0, next_beat - time.monotonic()))
            number = self._hub.position
            events = [*([first] if first is not None else []), *_heard_already(heard)]
            if events:
                yield from teller.tell(number, events)
            now = time.monotonic()
            if now < next_beat:
                continue
            if not self._still_good(who):
                return
            self._desk.touch(who.login)
            if now >= next_look:
                yield from teller.look_again(number)
                next_look = now + LOOK_AGAIN_SECONDS
            yield from teller.beat(number)
            yield heartbeat(number)
            next_beat = now + self._heartbeat_seconds


def _heard_already(heard: Subscription) -> Iterator[Event]:
    while (event := heard(0)) is not None:
        yield event
