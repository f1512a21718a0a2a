"""A request's body, read up to a bound, whatever the web framework."""

from __future__ import annotations

from typing import Protocol


class RequestWithBody(Protocol):
    """The part of a web framework's request that holds its body."""

    max_content_length: int | None
    max_form_memory_size: int | None

    @property
    def content_length(self) -> int | None: ...
    def get_data(self, cache: bool = True) -> bytes: ...


class BodyTooLarge(Exception):
    """The body came in chunks, and is longer than its bound."""


def bounded_body(request: RequestWithBody, limit_bytes: int) -> bytes:
    """The whole body, kept, so that it can be read as a form afterwards.

    Raises BodyTooLarge, or what the framework raises where the announced length is past the limit.
    """
    request.max_content_length = limit_bytes
    request.max_form_memory_size = limit_bytes
    body = request.get_data()
    # A body that comes in chunks announces no length, and is cut at the limit without a word.
    if request.content_length is None and len(body) >= limit_bytes:
        raise BodyTooLarge
    return body
