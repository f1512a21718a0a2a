"""Addresses that say of themselves that nobody reads what is sent there."""

from __future__ import annotations

import re

_UNREAD = re.compile(
    r"(?:.*[._+-])?(?:no|not?|do[._-]?not|never|ne[._-]?pas|pas[._-]?de|sans)[._-]?(?:reply|respond|answer|r[ée]pondre|"
    r"r[ée]ponse)(?:[._+-].*|\d*)|(?:mailer-daemon|bounces?|null|nobody|listserv)(?:[._+=-].*)?|.*[._-]bounces?(?:[._+=-].*)?"
)


def is_unread(address: str) -> bool:
    """Whether the address is such as `no-reply@`, `ne-pas-repondre@` or `bounces+x@`, or at a host that cannot be."""
    local, _, host = address.lower().rpartition("@")
    return bool(_UNREAD.fullmatch(local)) or host == "invalid" or host.endswith(".invalid")
