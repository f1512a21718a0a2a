"""Reads server-sent events as a browser does."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.e2e.waiting import PATIENCE_SECONDS


@dataclass(frozen=True)
class StreamEvent:
    """One event. `id` is None if a stream cannot be resumed from it."""

    id: str | None
    kind: str
    data: dict[str, Any]


class EventStream:
    """An open stream. `seen` is every event read so far; `last_id` is what a browser would resume from."""

    def __init__(self, url: str, headers: Mapping[str, str], last_event_id: str | None = None) -> None:
        parts = urlsplit(url)
        self.seen: list[StreamEvent] = []
        self.last_id = last_event_id
        self._connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE_SECONDS)
        resume = {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
        self._connection.request("GET", parts.path, headers={"Accept": "text/event-stream", **headers, **resume})
        self._response: HTTPResponse = self._connection.getresponse()
        assert self._response.status == 200, (self._response.status, self._response.read())
        assert self._response.headers["Content-Type"].startswith("text/event-stream")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def next(self, timeout: float = PATIENCE_SECONDS) -> StreamEvent | None:
        """The next event; None when the stream has ended. Raises TimeoutError when nothing comes."""
        fields: dict[str, str] = {}
        deadline = time.monotonic() + timeout
        while True:
            line = self._read_line(deadline)
            if line is None:
                return None
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            elif "data" in fields:
                return self._keep(fields)
            else:
                fields.clear()

    def next_or_cut(self) -> StreamEvent | None:
        """The next event; None also when the other end has died."""
        try:
            return self.next()
        except (HTTPException, OSError):
            return None

    @property
    def texts(self) -> list[str]:
        """The text of every message read so far."""
        return [event.data["text"] for event in self.seen if event.kind == "message"]

    def until(self, kind: str, timeout: float = PATIENCE_SECONDS, **data: Any) -> StreamEvent:
        """The next event of this kind with these data; other events before it are skipped."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                event = self.next(max(0.01, deadline - time.monotonic()))
            except TimeoutError:
                event = None
            if event is None:
                raise AssertionError(f"no {kind} {data} in {self.seen}")
            if event.kind == kind and all(event.data.get(name) == value for name, value in data.items()):
                return event

    def until_about(self, kind: str, contact_id: str) -> StreamEvent:
        """The next event of this kind about this contact, in a stream of a desk."""
        while True:
            event = self.until(kind)
            thing = event.data.get("offer", event.data)
            if thing.get("contact_id", thing.get("contact", {}).get("id")) == contact_id:
                return event

    def _read_line(self, deadline: float) -> str | None:
        if self._connection.sock is not None:
            self._connection.sock.settimeout(max(0.01, deadline - time.monotonic()))
        line = self._response.readline()
        return line.decode().rstrip("\n") if line else None

    def _keep(self, fields: dict[str, str]) -> StreamEvent:
        event = StreamEvent(fields.get("id"), fields.get("event", "message"), json.loads(fields["data"]))
        if event.id is not None:
            self.last_id = event.id
        self.seen.append(event)
        return event
