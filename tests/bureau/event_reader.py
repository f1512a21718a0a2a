"""Reads a stream of server-sent events of the API, as a browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse


@dataclass(frozen=True)
class Told:
    """An event; `id` is None where the stream cannot be resumed from it."""

    kind: str
    data: dict[str, Any]
    id: str | None


class Reader:
    """Reads a stream. `last_id` is what a browser would resume from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.last_id: str | None = None

    def all(self) -> Iterator[bytes]:
        """Everything, until the server ends it."""
        return self._chunks

    def raw(self) -> str:
        return next(self._chunks).decode()

    def event(self) -> Told | None:
        """The next event; None for a heartbeat or a hint."""
        fields = dict(line.split(": ", 1) for line in self.raw().strip().split("\n"))
        self.last_id = fields.get("id", self.last_id)
        return Told(fields["event"], json.loads(fields["data"]), fields.get("id")) if "event" in fields else None

    def next(self) -> Told:
        """The next event; heartbeats and hints are skipped."""
        while True:
            told = self.event()
            if told is not None:
                return told

    def until(self, kind: str) -> Told:
        told = self.next()
        while told.kind != kind:
            told = self.next()
        return told

    def up_to(self, number: str) -> list[Told]:
        """Every event until the stream is at this number, or past it, and quiet."""
        told: list[Told] = []
        while True:
            event = self.event()
            if event is not None:
                told.append(event)
            elif self.last_id is not None and _order(self.last_id) >= _order(number):
                return told


def _order(number: str) -> tuple[int, int]:
    at, _, counted = number.partition("-")
    return int(at), int(counted)


@contextmanager
def reading(answer: TestResponse) -> Iterator[Reader]:
    """Read the stream of this answer; it is closed afterwards."""
    assert answer.status_code == 200
    assert answer.content_type == "text/event-stream"
    with closing(answer.response):  # type: ignore[type-var]
        yield Reader(iter(answer.response))  # type: ignore[arg-type]
