"""gunicorn's gevent worker, which does not wait for what nobody wants to read."""

from __future__ import annotations

from typing import Any

import gevent
from gunicorn.http.errors import ParseException
from gunicorn.workers.ggevent import GeventWorker

MOST_DISCARDED_BYTES = 40 * 1024 * 1024
"""A little more than the largest body that we take: who sends that much still reads why it was refused."""

PIECE_BYTES = 256 * 1024
PAUSE_SECONDS = 0.02
"""A body is discarded at the pace of a network, also where its sender is faster than that."""


class WebWorker(GeventWorker):  # type: ignore[misc]
    """After a refusal gunicorn reads the rest of the body at one go, before it takes the connection's next request.

    Here the rest is discarded a piece at a time, so that everybody else has their turn in between, and up to a bound.
    A connection whose body does not end by then, or is malformed, ends instead.
    """

    def handle_request(self, listener_name: str, req: Any, sock: Any, addr: Any) -> None:
        super().handle_request(listener_name, req, sock, addr)
        if not _discard(req.body):
            raise StopIteration


def _discard(body: Any) -> bool:
    """Read what is left of a body; returns whether its end was found."""
    for _ in range(MOST_DISCARDED_BYTES // PIECE_BYTES):
        try:
            if not body.read(PIECE_BYTES):
                return True
        except ParseException:
            return False
        gevent.sleep(PAUSE_SECONDS)
    return False
