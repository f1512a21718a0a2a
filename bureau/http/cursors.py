"""Encodes the router's cursors, so that they need no escaping in a URL."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus

from flask import request

from bureau.http.language import translations_for
from bureau.http.problems import SEE_ERRORS, Fault, Problem
from competences.translation import N_

NOT_A_PLACE = N_("This is not a place in a list: begin at its first page.")

CURSOR = re.compile(r"2\d{3}-[0-9T:.+-]{1,40}\|[0-9a-f]{1,32}")


def encoded(cursor: str | None) -> str | None:
    """The cursor in the form that the API hands out."""
    return urlsafe_b64encode(cursor.encode()).decode().rstrip("=") if cursor is not None else None


def decoded(cursor: str | None) -> str | None:
    """The router's cursor, from the form that the API handed out. Raises Problem for anything else."""
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise _not_ours() from None
    if not CURSOR.fullmatch(text):
        raise _not_ours()
    return text


def _not_ours() -> Problem:
    message = translations_for(request).gettext(NOT_A_PLACE)
    fault = Fault(parameter="cursor", message=message)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS, errors=[fault])
