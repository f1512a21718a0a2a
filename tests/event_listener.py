"""Another system that listens to events: a small local server that answers as a test asks it to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Heard:
    """An event that came."""

    headers: Mapping[str, str]
    body: str

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class EventListener:
    """What came, in order. `status` is the answer."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    status: int = 204

    @property
    def kinds(self) -> list[str]:
        return [one.event["type"] for one in self.heard]


@contextmanager
def event_listener() -> Iterator[EventListener]:
    """Listen on a free loopback port until the end of the block."""
    listener = EventListener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            listener.heard.append(Heard(dict(self.headers), body))
            self.send_response(listener.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    listener.url = f"http://127.0.0.1:{server.server_port}/events"
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
