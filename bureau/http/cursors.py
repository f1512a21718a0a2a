"""Cursors as they travel: the router's own, in characters that need no escaping in an address."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from routeur.errors import Invalid

OURS = re.compile(r"2\d{3}-[0-9T:.+-]{1,40}\|[0-9a-f]{1,32}")


def shown(cursor: str | None) -> str | None:
    """The cursor to hand out."""
    return urlsafe_b64encode(cursor.encode()).decode().rstrip("=") if cursor is not None else None


def taken_back(cursor: str | None) -> str | None:
    """The cursor that was handed out. Raises Invalid for any other."""
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise Invalid(cursor) from None
    if not OURS.fullmatch(text):
        raise Invalid(cursor)
    return text
