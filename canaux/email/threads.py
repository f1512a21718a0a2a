"""Our own Message-IDs: each carries the id of its contact, so that an answer finds its way back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

_OURS = re.compile(r"<[0-9a-f]{24}\.(?P<contact>[A-Za-z0-9-]{1,32})@(?P<host>[^<>@\s]+)>")


def our_message_id(contact_id: str, effect_key: str, host: str) -> str:
    """The Message-ID of what an effect sends: the same when it is tried again, and unique to it."""
    return f"<{sha256(effect_key.encode()).hexdigest()[:24]}.{contact_id}@{host}>"


def contact_in(message_ids: Iterable[str], host: str) -> str | None:
    """The contact of the first of these Message-IDs that is ours."""
    for message_id in message_ids:
        ours = _OURS.fullmatch(message_id)
        if ours and ours["host"].lower() == host.lower():
            return ours["contact"]
    return None


def nearest_first(in_reply_to: Iterable[str], references: Iterable[str]) -> tuple[str, ...]:
    """The Message-IDs that an e-mail answers: In-Reply-To, then References from newest to oldest, each once."""
    return tuple(dict.fromkeys([*in_reply_to, *reversed(list(references))]))
