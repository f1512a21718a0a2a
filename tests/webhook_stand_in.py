"""The town hall's e-mail webhook as a small local server, which answers as a test asks it to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

TOKEN = "token-of-those-who-bring-letters"


@dataclass
class WebhookStandIn:
    """The letters that came. `status` is the answer; `silent` ones never answer, until the end."""

    url: str = ""
    letters: list[bytes] = field(default_factory=list)
    status: int = 200
    silent: bool = False
    over: Event = field(default_factory=Event)


@contextmanager
def webhook_stand_in() -> Iterator[WebhookStandIn]:
    """Serve it on a free loopback port until the end of the block."""
    stand_in = WebhookStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            if self.path != "/webhooks/email/mime":
                self.send_error(404)
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.send_error(403)  # before the body, as the webhook does
            elif stand_in.silent:
                stand_in.over.wait()
            else:
                stand_in.letters.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(stand_in.status)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        stand_in.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
