"""Addresses that say of themselves that nobody reads what is sent there."""

from __future__ import annotations

import re

_UNREAD = re.compile(
    r"(?:.*[-_.+])?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ne[-_.]?pas[-_.]?r[eé]pondre|pas[-_.]?de[-_.]?r[eé]ponse)"
    r"(?:[-_.+\d].*)?|(?:bounces?|mailer-daemon|nobody)(?:[-+=].*)?"
)


def is_unread(address: str) -> bool:
    """Whether the address is one such as `no-reply@`, `ne-pas-repondre@` or `bounces+x@`."""
    return _UNREAD.fullmatch(address.lower().partition("@")[0]) is not None
