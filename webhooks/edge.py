"""What every webhook does first: a bound on the size, then who is speaking; and how it refuses."""

from __future__ import annotations

import hmac

from flask import Request, Response, abort

FORM_BYTES = 64 * 1024
EMAIL_BYTES = 30 * 1024 * 1024


def read_body(request: Request, limit: int) -> bytes:
    """The whole body; 413 past the limit. Kept, so that it can be read as a form afterwards."""
    request.max_content_length = limit
    request.max_form_memory_size = limit
    body = request.get_data(cache=True)
    # A body that comes in chunks announces no length, and is cut at the limit without a word.
    if request.content_length is None and len(body) >= limit:
        abort(413)
    return body


def require(allowed: bool) -> None:
    """403 for whoever is not the provider, without a word on what was wrong."""
    if not allowed:
        abort(403)


def same_secret(given: str, expected: str) -> bool:
    """Compared in constant time; an empty secret is nobody's."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def words(text: str, status: int) -> Response:
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")


def twiml(document: str) -> Response:
    return Response(document, 200, content_type="text/xml; charset=utf-8")
