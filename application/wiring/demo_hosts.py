"""The hosts by which a demonstration may be reached: it opens to anybody, so only from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from application.operator_words import _
from application.this_machine import is_this_machine


def refuse_foreign_hosts(app: Flask) -> None:
    """Answer 421 to a request for another host than this machine: a proxy before a demonstration, or a rebound name."""

    def check() -> Response | None:
        if _is_ours(request.headers.get("Host", "")):
            return None
        words = _("This is a demonstration: it answers on this machine alone. Set SECRET_KEY to open it.")
        return Response(words + "\n", 421, content_type="text/plain; charset=utf-8")

    app.before_request(check)


def _is_ours(host: str) -> bool:
    try:
        return is_this_machine(urlsplit(f"//{host}").hostname)
    except ValueError:
        return False
