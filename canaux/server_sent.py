"""Server-sent events, as they stand on the wire."""

from __future__ import annotations

HEARTBEAT_SECONDS = 15.0

HEARTBEAT = b": still here\n\n"
"""A comment: it keeps proxies from closing the connection, and shows at last that the browser is gone."""


def heartbeat(event_id: str) -> bytes:
    """The same, with the id of the last event that there was: a browser that comes back resumes from there."""
    return f": still here\nid: {event_id}\n\n".encode()


def server_sent(kind: str, data: str, event_id: str | None = None) -> bytes:
    """One event. `data` is on one line, as JSON is."""
    lines = [f"id: {event_id}"] if event_id is not None else []
    return "\n".join([*lines, f"event: {kind}", f"data: {data}", "", ""]).encode()
